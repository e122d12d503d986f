/* SPDX-License-Identifier: MIT
 * Writes JSON without blanks, straight into a buffer: each call adds its piece of text. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

/* A text that is being written: struct json j = {.out = buf}; Commas are added as needed.
 * The caller closes what it opened, in order. */
struct json {
	struct buf *out; /* borrowed */
	bool comma;      /* the next value or name needs a comma before it */
};

void json_open(struct json *j, char bracket);  /* `{` or `[` */
void json_close(struct json *j, char bracket); /* `}` or `]` */

/* A member's name, which needs no escaping; its value follows. */
void json_name(struct json *j, const char *name);

/* A string; U+FFFD stands for each byte that is not UTF-8. */
void json_text(struct json *j, const char *text);
void json_number(struct json *j, uint64_t number);

/* A member: name and value. One whose text is NULL or empty is left out. */
void json_set_text(struct json *j, const char *name, const char *text);
void json_set_number(struct json *j, const char *name, uint64_t number);
void json_set_true(struct json *j, const char *name);

#endif
