/* SPDX-License-Identifier: MIT
 * MSF 7.00, the container of PDB files: numbered streams, each a list of blocks
 * that may lie anywhere in the file. Nothing is loaded: every read goes through
 * the block lists to the few bytes that are wanted, so that a PDB of any size
 * costs the same handful of reads. */
#ifndef FORMAT_MSF_H
#define FORMAT_MSF_H

#include "base/blob.h"

struct msf {
	struct blob *blob;   /* borrowed */
	uint32_t block_size; /* bytes */
	uint32_t directory_bytes;
	uint64_t directory_at; /* its first byte, from the start of the file */
	uint32_t streams;      /* how many there are, deleted ones too */
};

struct msf_stream {
	uint32_t size;      /* bytes; 0 for a missing or deleted stream */
	uint64_t size_at;   /* where the size stands, bytes from the start of the file */
	uint64_t blocks_at; /* its list of block numbers, bytes from the start of the directory */
};

/* Reads the superblock. SYM_NOT_MINE, SYM_MALFORMED, SYM_TOO_BIG, SYM_IO. */
enum sym_status msf_open(struct msf *msf, struct blob *blob, struct sym_err *err) MUST_CHECK;

/* Finds stream `number`; one that the file does not have is empty. The cost grows with
 * the number: meant for the fixed streams at the front. SYM_MALFORMED, SYM_IO. */
enum sym_status msf_find_stream(struct msf *msf, uint32_t number, struct msf_stream *out,
				struct sym_err *err) MUST_CHECK;

/* Where byte `offset` of a stream lies in the file. `what` names the stream in an error.
 * SYM_MALFORMED where a block lies outside the file; SYM_IO. */
enum sym_status msf_locate(struct msf *msf, const struct msf_stream *stream, const char *what,
			   uint64_t offset, uint64_t *at, struct sym_err *err) MUST_CHECK;

/* Copies [offset, offset + n) of a stream to `to`. SYM_MALFORMED where that
 * reaches beyond the stream, or its blocks lie outside the file; SYM_IO. */
enum sym_status msf_read(struct msf *msf, const struct msf_stream *stream, const char *what,
			 uint64_t offset, void *to, size_t n, struct sym_err *err) MUST_CHECK;

#endif
