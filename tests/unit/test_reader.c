/* SPDX-License-Identifier: MIT
 * The cursor: reads in both byte orders, and a first failure that sticks. */
#include "base/reader.h"

#include "tap.h"

static const uint8_t counting[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
				   0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10};

static void numbers(void)
{
	struct reader r = reader_over(counting, sizeof counting, 0);

	is_u64(reader_u8(&r), 0x01, "u8");
	is_u64(reader_u16(&r), 0x0302, "u16, little endian");
	is_u64(reader_u32(&r), 0x07060504, "u32, little endian, unaligned");
	is_u64(reader_u64(&r), 0x0f0e0d0c0b0a0908, "u64, little endian");
	is_u64(reader_left(&r), 1, "one byte is left");
	ok(!r.bad, "nothing failed");

	reader_seek(&r, 1);
	r.big_endian = true;
	is_u64(reader_u16(&r), 0x0203, "u16, big endian");
	is_u64(reader_u32(&r), 0x04050607, "u32, big endian");
	is_u64(reader_word(&r, true), 0x08090a0b0c0d0e0f, "a wide word has 8 bytes");
	reader_seek(&r, 0);
	is_u64(reader_word(&r, false), 0x01020304, "a narrow word has 4");
	reader_seek(&r, 0);
	is_u64(reader_u64(&r), 0x0102030405060708, "u64, big endian");
}

static void sticky_failure(void)
{
	struct reader r = reader_over(counting, 6, 0x1000);

	reader_skip(&r, 4);
	is_u64(reader_u32(&r), 0, "a number that is cut short is 0");
	ok(r.bad, "and the reader is bad");
	is_u64(r.bad_at, 0x1004, "bad_at is where that read began, from the start of the file");
	is_u64(r.pos, 4, "the position stays");
	is_u64(reader_u8(&r), 0, "a later read that would fit is 0 too");
	ok(!reader_bytes(&r, 1), "no bytes are given any more");
	reader_skip(&r, 1);
	reader_seek(&r, 0);
	is_u64(r.pos, 4, "seek no longer moves");
	reader_skip(&r, SIZE_MAX);
	is_u64(r.bad_at, 0x1004, "bad_at keeps the first failure");
}

static void edges(void)
{
	struct reader r = reader_over(counting, 4, 100), none = reader_over(NULL, 0, 7);

	reader_seek(&r, 4);
	ok(!r.bad && reader_left(&r) == 0, "seek to the very end is fine");
	ok(reader_bytes(&r, 0) && !r.bad, "and so is reading nothing there");
	reader_seek(&r, 5);
	ok(r.bad, "seek past the end is not");
	is_u64(r.bad_at, 104, "its bad_at is the end");

	r = reader_over(counting, 4, UINT64_MAX - 3);
	ok(!reader_bytes(&r, SIZE_MAX), "SIZE_MAX bytes do not wrap");
	is_u64(r.bad_at, UINT64_MAX - 3, "at an origin near 2^64 neither");

	is_u64(reader_u8(&none), 0, "an empty reader reads 0");
	ok(none.bad && none.bad_at == 7, "and is bad at its origin");
}

static void bytes_are_borrowed(void)
{
	struct reader r = reader_over(counting, sizeof counting, 0);

	reader_skip(&r, 3);
	ok(reader_bytes(&r, 5) == counting + 3, "reader_bytes gives the bytes in place");
	is_u64(r.pos, 8, "and moves behind them");
}

static void guids(void)
{
	static const uint8_t printed[16] = {4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t zeros[16] = {0};
	struct reader r = reader_over(counting, sizeof counting, 0);
	uint8_t guid[16];

	reader_guid(&r, guid);
	ok(memcmp(guid, printed, 16) == 0, "a GUID comes in the order in which it is printed");
	reader_guid(&r, guid);
	ok(r.bad && memcmp(guid, zeros, 16) == 0, "one that is cut short is all zero");
}

static void texts(void)
{
	struct reader r = reader_over("ab\0\0cd", 6, 0);
	size_t len;

	ok(memcmp(reader_text(&r, &len), "ab", 2) == 0 && len == 2, "text up to its NUL");
	is_u64(r.pos, 3, "the NUL is passed over");
	reader_text(&r, &len);
	is_u64(len, 0, "an empty text");
	ok(memcmp(reader_text(&r, &len), "cd", 2) == 0 && len == 2,
	   "text without a NUL ends with the bytes");
	reader_text(&r, &len);
	ok(len == 0 && !r.bad, "and then there is none, which is no failure");
	reader_u8(&r);
	reader_text(&r, &len);
	is_u64(len, 0, "a bad reader has no text");
}

static void is_leb(const char *bytes, size_t n, uint32_t want, bool good, const char *what)
{
	struct reader r = reader_over(bytes, n, 0);
	uint32_t got = reader_leb32(&r);

	ok(got == want && r.bad == !good, "leb32: %s", what);
}

static void lebs(void)
{
	struct reader r = reader_over("\x80\x80", 2, 0x50);

	is_leb("\x00", 1, 0, true, "0");
	is_leb("\x7f", 1, 127, true, "127 in one byte");
	is_leb("\xe5\x8e\x26", 3, 624485, true, "the specification's 624485");
	is_leb("\xff\xff\xff\xff\x0f", 5, UINT32_MAX, true, "2^32 - 1");
	is_leb("\x80\x80\x00", 3, 0, true, "zeros in front are allowed");
	is_leb("\xff\xff\xff\xff\x1f", 5, 0, false, "2^33 - 1 does not fit");
	is_leb("\x80\x80\x80\x80\x80\x00", 6, 0, false, "six bytes are too many");
	is_leb("", 0, 0, false, "nothing");
	reader_leb32(&r);
	is_u64(r.bad_at, 0x52, "a cut one is bad where the next byte should be");
}

int main(void)
{
	numbers();
	sticky_failure();
	edges();
	bytes_are_borrowed();
	guids();
	texts();
	lebs();
	return done();
}
