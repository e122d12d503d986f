/* SPDX-License-Identifier: MIT
 * gzip (RFC 1952), both ways: what --compress sends, and what `check --deep` gets. */
#ifndef TARGET_GZIP_H
#define TARGET_GZIP_H

#include "os/os.h"

/* A packed slice: small ones in memory, others in a file without a name. */
struct gzipped {
	uint8_t *memory;     /* NULL: it is in the file */
	os_file file;        /* from its start; OS_NO_FILE: it is in memory */
	uint64_t size;       /* bytes */
	uint8_t sha256[32];  /* of the packed bytes */
};

/* Packs [offset, offset + size) of `from`; the same bytes give the same bytes. A few
 * hundred KiB of memory while it works, at most GZIP_MEMORY_BYTES_MAX in the result.
 * SYM_TOO_BIG: packing makes it no smaller, so that it is best sent as it is; SYM_CHANGED:
 * the file ends early; SYM_IO, SYM_NOMEM. On success gzipped_release is due. */
enum sym_status gzip_slice(os_file from, uint64_t offset, uint64_t size, struct gzipped *out,
			   struct sym_err *err) MUST_CHECK;

/* The same, but packs also what becomes no smaller. `stopped` (NULL: never) is asked now and
 * then; SYM_CANCELLED where it says so. */
enum sym_status gzip_whole(os_file from, uint64_t offset, uint64_t size, bool (*stopped)(void),
			   struct gzipped *out, struct sym_err *err) MUST_CHECK;
void gzipped_release(struct gzipped *g);

/* The CRC-32 of a whole file, as gzip and .gnu_debuglink have it (ISO 3309). SYM_IO, SYM_NOMEM. */
enum sym_status gzip_crc32(os_file file, uint32_t *out, struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------------ unpacking -- */

/* What bytes are that come in pieces, as they stand and unpacked. */
struct gunzip;

/* What came. `unpacked` where all of it was one gzip stream (or several in a row). */
struct gunzipped {
	uint64_t size;       /* bytes, as they came */
	uint8_t sha256[32];
	bool unpacked;
	uint64_t plain_size;
	uint8_t plain_sha256[32];
};

struct gunzip *gunzip_new(void); /* NULL when out of memory */
void gunzip_free(struct gunzip *g); /* NULL is fine */

/* Forgets all that came. */
void gunzip_restart(struct gunzip *g);

/* Takes the next bytes. Bytes that are no gzip are no error: they are only hashed. */
void gunzip_feed(struct gunzip *g, const void *bytes, size_t size);

/* Says what came; only gunzip_restart and gunzip_free may follow. */
void gunzip_end(struct gunzip *g, struct gunzipped *out);

#endif
