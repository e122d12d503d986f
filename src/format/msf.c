/* SPDX-License-Identifier: MIT
 * MSF 7.00:
 *
 *   0    "Microsoft C/C++ MSF 7.00\r\n\x1A" "DS\0\0\0"
 *   32   u32 block size, free block map, number of blocks, directory bytes, 0
 *   52   u32[]: blocks of the block map (LLVM calls the first BlockMapAddr)
 *
 * The block map lists the directory's blocks; the directory is the number of
 * streams, the size of each (-1: deleted), then the blocks of each one after
 * the other. Every access is held against the file's length, whatever the number of
 * blocks; but a file that has not as many was cut.
 *
 * Layout: Microsoft's microsoft-pdb sources and LLVM's "The MSF File Format". */
#include "format/msf.h"

#include "base/err.h"

#include <string.h>

enum {
	SUPERBLOCK_BYTES = 56, /* with the first entry of the array */
	BLOCK_MAP_LIST = 52,
	STREAM_SIZES = 4, /* from the start of the directory */
	PAGE_BYTES = 4096,
};

#define STREAM_DELETED 0xFFFFFFFFu

static const char directory[] = "the stream directory";
static const char magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1A"
			      "DS\0\0";

/* `n` bytes at `at`, which the caller keeps within one page: whole pages are
 * viewed, so that what lies nearby costs no further read. */
static struct reader view_page(struct msf *msf, uint64_t at, size_t n)
{
	struct reader r = blob_view_some(msf->blob, at - at % PAGE_BYTES, PAGE_BYTES);

	reader_seek(&r, (size_t)(at % PAGE_BYTES));
	if (!r.bad && n > reader_left(&r)) {
		r.bad = true;
		r.bad_at = at;
	}
	return r;
}

/* The u32 at `at`. Every list in an MSF is aligned to 4, so that none crosses a page. */
static enum sym_status number_at(struct msf *msf, uint64_t at, const char *what, uint32_t *out,
				 struct sym_err *err)
{
	struct reader r = view_page(msf, at, 4);

	*out = reader_u32(&r);
	return r.bad ? blob_verdict(msf->blob, &r, what, err) : SYM_OK;
}

/* The block number that stands at `at`, as the offset of its block. */
static enum sym_status block_named_at(struct msf *msf, uint64_t at, const char *what,
				      uint64_t *offset, struct sym_err *err)
{
	uint32_t block;
	enum sym_status status = number_at(msf, at, what, &block, err);

	if (status != SYM_OK)
		return status;
	*offset = (uint64_t)block * msf->block_size;
	if (*offset >= msf->blob->size)
		return err_at(err, SYM_MALFORMED, at, "%s: block %u lies outside the file", what,
			      (unsigned)block);
	return SYM_OK;
}

/* Where byte `offset` of the directory lies in the file. */
static enum sym_status locate_in_directory(struct msf *msf, uint64_t offset, uint64_t *at,
					   struct sym_err *err)
{
	uint64_t entry = offset / msf->block_size * 4; /* in the block map */
	uint64_t map, block;
	enum sym_status status;

	status = block_named_at(msf, BLOCK_MAP_LIST + entry / msf->block_size * 4,
				"the stream directory's block map", &map, err);
	if (status != SYM_OK)
		return status;
	status = block_named_at(msf, map + entry % msf->block_size, directory, &block, err);
	if (status != SYM_OK)
		return status;
	*at = block + offset % msf->block_size;
	return SYM_OK;
}

static enum sym_status check_superblock(struct msf *msf, uint32_t blocks, struct sym_err *err)
{
	uint32_t size = msf->block_size;

	if (size < MSF_BLOCK_MIN || size > MSF_BLOCK_MAX || (size & (size - 1)) != 0)
		return err_at(err, SYM_MALFORMED, 32,
			      "the block size is %u, not a power of two from 512 to 65536",
			      (unsigned)size);
	if ((uint64_t)blocks * size > msf->blob->size)
		return err_at(err, SYM_MALFORMED, 40, "the file is cut short: it should have %u blocks of %u bytes",
			      (unsigned)blocks, (unsigned)size);
	if (msf->directory_bytes > msf->blob->size)
		return err_at(err, SYM_MALFORMED, 44,
			      "the stream directory is larger than the file");
	if (msf->directory_bytes > MSF_DIRECTORY_BYTES_MAX)
		return err_at(err, SYM_TOO_BIG, 44,
			      "the stream directory has %u bytes, more than %u",
			      (unsigned)msf->directory_bytes, (unsigned)MSF_DIRECTORY_BYTES_MAX);
	if (msf->directory_bytes < STREAM_SIZES)
		return err_at(err, SYM_MALFORMED, 44, "the stream directory is empty");
	return SYM_OK;
}

enum sym_status msf_open(struct msf *msf, struct blob *blob, struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, SUPERBLOCK_BYTES);
	const uint8_t *head = reader_bytes(&r, sizeof magic);
	enum sym_status status;
	uint32_t blocks;

	if (!head || memcmp(head, magic, sizeof magic) != 0)
		return SYM_NOT_MINE;
	msf->blob = blob;
	msf->block_size = reader_u32(&r);
	reader_skip(&r, 4); /* FreeBlockMap */
	blocks = reader_u32(&r);
	msf->directory_bytes = reader_u32(&r);
	reader_skip(&r, 8); /* reserved, BlockMapAddr */
	if (r.bad)
		return blob_verdict(blob, &r, "the superblock", err);
	status = check_superblock(msf, blocks, err);
	if (status == SYM_OK)
		status = locate_in_directory(msf, 0, &msf->directory_at, err);
	if (status == SYM_OK)
		status = number_at(msf, msf->directory_at, directory, &msf->streams, err);
	if (status != SYM_OK)
		return status;
	if (msf->streams > msf->directory_bytes / 4 - 1)
		return err_at(err, SYM_MALFORMED, msf->directory_at,
			      "%u streams do not fit into the stream directory",
			      (unsigned)msf->streams);
	return SYM_OK;
}

/* Blocks that a stream of `size` bytes (-1: deleted) occupies. */
static uint64_t blocks_of(const struct msf *msf, uint32_t size)
{
	return size == STREAM_DELETED ? 0 : units_of(size, msf->block_size);
}

enum sym_status msf_find_stream(struct msf *msf, uint32_t number, struct msf_stream *out,
				struct sym_err *err)
{
	uint64_t lists = STREAM_SIZES + 4 * (uint64_t)msf->streams;
	uint32_t size = 0;

	*out = (struct msf_stream){.size_at = msf->directory_at};
	if (number >= msf->streams)
		return SYM_OK;
	for (uint32_t i = 0; i <= number; i++) {
		enum sym_status status = locate_in_directory(msf, STREAM_SIZES + 4 * (uint64_t)i,
							     &out->size_at, err);

		lists += 4 * blocks_of(msf, size);
		if (status == SYM_OK)
			status = number_at(msf, out->size_at, directory, &size, err);
		if (status != SYM_OK)
			return status;
	}
	if (!range_ok(lists, 4 * blocks_of(msf, size), msf->directory_bytes))
		return err_at(err, SYM_MALFORMED, out->size_at,
			      "the blocks of stream %u reach beyond the stream directory",
			      (unsigned)number);
	out->size = size == STREAM_DELETED ? 0 : size;
	out->blocks_at = lists;
	return SYM_OK;
}

enum sym_status msf_locate(struct msf *msf, const struct msf_stream *stream, const char *what,
			   uint64_t offset, uint64_t *at, struct sym_err *err)
{
	uint64_t list = stream->blocks_at + offset / msf->block_size * 4;
	uint64_t block;
	enum sym_status status = locate_in_directory(msf, list, &block, err);

	if (status == SYM_OK)
		status = block_named_at(msf, block, what, &block, err);
	if (status != SYM_OK)
		return status;
	*at = block + offset % msf->block_size;
	return SYM_OK;
}

/* Copies what one page of one block holds of [offset, offset + *n); `*n` becomes its length. */
static enum sym_status read_piece(struct msf *msf, const struct msf_stream *stream,
				  const char *what, uint64_t offset, void *to, size_t *n,
				  struct sym_err *err)
{
	uint64_t at;
	struct reader r;
	const uint8_t *bytes;
	enum sym_status status = msf_locate(msf, stream, what, offset, &at, err);

	if (status != SYM_OK)
		return status;
	*n = (size_t)min_u64(
		*n, min_u64(msf->block_size - at % msf->block_size, PAGE_BYTES - at % PAGE_BYTES));
	r = view_page(msf, at, *n);
	bytes = reader_bytes(&r, *n);
	if (!bytes)
		return blob_verdict(msf->blob, &r, what, err);
	memcpy(to, bytes, *n);
	return SYM_OK;
}

enum sym_status msf_read(struct msf *msf, const struct msf_stream *stream, const char *what,
			 uint64_t offset, void *to, size_t n, struct sym_err *err)
{
	uint8_t *out = to;

	if (!range_ok(offset, n, stream->size))
		return err_at(err, SYM_MALFORMED, stream->size_at, "%s is cut short", what);
	while (n > 0) {
		size_t piece = n;
		enum sym_status status = read_piece(msf, stream, what, offset, out, &piece, err);

		if (status != SYM_OK)
			return status;
		out += piece;
		offset += piece;
		n -= piece;
	}
	return SYM_OK;
}
