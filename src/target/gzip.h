/* SPDX-License-Identifier: MIT
 * gzip (RFC 1952), both ways: what --compress sends, and what `check --deep` gets. */
#ifndef TARGET_GZIP_H
#define TARGET_GZIP_H

#include "os/os.h"

/* What is packed: a slice of an open file. */
struct gzip_source {
	os_file file;
	uint64_t offset, size;  /* bytes */
	const uint8_t *sha256;  /* 32 bytes: a slice that does not have it has changed; NULL: any */
	bool even_larger;       /* packs also what becomes no smaller */
};

/* Packed bytes: in memory while all that there are fit into GZIP_MEMORY_BYTES_MAX together,
 * else in a file without a name. */
struct gzipped {
	uint8_t *memory;     /* NULL: they are in the file */
	os_file file;        /* from its start; OS_NO_FILE: they are in memory */
	size_t room;         /* bytes of `memory` */
	uint64_t size;       /* bytes */
	uint64_t plain;      /* bytes that were read for it */
	uint8_t sha256[32];  /* of the packed bytes */
};

void gzipped_release(struct gzipped *g);

/* Packs a slice; the same bytes give the same bytes. SYM_TOO_BIG: packing makes it no
 * smaller, so that it is best sent as it is; SYM_CHANGED, SYM_CANCELLED, SYM_IO, SYM_NOMEM. On
 * success gzipped_release is due. */
enum sym_status gzip_slice(const struct gzip_source *from, struct gzipped *out,
			   struct sym_err *err) MUST_CHECK;

/* The same bytes in pieces, packed when they are asked for. Some 400 KiB of memory. Borrows
 * the file and the hash. NULL when out of memory. */
struct gzip_stream *gzip_open(const struct gzip_source *from);
void gzip_close(struct gzip_stream *g); /* NULL is fine */

/* The next `most` bytes, or those up to the end. Statuses as gzip_slice: SYM_TOO_BIG as soon
 * as all pieces together are no smaller than the slice. After a failure only gzip_close. */
enum sym_status gzip_next(struct gzip_stream *g, uint64_t most, struct gzipped *out,
			  struct sym_err *err) MUST_CHECK;

/* Was that the last piece? */
bool gzip_ended(const struct gzip_stream *g);

/* Are the pieces so far smaller than what was read for them, for certain? */
bool gzip_gains(const struct gzip_stream *g);

/* The CRC-32 of `size` bytes of a file, or of as many as there are, as gzip and .gnu_debuglink have it
 * (ISO 3309). SYM_IO, SYM_NOMEM, SYM_CANCELLED. */
enum sym_status gzip_crc32(os_file file, uint64_t offset, uint64_t size, uint32_t *out,
			   struct sym_err *err) MUST_CHECK;

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

/* Forgets all that came. False: out of memory; then only gunzip_free may follow. */
bool gunzip_restart(struct gunzip *g) MUST_CHECK;

/* Takes the next bytes. Bytes that are no gzip are no error: they are only hashed. */
void gunzip_feed(struct gunzip *g, const void *bytes, size_t size);

/* Says what came; only gunzip_restart and gunzip_free may follow. */
void gunzip_end(struct gunzip *g, struct gunzipped *out);

#endif
