/* SPDX-License-Identifier: MIT
 * The layout, from [MS-CAB]:
 *
 *     CFHEADER   "MSCF", sizes, version, numbers of folders and files, flags
 *     CFFOLDER   where its data begin, how they are compressed
 *     CFFILE     size, name
 *     CFDATA     blocks of at most 32 KiB unpacked, each with a checksum
 *
 * The tables are read here, so that what is refused is refused before anything is
 * unpacked and with its reason; the data are libarchive's. */
#include "source/archive/cabinet.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/limits.h"
#include "os/os.h"
#include "source/archive/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 36u
#define HEADER_RESERVE_BYTES 4u
#define FOLDER_BYTES 8u
#define FILE_BYTES 16u

enum header_flag {
	FLAG_PREVIOUS = 1,
	FLAG_NEXT = 2,
	FLAG_RESERVE = 4,
};

enum method { METHOD_NONE, METHOD_MSZIP, METHOD_QUANTUM, METHOD_LZX };

struct cabinet {
	char name[SYM_NAME_MAX + 1];
	uint64_t size; /* bytes unpacked */
	char *memory;  /* owned; or NULL, and then they are in … */
	os_file spool;
};

bool cabinet_is(const void *head, size_t size)
{
	return size >= 4 && memcmp(head, "MSCF", 4) == 0;
}

/* -------------------------------------------------------------- tables -- */

struct header {
	uint32_t total; /* bytes of the whole cabinet */
	uint32_t files_at;
	unsigned folders, files, flags;
	uint64_t folders_at; /* behind the reserved areas */
};

static enum sym_status read_header(struct blob *b, struct header *h, struct sym_err *err)
{
	struct reader r = blob_view(b, 0, HEADER_BYTES);
	unsigned major, minor;

	reader_skip(&r, 8); /* signature, reserved1 */
	h->total = reader_u32(&r);
	reader_skip(&r, 4);
	h->files_at = reader_u32(&r);
	reader_skip(&r, 4);
	minor = reader_u8(&r);
	major = reader_u8(&r);
	h->folders = reader_u16(&r);
	h->files = reader_u16(&r);
	h->flags = reader_u16(&r);
	h->folders_at = HEADER_BYTES;
	if (!r.bad && h->flags & FLAG_RESERVE) {
		r = blob_view(b, HEADER_BYTES, HEADER_RESERVE_BYTES);
		h->folders_at += HEADER_RESERVE_BYTES + reader_u16(&r);
	}
	if (r.bad)
		return blob_verdict(b, &r, "the cabinet's header", err);
	if (major != 1 || minor != 3)
		return err_at(err, SYM_UNSUPPORTED, 24, "a cabinet of version %u.%u", major, minor);
	if (h->flags & (FLAG_PREVIOUS | FLAG_NEXT))
		return err_at(err, SYM_UNSUPPORTED, 30, "one of a set of cabinets");
	if (h->folders != 1 && h->files == 1)
		return err_at(err, SYM_MALFORMED, 26, "a cabinet of one file and %u folders",
			      h->folders);
	if (h->files != 1)
		return err_at(err, SYM_UNSUPPORTED, 28,
			      "a cabinet with %u files; one of a symbol store has one", h->files);
	if (h->total > b->size)
		return err_at(err, SYM_MALFORMED, b->size, "the cabinet is cut short");
	return SYM_OK;
}

static enum sym_status check_method(struct blob *b, const struct header *h, struct sym_err *err)
{
	struct reader r = blob_view(b, h->folders_at, FOLDER_BYTES);
	unsigned method;

	reader_skip(&r, 6); /* where the data begin, number of blocks */
	method = reader_u16(&r) & 15u;
	if (r.bad)
		return blob_verdict(b, &r, "the cabinet's folder", err);
	if (method == METHOD_QUANTUM || method > METHOD_LZX)
		return err_at(err, SYM_UNSUPPORTED, h->folders_at + 6,
			      method == METHOD_QUANTUM ? "compressed by Quantum"
						       : "compressed by an unknown method");
	return SYM_OK;
}

static enum sym_status read_file_entry(struct blob *b, const struct header *h, struct cabinet *c,
				       struct sym_err *err)
{
	struct reader r = blob_view(b, h->files_at, FILE_BYTES);
	uint64_t ceiling;
	const char *name;
	size_t len;

	c->size = reader_u32(&r);
	if (r.bad)
		return blob_verdict(b, &r, "the cabinet's file entry", err);
	r = blob_view_some(b, h->files_at + FILE_BYTES, sizeof c->name);
	if (r.bad)
		return blob_verdict(b, &r, "the name of the cabinet's file", err);
	name = reader_text(&r, &len);
	if (len == r.size)
		return err_at(err, SYM_MALFORMED, h->files_at + FILE_BYTES,
			      "the name of the cabinet's file does not end");
	memcpy(c->name, name, len);
	c->name[len] = '\0';
	ceiling = mul_sat(b->size, CABINET_RATIO_MAX);
	if (c->size > CABINET_FREE_BYTES && c->size > ceiling)
		return err_at(err, SYM_TOO_BIG, h->files_at,
			      "it says that it unpacks to more than %u times its size",
			      CABINET_RATIO_MAX);
	return SYM_OK;
}

static enum sym_status read_tables(struct cabinet *c, const struct packed *p)
{
	struct header h = {0};
	struct blob b;
	enum sym_status status;

	blob_open(&b, p->size, p->read, p->ctx);
	status = read_header(&b, &h, p->err);
	if (status == SYM_OK)
		status = check_method(&b, &h, p->err);
	if (status == SYM_OK)
		status = read_file_entry(&b, &h, c, p->err);
	return status;
}

/* ----------------------------------------------------------- unpacking -- */

/* Keeps `n` unpacked bytes that belong at `at`. */
static enum sym_status keep(struct cabinet *c, uint64_t at, const void *bytes, size_t n,
			    struct sym_err *err)
{
	if (!c->memory)
		return os_write(c->spool, bytes, n, err);
	memcpy(c->memory + at, bytes, n);
	return SYM_OK;
}

static enum sym_status unpack_data(struct cabinet *c, const struct packed *p, struct archive *a)
{
	uint64_t at = 0;
	enum sym_status status = SYM_OK;

	while (status == SYM_OK) {
		const void *bytes;
		size_t n;
		la_int64_t offset;
		int got = archive_read_data_block(a, &bytes, &n, &offset);

		if (got == ARCHIVE_EOF)
			break;
		if (got != ARCHIVE_OK)
			return packed_complaint(p, a, "the cabinet");
		if (stop_check(p->err) != SYM_OK)
			return p->err->status;
		if ((uint64_t)offset != at || n > c->size - at)
			return err_set(p->err, SYM_MALFORMED,
				       "the cabinet unpacks to more than it says");
		status = keep(c, at, bytes, n, p->err);
		at += n;
	}
	if (status == SYM_OK && at != c->size)
		return err_set(p->err, SYM_MALFORMED, "the cabinet unpacks to less than it says");
	return status;
}

static enum sym_status unpack(struct cabinet *c, struct packed *p)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	enum sym_status status;

	if (!a)
		return err_set(p->err, SYM_NOMEM, "out of memory");
	archive_read_support_format_cab(a);
	if (packed_open(p, a) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) < ARCHIVE_WARN)
		status = packed_complaint(p, a, "the cabinet");
	else
		status = unpack_data(c, p, a);
	archive_read_free(a);
	return status;
}

/* ---------------------------------------------------------------- doors -- */

/* Where the bytes will go. */
static enum sym_status make_room(struct cabinet *c, struct sym_err *err)
{
	if (c->size > CABINET_MEMORY_BYTES_MAX)
		return os_spool(&c->spool, err);
	c->memory = malloc(c->size ? (size_t)c->size : 1);
	return c->memory ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

enum sym_status cabinet_open(uint64_t size, blob_read_fn *read, void *ctx, struct cabinet **out,
			     struct sym_err *err)
{
	struct packed *p = malloc(sizeof *p);
	struct cabinet *c = malloc(sizeof *c);
	enum sym_status status;

	if (!p || !c) {
		free(p);
		free(c);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	*p = (struct packed){.read = read, .ctx = ctx, .size = size, .err = err};
	*c = (struct cabinet){.spool = OS_NO_FILE};
	status = read_tables(c, p);
	if (status == SYM_OK)
		status = make_room(c, err);
	if (status == SYM_OK)
		status = unpack(c, p);
	free(p);
	if (status == SYM_OK)
		*out = c;
	else
		cabinet_close(c);
	return status;
}

void cabinet_close(struct cabinet *cabinet)
{
	if (!cabinet)
		return;
	os_close_quietly(cabinet->spool);
	free(cabinet->memory);
	free(cabinet);
}

const char *cabinet_name(const struct cabinet *cabinet)
{
	return cabinet->name;
}

uint64_t cabinet_size(const struct cabinet *cabinet)
{
	return cabinet->size;
}

enum sym_status cabinet_read(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
			     struct sym_err *err)
{
	const struct cabinet *c = ctx;

	if (!c->memory)
		return os_read_at(c->spool, offset, to, n, got, err);
	*got = offset < c->size ? (size_t)min_u64(n, c->size - offset) : 0;
	if (*got > 0)
		memcpy(to, c->memory + offset, *got);
	return SYM_OK;
}
