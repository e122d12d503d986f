/* SPDX-License-Identifier: MIT */
#include "source/archive/unpacker.h"

#include "base/err.h"
#include "base/reader.h"
#include "base/stop.h"
#include "base/text.h"
#include "source/archive/inflated.h"
#include "source/archive/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

struct unpacker {
	struct packed packed;
	struct inflated *inflated; /* NULL: it is no gzip */
	struct archive *a;
	bool dead;   /* it is damaged, and nothing more comes out of it */
	char *alone; /* what the file is called that is packed alone; owned */
	blob_read_fn *read;
	void *ctx;       /* borrowed, given to `read` */
	uint64_t size;   /* bytes */
	uint64_t behind; /* bytes of these that stand before what libarchive gets to see; never more */
};

struct kind {
	unsigned at; /* bytes from the start of the file */
	const char *magic;
	const char *ending; /* of the name of a file that is packed alone; NULL: an archive */
};

static const struct kind kinds[] = {
	{0, "PK\3\4", NULL}, /* zip */
	{0, "\x1f\x8b", ".gz"},
	{0, "\xfd" "7zXZ", ".xz"},
	{0, "\x28\xb5\x2f\xfd", ".zst"},
	{0, "BZh", ".bz2"},
	{0, "\x04\x22\x4d\x18", ".lz4"},
	{0, "7z\xbc\xaf\x27\x1c", NULL},
	{0, "!<arch>\ndebian-binary", NULL}, /* no other ar: a library is no archive of images */
	{0, "070701", NULL}, /* cpio: what is packed in an rpm */
	{0, "070702", NULL},
	{257, "ustar", NULL},
};

static const struct kind *kind_of(const void *head, size_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].magic);

		if (size >= kinds[i].at + len && memcmp((const char *)head + kinds[i].at, kinds[i].magic, len) == 0)
			return &kinds[i];
	}
	return NULL;
}

static bool is_gzip(const void *head, size_t size)
{
	return size >= 2 && memcmp(head, "\x1f\x8b", 2) == 0;
}

static bool is_rpm(const void *head, size_t size)
{
	return size >= 4 && memcmp(head, "\xed\xab\xee\xdb", 4) == 0;
}

bool unpacker_knows(const void *head, size_t size)
{
	return kind_of(head, size) || is_rpm(head, size);
}

/* ------------------------------------------------------------------- rpm -- */

static enum sym_status read_behind(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	const struct unpacker *u = ctx;
	size_t want = (size_t)min_u64(n, u->size - u->behind - offset);

	return u->read(u->ctx, u->behind + offset, to, want, got, err);
}

static enum sym_status pass(struct unpacker *u, uint64_t bytes, struct sym_err *err)
{
	if (bytes >= u->size - u->behind)
		return err_at(err, SYM_MALFORMED, u->size, "the rpm is cut short");
	u->behind += bytes;
	return SYM_OK;
}

/* Magic, version, reserved, the numbers of entries in the index and of bytes in the store; and these. */
static enum sym_status pass_header(struct unpacker *u, unsigned alignment, struct sym_err *err)
{
	enum { INTRODUCTION = 16, ENTRY = 16 };
	uint8_t bytes[INTRODUCTION];
	uint64_t index, store;
	struct reader r;
	size_t got;

	if (read_behind(u, 0, bytes, sizeof bytes, &got, err) != SYM_OK)
		return err->status;
	if (got < sizeof bytes || memcmp(bytes, "\x8e\xad\xe8\1", 4) != 0)
		return err_at(err, SYM_MALFORMED, u->behind, "the rpm's header is damaged");
	r = reader_over(bytes, sizeof bytes, u->behind);
	r.big_endian = true;
	reader_skip(&r, 8);
	index = (uint64_t)ENTRY * reader_u32(&r);
	store = reader_u32(&r);
	return pass(u, INTRODUCTION + index + (store + alignment - 1) / alignment * alignment, err);
}

/* Passes over the lead, the signature and the header. Behind them stands a cpio, which is mostly packed. */
static enum sym_status pass_rpm_headers(struct unpacker *u, struct sym_err *err)
{
	enum { LEAD = 96, SIGNATURE_ALIGNMENT = 8 };
	enum sym_status status = pass(u, LEAD, err);

	if (status == SYM_OK)
		status = pass_header(u, SIGNATURE_ALIGNMENT, err);
	return status == SYM_OK ? pass_header(u, 1, err) : status;
}

/* --------------------------------------------------------------- beginning -- */

/* x.sym.gz holds x.sym, and the cpio in an rpm is called like one. */
static char *name_alone(const char *name, const char *ending)
{
	size_t len = strlen(name);
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len > strlen(ending) && text_ends_nocase(name, ending))
		len -= strlen(ending);
	memcpy(copy, name, len);
	copy[len] = '\0';
	return copy;
}

/* Where a library is missing, libarchive would run a program that it finds somewhere. Not gzip: of that it
 * would look at no checksum. */
static const struct {
	int (*support)(struct archive *a);
	const char *(*built_in)(void);
} filters[] = {
	{archive_read_support_filter_xz, archive_liblzma_version},
	{archive_read_support_filter_zstd, archive_libzstd_version},
	{archive_read_support_filter_bzip2, archive_bzlib_version},
	{archive_read_support_filter_lz4, archive_liblz4_version},
};

/* Of libarchive's formats and filters those that are in the table. What is packed as a whole is read to
 * the packer's end, where its checksum is: as a tar, or as one file, which can be an archive itself. */
static void choose_formats(struct archive *a, const struct kind *kind)
{
	for (size_t i = 0; kind->ending && i < ARRAY_LEN(filters); i++)
		if (filters[i].built_in())
			filters[i].support(a);
	archive_read_support_format_tar(a);
	if (kind->ending) {
		archive_read_support_format_raw(a);
		archive_read_support_format_empty(a);
		archive_read_set_option(a, "tar", "read_concatenated_archives", "1");
		return;
	}
	archive_read_support_format_zip(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_ar(a);
	archive_read_support_format_cpio(a);
}

static enum sym_status read_inflated(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	(void)offset; /* it only goes on */
	return inflated_read(ctx, to, n, got, err);
}

/* libarchive gets what is in the gzip to see. False: out of memory. */
static bool begin_gzip(struct unpacker *u)
{
	u->inflated = inflated_new(INFLATE_GZIP, u->size - u->behind, read_behind, u);
	u->packed.read = read_inflated;
	u->packed.ctx = u->inflated;
	u->packed.size = UINT64_MAX;
	u->packed.forward = true;
	return u->inflated != NULL;
}

static enum sym_status begin(struct unpacker *u, const char *name, struct sym_err *err)
{
	char head[UNPACKER_HEAD_BYTES];
	const struct kind *kind;
	enum sym_status status;
	size_t got;
	bool rpm;

	status = read_behind(u, 0, head, sizeof head, &got, err);
	rpm = status == SYM_OK && is_rpm(head, got);
	if (rpm)
		status = pass_rpm_headers(u, err);
	if (rpm && status == SYM_OK)
		status = read_behind(u, 0, head, sizeof head, &got, err);
	if (status != SYM_OK)
		return status;
	kind = kind_of(head, got);
	if (!kind && rpm)
		return err_set(err, SYM_UNSUPPORTED,
			       "an rpm that is packed by none of gzip, xz, zstd, bzip2, lz4: unpack it");
	if (!kind)
		return err_set(err, SYM_MALFORMED, "it is no archive");
	u->packed.size = u->size - u->behind;
	choose_formats(u->a, kind);
	if (kind->ending)
		u->alone = name_alone(rpm ? "payload.cpio" : name, kind->ending);
	if ((kind->ending && !u->alone) || (is_gzip(head, got) && !begin_gzip(u)))
		return err_set(err, SYM_NOMEM, "out of memory");
	return packed_open(&u->packed, u->a) == ARCHIVE_OK ? SYM_OK : packed_complaint(&u->packed, u->a, "the archive");
}

enum sym_status unpacker_open(uint64_t size, blob_read_fn *read, void *ctx, const char *name,
			      struct unpacker **out, struct sym_err *err)
{
	struct unpacker *u = calloc(1, sizeof *u);
	enum sym_status status;

	if (!u)
		return err_set(err, SYM_NOMEM, "out of memory");
	u->read = read;
	u->ctx = ctx;
	u->size = size;
	u->packed.read = read_behind;
	u->packed.ctx = u;
	u->packed.err = err;
	u->a = archive_read_new();
	status = u->a ? begin(u, name, err) : err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK)
		*out = u;
	else
		unpacker_close(u);
	return status;
}

void unpacker_close(struct unpacker *u)
{
	archive_read_free(u->a);
	inflated_free(u->inflated);
	free(u->alone);
	free(u);
}

bool unpacker_is_one(const struct unpacker *u)
{
	return u->alone != NULL;
}

/* ------------------------------------------------------------------- files -- */

/* Has it the bytes of another file, and none of its own? In a cpio, which says so of all but the first
 * of those that are one file, the last one has them. */
static bool is_link(struct archive_entry *entry)
{
	return archive_entry_hardlink(entry) && archive_entry_size(entry) == 0;
}

/* Names are bytes to us: those of a tar are, those of a zip may be UTF-8 by what it says. */
static const char *path_of(const struct unpacker *u, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	if (archive_format(u->a) == ARCHIVE_FORMAT_RAW)
		return u->alone;
	if (!path)
		path = archive_entry_pathname_utf8(entry);
	if (!path)
		return "";
	while (path[0] == '/' || strncmp(path, "./", 2) == 0)
		path += path[0] == '/' ? 1 : 2;
	return path;
}

/* What libarchive left of a gzip, up to its last checksum. */
static enum sym_status prove_rest(struct unpacker *u, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t got = 1; status == SYM_OK && got > 0;) {
		status = stop_check(err);
		if (status == SYM_OK)
			status = inflated_read(u->inflated, u->packed.piece, sizeof u->packed.piece, &got, err);
	}
	return status;
}

enum sym_status unpacker_next(struct unpacker *u, const char **path, struct sym_err *err)
{
	struct archive_entry *entry;
	int answer;

	u->packed.err = err;
	*path = NULL;
	if (u->dead)
		return err_set(err, SYM_MALFORMED, "the rest of the archive cannot be unpacked");
	while ((answer = archive_read_next_header(u->a, &entry)) != ARCHIVE_EOF) {
		if (answer < ARCHIVE_WARN || answer == ARCHIVE_RETRY) /* a damaged header, and no entry */
			return packed_complaint(&u->packed, u->a, "the archive");
		if (archive_entry_filetype(entry) != AE_IFREG || is_link(entry))
			continue;
		*path = path_of(u, entry);
		return SYM_OK;
	}
	return u->inflated ? prove_rest(u, err) : SYM_OK;
}

enum sym_status unpacker_read(struct unpacker *u, void *to, size_t n, size_t *got, struct sym_err *err)
{
	la_ssize_t answer;

	u->packed.err = err;
	*got = 0;
	while (*got < n && (answer = archive_read_data(u->a, (char *)to + *got, n - *got)) != 0) {
		u->dead = answer == ARCHIVE_FATAL;
		if (answer < 0) /* also ARCHIVE_RETRY, which it can answer for ever */
			return packed_complaint(&u->packed, u->a, "it");
		*got += (size_t)answer;
	}
	return SYM_OK;
}
