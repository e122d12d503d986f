/* SPDX-License-Identifier: MIT
 * The bytes of an archive or a cabinet, as libarchive reads them. */
#ifndef SOURCE_PACKED_H
#define SOURCE_PACKED_H

#include "base/blob.h"
#include "base/def.h"

struct archive;

struct packed {
	blob_read_fn *read;
	void *ctx;              /* borrowed, given to `read` */
	uint64_t size, at;      /* bytes */
	bool forward;           /* `read` can only go on */
	struct sym_err *err;    /* gets what is wrong; the caller's, of this call */
	enum sym_status status; /* of the first read that failed */
	char piece[64 << 10];
};

/* Has libarchive read from `p`, which stays where it is for as long. libarchive's answer. */
int packed_open(struct packed *p, struct archive *a) MUST_CHECK;

/* What libarchive complains of, behind `what`: SYM_MALFORMED; or why the bytes could not be read. */
enum sym_status packed_complaint(const struct packed *p, struct archive *a, const char *what);

#endif
