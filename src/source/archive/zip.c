/* SPDX-License-Identifier: MIT */
#include "source/archive/zip.h"

#include "base/err.h"
#include "base/reader.h"
#include "base/stop.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECE = 64 << 10,
	END_SIZE = 22,                          /* of the record at the end, without its comment */
	END_SIZE_MAX = END_SIZE + UINT16_MAX,   /* with it */
};

/* Where the archive goes. */
struct zip_out {
	os_file file;
	uint64_t size;      /* bytes so far */
	struct sym_err err; /* why it could not be written */
};

bool zip_is(const uint8_t *magic)
{
	return memcmp(magic, "PK\3\4", 4) == 0;
}

/* Is this the record at the end of a zip, `at` bytes from its start? Before it lies the central
 * directory, or in a zip64, where a field is all ones, what says where that lies. */
static bool is_end(const uint8_t *bytes, size_t size, uint64_t at)
{
	struct reader r = reader_over(bytes, size, at);
	const uint8_t *magic = reader_bytes(&r, 4);
	uint32_t directory_size, directory_at;

	reader_skip(&r, 8); /* disks, entries */
	directory_size = reader_u32(&r);
	directory_at = reader_u32(&r);
	reader_skip(&r, reader_u16(&r)); /* the comment */
	return !r.bad && memcmp(magic, "PK\5\6", 4) == 0 &&
	       (directory_at == UINT32_MAX || directory_size == UINT32_MAX ||
		(uint64_t)directory_at + directory_size <= at);
}

enum sym_status zip_check(os_file file, uint64_t size, struct sym_err *err)
{
	size_t tail = (size_t)min_u64(size, END_SIZE_MAX);
	uint8_t *bytes = malloc(tail + 1);
	enum sym_status status;
	bool found = false;

	if (!bytes)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = os_read_exactly(file, size - tail, bytes, tail, err);
	for (size_t i = tail; status == SYM_OK && !found && i-- > 0;)
		found = is_end(bytes + i, tail - i, size - tail + i);
	free(bytes);
	if (status == SYM_OK && !found)
		return err_at(err, SYM_MALFORMED, size, "the zip is cut short: its end is missing");
	return status;
}

static la_ssize_t on_write(struct archive *a, void *arg, const void *bytes, size_t n)
{
	struct zip_out *out = arg;

	(void)a;
	if (os_write(out->file, bytes, n, &out->err) != SYM_OK)
		return -1;
	out->size += n;
	return (la_ssize_t)n;
}

static enum sym_status fail(struct archive *a, const struct zip_out *out, struct sym_err *err)
{
	const char *why = archive_error_string(a);

	if (out->err.status != SYM_OK) {
		*err = out->err;
		return err->status;
	}
	return err_set(err, SYM_IO, "cannot be zipped: %s", why ? why : "libarchive does not say why");
}

static enum sym_status write_entry(struct archive *a, const struct zip_out *out, const char *name,
				   uint64_t size, int64_t mtime_ns, struct sym_err *err)
{
	struct archive_entry *entry = archive_entry_new();
	int answer;

	if (!entry)
		return err_set(err, SYM_NOMEM, "out of memory");
	archive_entry_set_pathname_utf8(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, (time_t)(mtime_ns / 1000000000), 0);
	answer = archive_write_header(a, entry);
	archive_entry_free(entry);
	return answer == ARCHIVE_OK ? SYM_OK : fail(a, out, err);
}

static enum sym_status write_bytes(struct archive *a, const struct zip_out *out, os_file from,
				   uint64_t size, struct sym_err *err)
{
	uint8_t *piece = malloc(PIECE);
	enum sym_status status = piece ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");

	for (uint64_t at = 0; at < size && status == SYM_OK; at += PIECE) {
		size_t want = (size_t)min_u64(size - at, PIECE);

		status = os_read_exactly(from, at, piece, want, err);
		if (status == SYM_OK)
			status = stop_check(err);
		if (status == SYM_OK && archive_write_data(a, piece, want) != (la_ssize_t)want)
			status = fail(a, out, err);
	}
	free(piece);
	return status;
}

enum sym_status zip_file(os_file from, uint64_t size, const char *name, int64_t mtime_ns,
			 os_file to, uint64_t *zipped, struct sym_err *err)
{
	struct zip_out out = {.file = to};
	struct archive *a = archive_write_new();
	enum sym_status status = SYM_OK;

	if (!a)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (archive_write_set_format_zip(a) != ARCHIVE_OK ||
	    archive_write_zip_set_compression_deflate(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, &out, NULL, on_write, NULL) != ARCHIVE_OK)
		status = fail(a, &out, err);
	if (status == SYM_OK)
		status = write_entry(a, &out, name, size, mtime_ns, err);
	if (status == SYM_OK)
		status = write_bytes(a, &out, from, size, err);
	if (status == SYM_OK && archive_write_close(a) != ARCHIVE_OK)
		status = fail(a, &out, err);
	archive_write_free(a);
	*zipped = out.size;
	return status;
}
