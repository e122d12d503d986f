/* SPDX-License-Identifier: MIT
 * Random-access bytes behind a few small windows. The same parser reads a file
 * of any size, a member of an archive and a fuzz input; memory stays flat, and
 * a file that is rewritten under us can do no worse than read oddly. */
#ifndef BASE_BLOB_H
#define BASE_BLOB_H

#include "base/limits.h"
#include "base/reader.h"
#include "sym.h"

/* Reads up to `n` bytes at `offset` into `to`; `*got` is how many (fewer only at the end). */
typedef enum sym_status blob_read_fn(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				     struct sym_err *err);

/* How a part of a file is packed, numbered as in ELF (ch_type). */
enum blob_packing { BLOB_ZLIB = 1, BLOB_ZSTD = 2 };

struct blob;

/* Unpacks into `to` the first `n` bytes of what is packed at [offset, offset + size), which lies in the file;
 * answers how many there are: 0 where it is damaged, or packed in another way. */
typedef size_t blob_unpack_fn(struct blob *b, enum blob_packing how, uint64_t offset, uint64_t size, void *to,
			      size_t n);

struct blob_window {
	uint64_t offset; /* bytes from the start of the file */
	size_t size;     /* bytes in use; 0 = empty */
	unsigned used;   /* when it was last looked at, in views */
	uint8_t bytes[BLOB_WINDOW_BYTES];
};

/* Big (windows inside): one per worker, opened anew for each file. The first
 * failure sticks; views after it are bad. */
struct blob {
	uint64_t size;        /* bytes */
	blob_read_fn *read;
	void *ctx;            /* borrowed, given to `read` */
	blob_unpack_fn *unpack; /* NULL after opening: unpacking takes libraries, which are a higher floor's */
	unsigned views;
	unsigned reads;       /* calls of `read`: what the bench counts */
	struct sym_err error; /* the first failure of `read` */
	struct blob_window windows[BLOB_WINDOWS];
};

/* Starts on `size` bytes that `read` delivers. Keeps nothing of what `b` held. */
void blob_open(struct blob *b, uint64_t size, blob_read_fn *read, void *ctx);

/* Starts on bytes in memory, borrowed until the next open. */
void blob_open_memory(struct blob *b, const void *bytes, size_t size);

/* A reader over [offset, offset + size), at most BLOB_WINDOW_BYTES, valid until
 * BLOB_WINDOWS further views. Outside the file, cut short, or unreadable: a
 * reader that is bad from the start. */
struct reader blob_view(struct blob *b, uint64_t offset, uint64_t size);

/* The same, but cut at the file's end: whatever of [offset, offset + size) there is. */
struct reader blob_view_some(struct blob *b, uint64_t offset, uint64_t size);

/* Do these `n` bytes stand at `offset`? */
bool blob_has(struct blob *b, uint64_t offset, const void *bytes, size_t n);

/* What a parser says when `r` went bad: SYM_IO where reading failed, else
 * SYM_MALFORMED "`what` is cut short" with the offset. */
enum sym_status blob_verdict(const struct blob *b, const struct reader *r, const char *what,
			     struct sym_err *err);

#endif
