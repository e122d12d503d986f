/* SPDX-License-Identifier: MIT
 * Cabinets put together by hand, each field where [MS-CAB] has it, and one that gcab
 * made: what is in them comes out, in memory or by way of a temporary file, and what is
 * wrong with a cabinet is named. */
#include "tap.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/archive/cabinet.h"

#include <stdlib.h>

enum { BLOCK = 32768 }; /* all blocks but the last unpack to this many bytes */

static struct sym_err err;

/* What the next cabinet is made of. */
struct recipe {
	const char *name;
	uint32_t size;   /* bytes of the member: 0, 1, 2 … 250, 0, 1 … */
	uint32_t says;   /* what the entry says instead; 0 = the truth */
	uint16_t method; /* 0 stored, 1 MSZIP */
	uint16_t files, folders, flags;
	uint8_t minor;
	unsigned reserve; /* bytes of the header's reserved area; flag 4 */
	bool bad_checksum;
};

static const struct recipe plain = {
	.name = "x.pdb", .size = 100, .files = 1, .folders = 1, .minor = 3};

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i % 251);
}

static void add_number(struct buf *b, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++, value >>= 8)
		buf_add_char(b, (char)value);
}

static void add_block(struct buf *b, const struct recipe *r, uint32_t at, uint32_t n)
{
	uint32_t packed =
		n + (r->method == 1 ? 7 : 0); /* CK, and deflate's header of a stored block */

	add_number(b, r->bad_checksum ? 0x1234567 : 0, 4); /* 0: none */
	add_number(b, packed, 2);
	add_number(b, n, 2);
	if (r->method == 1) {
		buf_add_text(b, "CK\1");
		add_number(b, n, 2);
		add_number(b, ~n, 2);
	}
	for (uint32_t i = 0; i < n; i++)
		buf_add_char(b, (char)byte_at(at + i));
}

static struct buf make(struct recipe r)
{
	struct buf b = BUF_MAX(64u << 20);
	uint32_t blocks = (uint32_t)units_of(r.size, BLOCK);
	uint32_t head = 36 + (r.reserve ? 4 + r.reserve : 0);
	uint32_t names = head + 8u * r.folders;
	uint32_t data = names + 16 + (uint32_t)strlen(r.name) + 1;

	buf_add_text(&b, "MSCF");
	add_number(&b, 0, 4);
	add_number(&b, 0, 4); /* the whole size, below */
	add_number(&b, 0, 4);
	add_number(&b, names, 4);
	add_number(&b, 0, 4);
	add_number(&b, r.minor, 1);
	add_number(&b, 1, 1);
	add_number(&b, r.folders, 2);
	add_number(&b, r.files, 2);
	add_number(&b, r.flags, 2);
	add_number(&b, 0, 4); /* set, number in the set */
	if (r.reserve) {
		add_number(&b, r.reserve, 4);
		for (unsigned i = 0; i < r.reserve; i++)
			buf_add_char(&b, 'R');
	}
	for (unsigned i = 0; i < r.folders; i++) {
		add_number(&b, data, 4);
		add_number(&b, blocks, 2);
		add_number(&b, r.method, 2);
	}
	add_number(&b, r.says ? r.says : r.size, 4);
	add_number(&b, 0, 6); /* where it begins, in which folder */
	add_number(&b, 0, 6); /* date, time, attributes */
	buf_add(&b, r.name, strlen(r.name) + 1);
	for (uint32_t at = 0; at < r.size; at += BLOCK)
		add_block(&b, &r, at, (uint32_t)min_u64(r.size - at, BLOCK));
	for (unsigned i = 0; i < 4; i++)
		b.data[8 + i] = (char)(b.size >> 8 * i);
	return b;
}

/* A blob_read_fn over a struct buf. */
static enum sym_status read_buf(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				struct sym_err *why)
{
	const struct buf *b = ctx;

	(void)why;
	*got = offset < b->size ? (size_t)min_u64(n, b->size - offset) : 0;
	memcpy(to, b->data + offset, *got);
	return SYM_OK;
}

/* ---------------------------------------------------------- what comes out -- */

static bool unpacked_right(struct cabinet *c)
{
	uint8_t piece[10007];
	uint64_t at = 0;
	size_t got;

	while (cabinet_read(c, at, piece, sizeof piece, &got, &err) == SYM_OK && got > 0) {
		for (size_t i = 0; i < got; i++) {
			if (piece[i] != byte_at(at + i))
				return false;
		}
		at += got;
	}
	return at == cabinet_size(c);
}

static void comes_out(struct recipe r, const char *what)
{
	struct buf b = make(r);
	struct cabinet *c;

	if (ok(cabinet_open(b.size, read_buf, &b, &c, &err) == SYM_OK, "%s", what)) {
		is_str(cabinet_name(c), r.name, "its name");
		is_u64(cabinet_size(c), r.size, "its size");
		ok(unpacked_right(c), "its bytes");
		cabinet_close(c);
	} else {
		printf("# %s\n", err.text);
	}
	buf_release(&b);
}

static void test_good(void)
{
	struct recipe r = plain;

	comes_out(r, "a stored file");
	r.method = 1;
	comes_out(r, "an MSZIP file");
	r.size = 200000;
	comes_out(r, "one of several blocks");
	r.flags = 4;
	r.reserve = 20;
	comes_out(r, "behind a reserved area");
	r.size = CABINET_MEMORY_BYTES_MAX + 5;
	comes_out(r, "one that goes through a temporary file");
	r = plain;
	r.size = 0;
	comes_out(r, "an empty one");
}

/* A file that gcab made of another: the same bytes again. */
static void test_real(const char *packed, const char *original)
{
	static char bytes[2][1 << 20];
	struct buf b = BUF_MAX(1u << 20);
	size_t sizes[2] = {0}, got;
	struct cabinet *c;

	for (unsigned i = 0; i < 2; i++) {
		FILE *file = fopen(i ? original : packed, "rb");

		if (!ok(file != NULL, "the sample is there"))
			return;
		sizes[i] = fread(bytes[i], 1, sizeof bytes[i], file);
		fclose(file);
	}
	buf_add(&b, bytes[0], sizes[0]);
	if (ok(cabinet_open(b.size, read_buf, &b, &c, &err) == SYM_OK, "gcab's file is unpacked")) {
		is_u64(cabinet_size(c), sizes[1], "to its old size");
		ok(cabinet_read(c, 0, bytes[0], sizeof bytes[0], &got, &err) == SYM_OK &&
			   got == sizes[1] && memcmp(bytes[0], bytes[1], got) == 0,
		   "and its old bytes");
		cabinet_close(c);
	}
	buf_release(&b);
}

/* -------------------------------------------------------- what is refused -- */

static void refused(struct recipe r, enum sym_status want, const char *text)
{
	struct buf b = make(r);
	struct cabinet *c;
	enum sym_status status = cabinet_open(b.size, read_buf, &b, &c, &err);

	if (status == SYM_OK)
		cabinet_close(c);
	ok(status == want, "%s: %s", status_word(want), text);
	if (status != SYM_MALFORMED) /* else it may be libarchive's text */
		is_str(status == SYM_OK ? "it was taken" : err.text, text, "that is what is said");
	buf_release(&b);
}

static void test_refused(void)
{
	struct recipe r = plain;

	r.files = 2;
	refused(r, SYM_UNSUPPORTED, "a cabinet with 2 files; one of a symbol store has one");
	r.files = 0;
	refused(r, SYM_UNSUPPORTED, "a cabinet with 0 files; one of a symbol store has one");
	r = plain;
	r.folders = 2;
	refused(r, SYM_MALFORMED, "a cabinet of one file and 2 folders");
	r = plain;
	r.flags = 2;
	refused(r, SYM_UNSUPPORTED, "one of a set of cabinets");
	r = plain;
	r.minor = 4;
	refused(r, SYM_UNSUPPORTED, "a cabinet of version 1.4");
	r = plain;
	r.method = 2;
	refused(r, SYM_UNSUPPORTED, "compressed by Quantum");
	r.method = 7;
	refused(r, SYM_UNSUPPORTED, "compressed by an unknown method");
	r = plain;
	r.says = 4000000000u;
	refused(r, SYM_TOO_BIG, "it says that it unpacks to more than 64 times its size");
	r.says = 101;
	refused(r, SYM_MALFORMED, "the cabinet unpacks to less than it says");
}

/* Cut anywhere, a cabinet is malformed, and nothing worse happens. */
static void test_cut(void)
{
	struct buf b = make(plain);
	size_t whole = b.size;
	bool good = true;

	for (b.size = 4; b.size < whole && good; b.size++) {
		struct cabinet *c;

		good = cabinet_open(b.size, read_buf, &b, &c, &err) == SYM_MALFORMED && *err.text;
	}
	ok(good, "cut short anywhere it is malformed");
	b.size = whole;
	buf_release(&b);
}

static enum sym_status read_fails(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				  struct sym_err *why)
{
	if (offset > 0 && offset + n > 90000)
		return err_set(why, SYM_IO, "the disk is gone");
	return read_buf(ctx, offset, to, n, got, why);
}

static void test_unreadable(void)
{
	struct recipe r = plain;
	struct cabinet *c;
	struct buf b;

	r.size = 100000;
	b = make(r);
	ok(cabinet_open(b.size, read_fails, &b, &c, &err) == SYM_IO,
	   "a disk that fails is no damage");
	is_str(err.text, "the disk is gone", "and says so itself");
	buf_release(&b);
}

int main(int argc, char **argv)
{
	ok(cabinet_is("MSCF", 4) && !cabinet_is("MSC", 3) && !cabinet_is("MZ\0\0", 4),
	   "a cabinet is known by its first four bytes");
	test_good();
	if (argc == 3)
		test_real(argv[1], argv[2]);
	test_refused();
	test_cut();
	test_unreadable();
	return done();
}
