/* SPDX-License-Identifier: MIT
 * Single values out of JSON that others wrote: answers of servers, credentials, package.json. */
#ifndef TARGET_JSON_READ_H
#define TARGET_JSON_READ_H

#include "sym.h"

#include "base/def.h"

/* A value to look for: "AccessKeyId", or "roleCredentials.accessKeyId" in an inner object. */
struct json_want {
	const char *name;
	char **text; /* the value as text; stays NULL where there is none. To free */
};

/* Reads an object's strings and numbers; `text` may be NULL where `size` is 0. SYM_MALFORMED where it is none,
 * with the line, but without a word of it: it may hold secrets. SYM_NOMEM. */
enum sym_status json_read(const char *text, size_t size, const struct json_want *wants,
			  size_t count, struct sym_err *err) MUST_CHECK;

/* The first string of this name, however deep it stands. To free; NULL: there is none, or the text
 * is no JSON. */
char *json_find_text(const char *text, size_t size, const char *name);

#endif
