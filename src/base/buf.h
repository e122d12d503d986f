/* SPDX-License-Identifier: MIT
 * Owned bytes that grow, but never past a maximum that is named at the start. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/def.h"

/* Zero-initialised plus a maximum is ready for use: struct buf b = BUF_MAX(4096);
 * After a failed append `failed` stays set and later appends do nothing, so one
 * check at the end is enough. `data` is always NUL-terminated once used. */
struct buf {
	char *data;
	size_t size;  /* bytes in use, without the NUL */
	size_t room;
	size_t max;   /* bytes */
	bool failed;  /* out of memory, or past `max` */
};

#define BUF_MAX(bytes) {.max = (bytes)}

void buf_release(struct buf *b);            /* frees; ready for use again */
void buf_forget(struct buf *b);             /* the same of a secret, which is overwritten */
void buf_clear(struct buf *b);              /* empties, keeps the memory */
void buf_cut(struct buf *b, size_t size);   /* drops what stands behind its first `size` bytes */
void buf_reserve(struct buf *b, size_t n);  /* room for so many bytes more at once, within the maximum */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
/* Adds, but keeps only the last `max` bytes of all that was added; never fails for their number. */
void buf_add_tail(struct buf *b, const void *bytes, size_t n);
/* Adds text as it stands in an address: %XX for every byte that is neither unreserved (text.h)
 * nor one of `also`. */
void buf_add_encoded(struct buf *b, const char *text, size_t n, const char *also);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
