/* SPDX-License-Identifier: MIT
 * Proves: single values are found in JSON that others wrote, and what is said of broken JSON
 * quotes nothing of it. */
#include "target/json_read.h"
#include "base/def.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static void test_members(void)
{
	static const char text[] = "{\"id\":\"a\",\"inner\":{\"id\":\"b\"},\"whole\":7,\"part\":1.5,\"on\":true}";
	char *id = NULL, *inner = NULL, *whole = NULL, *part = NULL, *on = NULL, *none = NULL;
	const struct json_want wants[] = {{"id", &id}, {"inner.id", &inner}, {"whole", &whole},
					  {"part", &part}, {"on", &on}, {"none", &none}};
	struct sym_err err;

	ok(json_read(text, sizeof text - 1, wants, ARRAY_LEN(wants), &err) == SYM_OK, "an object is read");
	ok(id && strcmp(id, "a") == 0, "a string");
	ok(inner && strcmp(inner, "b") == 0, "one of an inner object");
	ok(whole && strcmp(whole, "7") == 0 && part && strcmp(part, "1.5") == 0, "numbers, as text");
	ok(!on && !none, "neither what is no text, nor what is not there");
	free(id);
	free(inner);
	free(whole);
	free(part);
}

static void test_broken(void)
{
	static const char text[] = "{\"token\":\n\"secret\" oops}";
	char *token = NULL;
	const struct json_want want = {"token", &token};
	struct sym_err err;

	ok(json_read(text, sizeof text - 1, &want, 1, &err) == SYM_MALFORMED && strstr(err.text, "line 2") &&
		   !strstr(err.text, "secret") && !strstr(err.text, "oops"),
	   "broken JSON: its line is told, and no word of it");
	ok(json_read("[]", 2, &want, 1, &err) == SYM_MALFORMED && !token, "an array is no object");
	ok(json_read("", 0, &want, 1, &err) == SYM_MALFORMED, "nor is nothing");
}

static void test_anywhere(void)
{
	static const char text[] = "{\"errors\":[{\"status\":409,\"message\":\"No \\\"quota\\\" \\u00e9\"},"
				   "{\"message\":\"2\"}]}";
	char *found = json_find_text(text, sizeof text - 1, "message");

	ok(found && strcmp(found, "No \"quota\" \xc3\xa9") == 0, "the first of its name, however deep");
	free(found);
	ok(!json_find_text(text, sizeof text - 1, "status"), "a number is no text");
	ok(!json_find_text(text, 20, "message"), "nothing in half a text");
	ok(!json_find_text("", 0, "message"), "nothing in nothing");
}

int main(void)
{
	test_members();
	test_broken();
	test_anywhere();
	return done();
}
