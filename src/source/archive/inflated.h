/* SPDX-License-Identifier: MIT
 * Deflated bytes, unpacked as they are asked for: libarchive looks at no checksum of gzip's, and at no zlib. */
#ifndef SOURCE_INFLATED_H
#define SOURCE_INFLATED_H

#include "base/blob.h"
#include "source/inflate.h"

struct inflated;

/* Unpacks the `size` bytes that `read` delivers. NULL when out of memory. */
struct inflated *inflated_new(enum inflate_frame frame, uint64_t size, blob_read_fn *read, void *ctx);
void inflated_free(struct inflated *in); /* NULL is fine */

/* The next `n` bytes, or fewer at the end, where every checksum was right. SYM_MALFORMED; what `read`
 * answers. After a failure only inflated_free. */
enum sym_status inflated_read(struct inflated *in, void *to, size_t n, size_t *got, struct sym_err *err) MUST_CHECK;

#endif
