/* SPDX-License-Identifier: MIT */
#include "source/archive/unpacker.h"

#include "base/err.h"
#include "base/text.h"
#include "source/archive/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

struct unpacker {
	struct packed packed;
	struct archive *a;
	enum unpacker_proof proof;
	bool dead;   /* it is damaged, and nothing more comes out of it */
	char *alone; /* what the file is called that is packed alone; owned */
};

struct kind {
	unsigned at; /* bytes from the start of the file */
	const char *magic;
	const char *ending; /* of the name of a file that is packed alone; NULL: an archive */
	enum unpacker_proof proof;
};

static const struct kind kinds[] = {
	{0, "PK\3\4", NULL, PROOF_OF_EACH}, /* zip */
	{0, "\x1f\x8b", ".gz", PROOF_GZIP},
	{0, "\xfd" "7zXZ", ".xz", PROOF_OF_ALL},
	{0, "\x28\xb5\x2f\xfd", ".zst", PROOF_OF_ALL},
	{0, "BZh", ".bz2", PROOF_OF_ALL},
	{0, "\x04\x22\x4d\x18", ".lz4", PROOF_OF_ALL},
	{0, "7z\xbc\xaf\x27\x1c", NULL, PROOF_OF_EACH},
	{0, "!<arch>\ndebian-binary", NULL, PROOF_OF_EACH}, /* no other ar: a library is no archive of images */
	{0, "\xed\xab\xee\xdb", NULL, PROOF_OF_ALL}, /* rpm */
	{257, "ustar", NULL, PROOF_OF_EACH},
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

bool unpacker_knows(const void *head, size_t size)
{
	return kind_of(head, size) != NULL;
}

/* x.sym.gz holds x.sym. */
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

/* Where a library is missing, libarchive would run a program that it finds somewhere. */
static const struct {
	int (*support)(struct archive *a);
	const char *(*built_in)(void);
} filters[] = {
	{archive_read_support_filter_gzip, archive_zlib_version},
	{archive_read_support_filter_xz, archive_liblzma_version},
	{archive_read_support_filter_zstd, archive_libzstd_version},
	{archive_read_support_filter_bzip2, archive_bzlib_version},
	{archive_read_support_filter_lz4, archive_liblz4_version},
};

/* Of libarchive's formats and filters those that are in the table, and what lies in them. */
static enum sym_status begin(struct unpacker *u, const char *name, struct sym_err *err)
{
	char head[UNPACKER_HEAD_BYTES];
	const struct kind *kind;
	size_t got;

	if (u->packed.read(u->packed.ctx, 0, head, sizeof head, &got, err) != SYM_OK)
		return err->status;
	kind = kind_of(head, got);
	if (!kind)
		return err_set(err, SYM_MALFORMED, "it is no archive");
	u->proof = kind->proof;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filters[i].built_in())
			filters[i].support(u->a);
	archive_read_support_filter_rpm(u->a);
	archive_read_support_format_zip(u->a);
	archive_read_support_format_7zip(u->a);
	archive_read_support_format_tar(u->a);
	archive_read_support_format_ar(u->a);
	archive_read_support_format_cpio(u->a); /* in an rpm */
	if (kind->ending) {
		archive_read_support_format_raw(u->a);
		archive_read_set_option(u->a, "tar", "read_concatenated_archives", "1"); /* to the packer's end */
		u->alone = name_alone(name, kind->ending);
		if (!u->alone)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return packed_open(&u->packed, u->a) == ARCHIVE_OK ? SYM_OK : packed_complaint(&u->packed, u->a, "the archive");
}

enum sym_status unpacker_open(uint64_t size, blob_read_fn *read, void *ctx, const char *name,
			      struct unpacker **out, struct sym_err *err)
{
	struct unpacker *u = calloc(1, sizeof *u);
	enum sym_status status;

	if (!u)
		return err_set(err, SYM_NOMEM, "out of memory");
	u->packed.read = read;
	u->packed.ctx = ctx;
	u->packed.size = size;
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
	free(u->alone);
	free(u);
}

enum unpacker_proof unpacker_proof(const struct unpacker *u)
{
	return u->proof;
}

/* Within an rpm nobody looks at the checksum of gzip: libarchive does not. */
static bool is_unproven(const struct unpacker *u)
{
	for (int i = 0; u->proof == PROOF_OF_ALL && i < archive_filter_count(u->a); i++)
		if (archive_filter_code(u->a, i) == ARCHIVE_FILTER_GZIP)
			return archive_filter_code(u->a, i + 1) == ARCHIVE_FILTER_RPM;
	return false;
}

/* Names are bytes to us: those of a tar are, those of a zip may be UTF-8 by what it says. */
static const char *path_of(const struct unpacker *u, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	if (u->alone && archive_format(u->a) == ARCHIVE_FORMAT_RAW)
		return u->alone;
	if (!path)
		path = archive_entry_pathname_utf8(entry);
	if (!path)
		return "";
	while (path[0] == '/' || strncmp(path, "./", 2) == 0)
		path += path[0] == '/' ? 1 : 2;
	return path;
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
		if (answer < ARCHIVE_WARN && answer != ARCHIVE_RETRY)
			return packed_complaint(&u->packed, u->a, "the archive");
		if (is_unproven(u))
			return err_set(err, SYM_UNSUPPORTED,
				       "an rpm packed by gzip: unpack it, so that gzip checks it");
		if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
			continue;
		*path = path_of(u, entry);
		return SYM_OK;
	}
	return SYM_OK;
}

enum sym_status unpacker_read(struct unpacker *u, void *to, size_t n, size_t *got, struct sym_err *err)
{
	la_ssize_t answer;

	u->packed.err = err;
	*got = 0;
	while (*got < n && (answer = archive_read_data(u->a, (char *)to + *got, n - *got)) != 0) {
		u->dead = answer == ARCHIVE_FATAL;
		if (answer < 0 && answer != ARCHIVE_RETRY)
			return packed_complaint(&u->packed, u->a, "it");
		*got += answer > 0 ? (size_t)answer : 0;
	}
	return SYM_OK;
}
