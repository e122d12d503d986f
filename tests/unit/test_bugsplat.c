/* SPDX-License-Identifier: MIT
 * What is sent to BugSplat, letter by letter: times and sizes as JavaScript writes them,
 * forms as browsers send them, and the address of the service. */
#include "target/bugsplat/bugsplat.h"

#include "tap.h"

#include <string.h>

#define S 1000000000ll

static void test_times(void)
{
	static const struct {
		int64_t ns;
		const char *iso, *text;
	} rows[] = {
		{1795396997 * S + 20 * 1000000, "2026-11-23T01:23:17.020Z",
		 "Mon Nov 23 2026 01:23:17 GMT+0000 (Coordinated Universal Time)"},
		{0, "1970-01-01T00:00:00.000Z", "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"},
		{951782400 * S, "2000-02-29T00:00:00.000Z",
		 "Tue Feb 29 2000 00:00:00 GMT+0000 (Coordinated Universal Time)"},
		{4107542400 * S, "2100-03-01T00:00:00.000Z",
		 "Mon Mar 01 2100 00:00:00 GMT+0000 (Coordinated Universal Time)"},
		{-1, "1970-01-01T00:00:00.000Z", "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"},
		{-S, "1969-12-31T23:59:59.000Z", "Wed Dec 31 1969 23:59:59 GMT+0000 (Coordinated Universal Time)"},
		{S - 500000, "1970-01-01T00:00:01.000Z",
		 "Thu Jan 01 1970 00:00:01 GMT+0000 (Coordinated Universal Time)"},
	};
	char iso[BUGSPLAT_TIME_MAX], text[BUGSPLAT_TIME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bugsplat_time_iso(rows[i].ns, iso);
		bugsplat_time_text(rows[i].ns, text);
		is_str(iso, rows[i].iso, "%lld ns as ISO 8601", (long long)rows[i].ns);
		is_str(text, rows[i].text, "and as the text of a Date");
	}
}

static void test_form(void)
{
	struct bugsplat_form form = {.count = 2, .at = {{"database", "β"}, {"appName", "a\nb\r\nc\rd"}}};
	struct buf out = BUF_MAX(4096);

	bugsplat_form_body(&form, "B", &out);
	is_str(out.data,
	       "--B\r\nContent-Disposition: form-data; name=\"database\"\r\n\r\nβ\r\n"
	       "--B\r\nContent-Disposition: form-data; name=\"appName\"\r\n\r\na\r\nb\r\nc\r\nd\r\n--B--\r\n",
	       "a form's fields in their order, line breaks as CR LF");
	buf_release(&out);
}

static void test_origin(void)
{
	static const struct {
		const char *host, *origin; /* NULL: refused */
	} rows[] = {
		{"https://api.bugsplat.com", "https://api.bugsplat.com"},
		{"http://127.0.0.1:80/a?b", "http://127.0.0.1:80"},
		{"api.bugsplat.com", NULL},
		{"https://", NULL},
		{"https://me:secret@host/", NULL},
		{"ftp://host", NULL},
	};
	char origin[BUGSPLAT_ORIGIN_MAX];
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool good = bugsplat_origin(rows[i].host, origin, &err) == SYM_OK;

		ok(good == (rows[i].origin != NULL), "%s is %s", rows[i].host, good ? "taken" : "refused");
		if (good && rows[i].origin)
			is_str(origin, rows[i].origin, "without its path");
		else
			ok(!strstr(err.text, "secret"), "and its password is not told");
	}
}

static void test_sizes(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1 kB"}, {77824, "77.8 kB"},
		    {999999, "1 MB"}, {1234567, "1.23 MB"}, {4ull << 30, "4.29 GB"}};
	char text[BUGSPLAT_SIZE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bugsplat_size_text(rows[i].bytes, text);
		is_str(text, rows[i].text, "%llu bytes for people", (unsigned long long)rows[i].bytes);
	}
}

static void test_answers(void)
{
	static const char body[] = "{\"Status\":\"Failed\",\"Error\":\"busy\",\"expires_in\":60}";
	struct bugsplat_answer a;

	bugsplat_answer_read(body, sizeof body - 1, &a);
	ok(a.is_json && a.failed && !a.url, "a failure is known");
	is_str(a.message, "busy", "with its words");
	is_u64(a.expires_s, 60, "and a token's time");
	bugsplat_answer_release(&a);
	bugsplat_answer_read("<html>", 6, &a);
	ok(!a.is_json && !a.failed && !a.message, "a page is no answer");
	bugsplat_answer_release(&a);
	bugsplat_answer_read(NULL, 0, &a);
	ok(!a.is_json, "neither is nothing");
	bugsplat_answer_release(&a);
}

int main(void)
{
	test_times();
	test_form();
	test_origin();
	test_sizes();
	test_answers();
	return done();
}
