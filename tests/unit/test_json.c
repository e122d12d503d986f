/* SPDX-License-Identifier: MIT
 * Proves that what json.h writes is JSON, whatever the text. */
#include "base/json.h"
#include "tap.h"

static void is_written(const char *text, const char *want, const char *what)
{
	struct buf out = BUF_MAX(256);
	struct json j = {.out = &out};

	json_text(&j, text);
	is_str(out.data, want, "%s", what);
	buf_release(&out);
}

static void test_texts(void)
{
	is_written("", "\"\"", "an empty text is a string");
	is_written("a/b c~", "\"a/b c~\"", "plain text stays");
	is_written("\"\\", "\"\\\"\\\\\"", "quotes and backslashes are escaped");
	is_written("\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"", "control characters with a letter get it");
	is_written("\x01\x1f\x7f", "\"\\u0001\\u001F\x7f\"", "other control characters get their number");
	is_written("z\xc3\xa4\xf0\x9f\x90\x9f", "\"z\xc3\xa4\xf0\x9f\x90\x9f\"", "UTF-8 stays");
	is_written("a\xff" "b\xc3", "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\"",
		   "each byte that is not UTF-8 becomes U+FFFD");
}

static void test_structure(void)
{
	struct buf out = BUF_MAX(256);
	struct json j = {.out = &out};

	json_open(&j, '{');
	json_set_text(&j, "a", "x");
	json_set_text(&j, "left out", "");
	json_set_text(&j, "left out", NULL);
	json_name(&j, "b");
	json_open(&j, '[');
	json_close(&j, ']');
	json_name(&j, "c");
	json_open(&j, '[');
	json_number(&j, UINT64_MAX);
	json_open(&j, '{');
	json_close(&j, '}');
	json_text(&j, "y");
	json_close(&j, ']');
	json_set_number(&j, "d", 0);
	json_close(&j, '}');
	is_str(out.data, "{\"a\":\"x\",\"b\":[],\"c\":[18446744073709551615,{},\"y\"],\"d\":0}",
	       "commas stand between values, and nowhere else");
	buf_release(&out);
}

int main(void)
{
	test_texts();
	test_structure();
	return done();
}
