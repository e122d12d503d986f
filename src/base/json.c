/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static void put_comma(struct json *j)
{
	if (j->comma)
		buf_add_char(j->out, ',');
	j->comma = true;
}

void json_open(struct json *j, char bracket)
{
	put_comma(j);
	buf_add_char(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	buf_add_char(j->out, bracket);
	j->comma = true;
}

void json_name(struct json *j, const char *name)
{
	put_comma(j);
	buf_add_char(j->out, '"');
	buf_add_text(j->out, name);
	buf_add(j->out, "\":", 2);
	j->comma = false;
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '#';
}

/* One character that is not plain; answers how many bytes of `text` it was. */
static size_t put_other(struct buf *out, const char *text, size_t len)
{
	static const char letters[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
					 ['\r'] = 'r'};
	unsigned char c = (unsigned char)*text;
	char letter = c == '"' || c == '\\' ? *text : c < sizeof letters ? letters[c] : '\0';
	size_t n = text_utf8_len(text, len);

	if (letter) {
		buf_add_char(out, '\\');
		buf_add_char(out, letter);
	} else if (c < ' ' || text_is_log_command(text, len)) {
		buf_printf(out, "\\u%04X", c);
	} else {
		buf_add(out, n ? text : "\xef\xbf\xbd", n ? n : 3);
	}
	return n ? n : 1;
}

void json_text(struct json *j, const char *text)
{
	size_t len = strlen(text);

	put_comma(j);
	buf_add_char(j->out, '"');
	while (len > 0) {
		size_t n = 0;

		while (n < len && is_plain(text[n]))
			n++;
		buf_add(j->out, text, n);
		if (n < len)
			n += put_other(j->out, text + n, len - n);
		text += n;
		len -= n;
	}
	buf_add_char(j->out, '"');
}

void json_number(struct json *j, uint64_t number)
{
	put_comma(j);
	buf_printf(j->out, "%" PRIu64, number);
}

void json_set_text(struct json *j, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	json_name(j, name);
	json_text(j, text);
}

void json_set_number(struct json *j, const char *name, uint64_t number)
{
	json_name(j, name);
	json_number(j, number);
}

void json_set_true(struct json *j, const char *name)
{
	json_name(j, name);
	put_comma(j);
	buf_add_text(j->out, "true");
}
