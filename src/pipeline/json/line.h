/* SPDX-License-Identifier: MIT
 * What the JSON lines have in common: how one begins and ends, and the members that several of
 * them have. */
#ifndef PIPELINE_JSON_LINE_H
#define PIPELINE_JSON_LINE_H

#include "base/json.h"
#include "target/target.h"

/* An object, which goes to `out` as it is said; and its end, with the newline. */
struct json json_line_open(struct buf *out);
void json_line_close(struct json *j);

/* "path", and "path_base64" where its bytes are not UTF-8. */
void json_set_path(struct json *j, const char *path);

/* "path" and "member", which may be NULL. Of a file in an archive, whose own path is the first
 * `archive_len` bytes of `path`: the archive's, and behind it the file's. */
void json_set_source(struct json *j, const char *path, size_t archive_len, const char *member);

/* What is wrong, as the member `name`: an object with a code, a message, and the offset. */
void json_set_error(struct json *j, const char *name, const struct sym_err *err);

/* "reader": the list of those in the mask (bit i: key_readers[i]). */
void json_set_readers(struct json *j, unsigned mask);

/* One path of a target: "key", who asks for it, and what became of it. */
void json_set_outcome(struct json *j, const struct parcel_path *at);

/* An item of "wants": a file that another one names. `crc32` may be NULL. */
void json_add_want(struct json *j, const char *name, const struct sym_debug_id *debug,
		   const uint32_t *crc32);

void json_set_seconds(struct json *j, uint64_t milliseconds);

#endif
