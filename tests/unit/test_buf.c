/* SPDX-License-Identifier: MIT
 * Bytes that grow up to a maximum, and one failure that sticks. */
#include "base/buf.h"

#include "tap.h"

static void grows(void)
{
	struct buf b = BUF_MAX(1000000);
	bool right = true;

	for (unsigned i = 0; i < 100000; i++)
		buf_add_char(&b, (char)('a' + i % 26));
	for (size_t i = 0; i < b.size; i++)
		right = right && b.data[i] == (char)('a' + i % 26);
	ok(!b.failed && b.size == 100000 && right, "100,000 single bytes");
	is_u64(strlen(b.data), 100000, "end with a NUL");
	buf_release(&b);
	ok(!b.data && b.size == 0 && b.max == 1000000, "release keeps only the maximum");
	buf_add_text(&b, "again");
	is_str(b.data, "again", "and the buffer can be used again");
	buf_release(&b);
}

static void maximum(void)
{
	struct buf b = BUF_MAX(8);

	buf_add(&b, "12345678", 8);
	ok(!b.failed, "exactly the maximum fits");
	buf_add(&b, "", 0);
	ok(!b.failed, "and nothing more than that");
	buf_add_char(&b, '9');
	ok(b.failed, "one byte past it fails");
	is_str(b.data, "12345678", "and leaves what was there");
	buf_clear(&b);
	ok(!b.failed && b.size == 0, "clear forgets the failure");
	is_str(b.data, "", "and the bytes");
	buf_add_text(&b, "123456789");
	ok(b.failed && b.size == 0, "an append is whole or not at all");
	buf_add_text(&b, "1");
	ok(b.size == 0, "after a failure nothing is added, though it would fit");
	buf_clear(&b);
	buf_add(&b, "x", SIZE_MAX);
	ok(b.failed, "a size near 2^64 does not wrap");
	buf_release(&b);
}

static void reserved(void)
{
	struct buf b = BUF_MAX(1000);
	const char *data;

	buf_reserve(&b, 900);
	data = b.data;
	for (int i = 0; i < 900; i++)
		buf_add_char(&b, 'x');
	ok(data && b.data == data && b.size == 900, "what was reserved is there without a move");
	buf_reserve(&b, SIZE_MAX);
	ok(!b.failed && b.size == 900, "and more than the maximum is no failure before it is used");
	buf_release(&b);
}

static void unused(void)
{
	struct buf b = BUF_MAX(8), none = BUF_MAX(0);

	buf_add(&b, NULL, 0);
	is_str(b.data, "", "adding nothing to a new buffer makes it a text");
	buf_clear(&none);
	buf_add_char(&none, 'x');
	ok(none.failed && !none.data, "a maximum of 0 takes nothing");
	buf_release(&none);
	buf_release(&none);
	buf_release(&b);
	ok(true, "release twice is fine");
}

static void printf_like(void)
{
	struct buf b = BUF_MAX(200);
	struct buf tight = BUF_MAX(5);

	buf_printf(&b, "%s-%04x", "key", 0xabu);
	is_str(b.data, "key-00ab", "printf");
	buf_printf(&b, "%0100d", 7);
	is_u64(b.size, 108, "past the first room");
	buf_printf(&b, "%0100d", 7);
	ok(b.failed && b.size == 108, "past the maximum");
	buf_printf(&tight, "%s", "12345");
	is_str(tight.data, "12345", "exactly the maximum");
	buf_release(&tight);
	buf_release(&b);
}

static void tails(void)
{
	struct buf b = BUF_MAX(5);

	buf_add_tail(&b, "abc", 3);
	is_str(b.data, "abc", "a tail begins as any text");
	buf_add_tail(&b, "defg", 4);
	is_str(b.data, "cdefg", "and keeps its end");
	buf_add_tail(&b, "0123456789", 10);
	is_str(b.data, "56789", "whatever is added");
	ok(!b.failed, "without failing");
	buf_release(&b);
}

static void addresses(void)
{
	struct buf b = BUF_MAX(64);

	buf_add_encoded(&b, "", 0, "/");
	ok(b.size == 0, "nothing is encoded as nothing");
	buf_add_encoded(&b, "a-z/A.Z/_~ +\xc3\xa9", 14, "/");
	is_str(b.data, "a-z/A.Z/_~%20%2B%C3%A9", "what an address does not take is encoded");
	buf_clear(&b);
	buf_add_encoded(&b, "a/b\0=c", 5, "");
	is_str(b.data, "a%2Fb%00%3D", "so is all that is not asked for, up to the end that is given");
	buf_release(&b);
}

int main(void)
{
	addresses();
	tails();
	grows();
	maximum();
	reserved();
	unused();
	printf_like();
	return done();
}
