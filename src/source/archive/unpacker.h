/* SPDX-License-Identifier: MIT
 * Archives, one file in them after the other, and files that are packed alone (x.sym.gz): what builds
 * and package systems hand symbols on in. A store's compressed files are source/archive/cabinet.h. */
#ifndef SOURCE_UNPACKER_H
#define SOURCE_UNPACKER_H

#include "base/blob.h"
#include "base/def.h"

/* Is a file with this head (its first bytes, as many as there are up to UNPACKER_HEAD_BYTES) one that
 * can be unpacked here? */
bool unpacker_knows(const void *head, size_t size);
#define UNPACKER_HEAD_BYTES 512u

struct unpacker;

/* Is all that is in it packed as one, as in a .tar.gz? Of that nothing is known to be right before the end
 * is reached; else each file has its own checksum, or none. */
bool unpacker_is_one(const struct unpacker *u);

/* Begins with the archive whose `size` bytes `read` delivers; `name` is its file's, without which a
 * file that is packed alone has none. SYM_MALFORMED, SYM_NOMEM, what `read` answers. On success
 * unpacker_close is due. */
enum sym_status unpacker_open(uint64_t size, blob_read_fn *read, void *ctx, const char *name,
			      struct unpacker **out, struct sym_err *err) MUST_CHECK;
void unpacker_close(struct unpacker *u);

/* Goes on to the next regular file, passing over links, and tells its path in the archive: with `/`,
 * without one at its beginning, else as it is written there, which may be hostile; valid until the next
 * call. NULL behind the last. SYM_MALFORMED: the archive is damaged or cut short; SYM_UNSUPPORTED; what
 * `read` answers. */
enum sym_status unpacker_next(struct unpacker *u, const char **path, struct sym_err *err) MUST_CHECK;

/* Unpacks the next `n` bytes of this file, or as many as it has left. SYM_MALFORMED: it is damaged,
 * or encrypted; the archive may go on behind it, as unpacker_next says. */
enum sym_status unpacker_read(struct unpacker *u, void *to, size_t n, size_t *got,
			      struct sym_err *err) MUST_CHECK;

#endif
