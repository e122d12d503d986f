/* SPDX-License-Identifier: MIT
 * A class is read once into two lists: what it names one by one, and the POSIX names
 * that Unicode only knows by what they are not. */
#include "source/class.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* The POSIX names as npm's minimatch reads them: Unicode categories. */
static const struct posix_name {
	const char *name;
	const char *set; /* for the inside of a PCRE2 class */
	bool outside;    /* matches what is not in `set` */
} posix_names[] = {
	{"[:alnum:]", "\\p{L}\\p{Nl}\\p{Nd}", false},
	{"[:alpha:]", "\\p{L}\\p{Nl}", false},
	{"[:ascii:]", "\\x00-\\x7f", false},
	{"[:blank:]", "\\p{Zs}\\t", false},
	{"[:cntrl:]", "\\p{Cc}", false},
	{"[:digit:]", "\\p{Nd}", false},
	{"[:graph:]", "\\p{Z}\\p{C}", true},
	{"[:lower:]", "\\p{Ll}", false},
	{"[:print:]", "\\p{C}", true},
	{"[:punct:]", "\\p{P}", false},
	{"[:space:]", "\\p{Z}\\t\\r\\n\\x0b\\x0c", false},
	{"[:upper:]", "\\p{Lu}", false},
	{"[:word:]", "\\p{L}\\p{Nl}\\p{Nd}\\p{Pc}", false},
	{"[:xdigit:]", "A-Fa-f0-9", false},
};

struct char_class {
	struct buf inside;  /* the inside of a PCRE2 class */
	unsigned members;   /* in `inside` */
	bool single;        /* the last member was one character … */
	uint32_t character; /* … this one */
	unsigned outside;   /* bits: rows of posix_names */
	bool negated;
	bool impossible; /* a range that ends in a class */
	size_t used;     /* bytes; 0: not closed */
};

/* The character at `at` of UTF-8 that has been checked. */
static uint32_t character_at(const char *text, size_t len, size_t *n)
{
	static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c;

	*n = text_utf8_len(text, len);
	c = (uint8_t)text[0] & lead[*n];
	for (size_t i = 1; i < *n; i++)
		c = c << 6 | ((uint8_t)text[i] & 0x3f);
	return c;
}

static size_t utf8_from(uint32_t c, char to[4])
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void add_character(struct char_class *c, uint32_t character)
{
	buf_printf(&c->inside, "\\x{%x}", (unsigned)character);
	c->single = true;
	c->character = character;
	c->members++;
}

/* A range that runs backwards is thrown away; the others still count. */
static void add_range(struct char_class *c, uint32_t first, uint32_t last)
{
	if (first == last) {
		add_character(c, first);
	} else if (first < last) {
		buf_printf(&c->inside, "\\x{%x}-\\x{%x}", (unsigned)first, (unsigned)last);
		c->single = false;
		c->members++;
	}
}

/* The row of the POSIX name at `text`, or NULL. */
static const struct posix_name *posix_name_at(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(posix_names); i++) {
		size_t n = strlen(posix_names[i].name);

		if (n <= len && memcmp(text, posix_names[i].name, n) == 0)
			return &posix_names[i];
	}
	return NULL;
}

static void add_posix_name(struct char_class *c, const struct posix_name *p, bool ignore_case)
{
	/* PCRE2 keeps \p{Lu} apart from \p{Ll} even where it ignores case. */
	bool any_case =
		ignore_case && (strcmp(p->set, "\\p{Lu}") == 0 || strcmp(p->set, "\\p{Ll}") == 0);

	if (p->outside) {
		c->outside |= 1u << (p - posix_names);
		return;
	}
	buf_add_text(&c->inside, any_case ? "\\p{L&}" : p->set);
	c->single = false;
	c->members++;
}

static void class_read(struct char_class *c, const char *text, size_t len, bool ignore_case)
{
	bool in_range = false, first = true;
	uint32_t range_start = 0;
	size_t i = 1;

	c->negated = i < len && (text[i] == '!' || text[i] == '^');
	for (i += c->negated; i < len; first = false) {
		const struct posix_name *posix = posix_name_at(text + i, len - i);
		uint32_t character;
		size_t n;

		if (text[i] == ']' && !first) {
			c->used = i + 1;
			return;
		}
		if (posix) {
			c->impossible |= in_range;
			add_posix_name(c, posix, ignore_case);
			i += strlen(posix->name);
			continue;
		}
		i += text[i] == '\\';
		if (i == len)
			return;
		character = character_at(text + i, len - i, &n);
		i += n;
		if (in_range) {
			add_range(c, range_start, character);
			in_range = false;
		} else if (i + 1 < len && text[i] == '-' && text[i + 1] != ']') {
			range_start = character;
			in_range = true;
			i++;
		} else {
			add_character(c, character);
		}
	}
}

enum class_kind class_kind(const char *text, size_t len, size_t *used, char single[4])
{
	struct char_class c = {.inside = BUF_MAX(GLOB_REGEX_BYTES_MAX)};
	enum class_kind kind = CLASS_WILD;

	class_read(&c, text, len, false);
	*used = c.used;
	if (c.used == 0) {
		kind = CLASS_NONE;
	} else if (!c.negated && !c.outside && !c.impossible && c.members == 1 && c.single) {
		memset(single, 0, 4);
		utf8_from(c.character, single);
		kind = CLASS_SINGLE;
	}
	buf_release(&c.inside);
	return kind;
}

enum sym_status class_regex(const char *text, size_t len, bool ignore_case, struct buf *out,
			    size_t *used, struct sym_err *err)
{
	struct char_class c = {.inside = BUF_MAX(GLOB_REGEX_BYTES_MAX)};
	enum sym_status status = SYM_OK;
	const char *bar = "";

	class_read(&c, text, len, ignore_case);
	*used = c.used;
	if (c.inside.failed)
		status = err_set(err, SYM_NOMEM, "out of memory");
	else if (c.used > 0 && (c.impossible || (c.members == 0 && !c.outside)))
		status = err_set(err, SYM_USAGE, "nothing can match its class %.*s", (int)c.used,
				 text);
	if (status != SYM_OK || c.used == 0)
		goto out;
	buf_add_text(out, c.negated ? "(?!" : "(?!/)(?:");
	if (c.members > 0) {
		buf_printf(out, "[%s]", c.inside.data);
		bar = "|";
	}
	for (size_t i = 0; i < ARRAY_LEN(posix_names); i++) {
		if (c.outside & 1u << i) {
			buf_printf(out, "%s[^%s]", bar, posix_names[i].set);
			bar = "|";
		}
	}
	buf_add_text(out, c.negated ? ")[^/]" : ")");
out:
	buf_release(&c.inside);
	return status;
}
