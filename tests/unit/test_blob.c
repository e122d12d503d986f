/* SPDX-License-Identifier: MIT
 * Windows over a file: what is read, how often, and what hostile offsets do. */
#include "base/blob.h"

#include "base/err.h"
#include "tap.h"

/* A made-up file: the byte at offset n is n mod 251. */
struct source {
	uint64_t end;        /* where it really ends, whatever size was told */
	uint64_t fails_from; /* reads at or behind this offset fail */
	size_t largest;      /* bytes of the largest read so far */
};

static enum sym_status read_source(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				   struct sym_err *err)
{
	struct source *s = ctx;
	uint8_t *bytes = to;

	if (offset >= s->fails_from)
		return err_sys(err, SYM_IO, 5, "cannot read");
	if (n > s->largest)
		s->largest = n;
	*got = offset >= s->end ? 0 : (size_t)min_u64(n, s->end - offset);
	for (size_t i = 0; i < *got; i++)
		bytes[i] = (uint8_t)((offset + i) % 251);
	return SYM_OK;
}

static struct blob blob; /* big: not for the stack */

static struct source open_source(uint64_t size)
{
	return (struct source){.end = size, .fails_from = UINT64_MAX};
}

static bool holds(struct reader *r, uint64_t offset, size_t n)
{
	const uint8_t *at = reader_bytes(r, n);

	for (size_t i = 0; at && i < n; i++)
		if (at[i] != (uint8_t)((offset + i) % 251))
			return false;
	return at != NULL;
}

static void neighbours_cost_no_read(void)
{
	struct source s = open_source(100000);
	struct reader r;

	blob_open(&blob, 100000, read_source, &s);
	r = blob_view(&blob, 0, 64);
	ok(holds(&r, 0, 64), "the bytes of a view are the file's");
	is_u64(reader_left(&r), 0, "and no more than were asked for");
	r = blob_view(&blob, 1000, 500);
	ok(holds(&r, 1000, 500), "a view beside it");
	is_u64(r.origin, 1000, "knows where it lies in the file");
	is_u64(blob.reads, 1, "both took one read");
	is_u64(s.largest, 4096, "of one page");
	r = blob_view(&blob, 4090, 10);
	ok(holds(&r, 4090, 10), "a view across the window's end");
	is_u64(blob.reads, 2, "takes a read of its own");
	r = blob_view(&blob, 50000, BLOB_WINDOW_BYTES);
	ok(holds(&r, 50000, BLOB_WINDOW_BYTES), "the largest view there may be");
	r = blob_view(&blob, 50000, BLOB_WINDOW_BYTES + 1);
	ok(r.bad, "one byte more is refused");
	is_u64(blob.error.status, SYM_OK, "and blames nobody");
}

static void windows_go_by_use(void)
{
	struct source s = open_source(1 << 20);

	blob_open(&blob, 1 << 20, read_source, &s);
	for (uint64_t i = 0; i < BLOB_WINDOWS; i++)
		blob_view(&blob, i << 16, 16);
	is_u64(blob.reads, BLOB_WINDOWS, "each far place is read once");
	for (uint64_t i = 0; i < BLOB_WINDOWS; i++)
		blob_view(&blob, (i << 16) + 100, 16);
	is_u64(blob.reads, BLOB_WINDOWS, "and all are kept");
	blob_view(&blob, 0, 16);
	blob_view(&blob, 15 << 16, 16);
	is_u64(blob.reads, BLOB_WINDOWS + 1, "a new place");
	blob_view(&blob, 0, 16);
	is_u64(blob.reads, BLOB_WINDOWS + 1, "leaves the place that was looked at last");
	blob_view(&blob, 1 << 16, 16);
	is_u64(blob.reads, BLOB_WINDOWS + 2, "and takes the window that was unused longest");
}

static void bounds(void)
{
	static const struct {
		uint64_t offset, size;
		bool good;
	} cases[] = {
		{0, 100, true},
		{0, 0, true},
		{100, 0, true},
		{99, 1, true},
		{0, 101, false},
		{100, 1, false},
		{101, 0, false},
		{UINT64_MAX, 0, false},
		{UINT64_MAX, 1, false},
		{1, UINT64_MAX, false},
		{UINT64_MAX - 3, 8, false},
		{UINT64_MAX, UINT64_MAX, false},
	};
	struct source s = open_source(100);

	blob_open(&blob, 100, read_source, &s);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reader r = blob_view(&blob, cases[i].offset, cases[i].size);

		ok(r.bad == !cases[i].good, "[%#llx, +%#llx) of 100 bytes is %s",
		   (unsigned long long)cases[i].offset, (unsigned long long)cases[i].size,
		   cases[i].good ? "there" : "refused");
	}
	is_u64(blob.error.status, SYM_OK, "none of it is a failure to read");
}

static void at_the_end_of_the_address_space(void)
{
	struct source s = open_source(UINT64_MAX);
	struct reader r;

	blob_open(&blob, UINT64_MAX, read_source, &s);
	r = blob_view(&blob, UINT64_MAX - 8, 8);
	ok(holds(&r, UINT64_MAX - 8, 8), "the last bytes of a file of 2^64 - 1");
	ok(blob_view(&blob, UINT64_MAX - 8, 9).bad, "and not one more");
	r = blob_view(&blob, UINT64_MAX - 4, 4);
	ok(holds(&r, UINT64_MAX - 4, 4), "again, out of the window");
	ok(blob_view(&blob, 0, 4).bad == false, "a window near 2^64 does not hold offset 0");
}

static void some(void)
{
	struct source s = open_source(100);
	struct reader r;

	blob_open(&blob, 100, read_source, &s);
	r = blob_view_some(&blob, 90, 64);
	is_u64(reader_left(&r), 10, "view_some is cut at the file's end");
	r = blob_view_some(&blob, 1000, 64);
	ok(!r.bad && reader_left(&r) == 0, "and is empty behind it");
	r = blob_view_some(&blob, UINT64_MAX, UINT64_MAX);
	ok(!r.bad && reader_left(&r) == 0, "however far");
}

static void file_that_shrank(void)
{
	struct source s = open_source(50);
	struct sym_err err = {0};
	struct reader r;

	blob_open(&blob, 100, read_source, &s);
	r = blob_view(&blob, 0, 40);
	ok(!r.bad, "what is still there of a file that shrank is read");
	r = blob_view(&blob, 0, 60);
	ok(r.bad, "what is gone is cut short");
	is_u64(blob_verdict(&blob, &r, "the header", &err), SYM_MALFORMED,
	       "which is the file's fault");
	is_str(err.text, "the header is cut short", "and is said so");
	ok(err.has_offset && err.offset == 0, "with the offset");
}

static void failure_to_read(void)
{
	struct source s = open_source(100000);
	struct sym_err err = {0};
	struct reader r;

	s.fails_from = 50000;
	blob_open(&blob, 100000, read_source, &s);
	ok(!blob_view(&blob, 0, 64).bad, "a good read");
	r = blob_view(&blob, 60000, 64);
	ok(r.bad, "a read that the machine refuses");
	is_u64(blob_verdict(&blob, &r, "the header", &err), SYM_IO, "is not called damage");
	is_u64((uint64_t)err.sys, 5, "and keeps its errno");
	ok(blob_view(&blob, 0, 64).bad, "every view after it is bad, even one from a window");
	blob_open(&blob, 100000, read_source, &s);
	ok(!blob_view(&blob, 0, 64).bad, "the next file starts anew");
	is_u64(blob.reads, 1, "and does not look into the old windows");
}

static void memory(void)
{
	struct reader r;

	blob_open_memory(&blob, "hello", 5);
	r = blob_view(&blob, 1, 4);
	ok(!r.bad && memcmp(reader_bytes(&r, 4), "ello", 4) == 0, "bytes in memory");
	ok(blob_view(&blob, 2, 4).bad, "have an end too");
	ok(blob_has(&blob, 1, "ello", 4) && !blob_has(&blob, 0, "ello", 4), "bytes that stand somewhere");
	ok(!blob_has(&blob, 3, "loo", 3) && !blob_has(&blob, 9, "l", 1), "stand nowhere behind the end");
	blob_open_memory(&blob, "", 0);
	r = blob_view_some(&blob, 0, 64);
	ok(!r.bad && reader_left(&r) == 0, "an empty file is empty");
}

int main(void)
{
	neighbours_cost_no_read();
	windows_go_by_use();
	bounds();
	at_the_end_of_the_address_space();
	some();
	file_that_shrank();
	failure_to_read();
	memory();
	return done();
}
