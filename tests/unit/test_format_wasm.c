/* SPDX-License-Identifier: MIT
 * WebAssembly: each rule that wasm.c states, on the smallest file that shows it. */
#include "bytes.h"
#include "tap.h"

#include <stdlib.h>

extern const struct format wasm_format;

#define ID "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12"
#define ID_TEXT "0102030405060708090a0b0c0d0e0f101112"

static struct bytes b;

static void start(void)
{
	memset(&b, 0, sizeof b);
	put_bytes(&b, 0, "\0asm\1\0\0\0", 8);
}

/* A section; its size is written as LEB128 of two bytes, as linkers do to fill it in later. */
static void section(unsigned id, const void *content, size_t n)
{
	size_t at = b.size;

	put(&b, at, id, 1);
	put(&b, at + 1, 0x80 | (n & 0x7F), 1);
	put(&b, at + 2, n >> 7, 1);
	put_bytes(&b, at + 3, content, n);
}

static void custom(const char *name, const void *content, size_t n)
{
	uint8_t all[512];
	size_t len = strlen(name);

	all[0] = (uint8_t)len;
	memcpy(all + 1, name, len);
	memcpy(all + 1 + len, content, n);
	section(0, all, 1 + len + n);
}

static const struct found *run(void)
{
	return look(&wasm_format, b.at, b.size);
}

static void test_build_id(void)
{
	static const uint8_t zeros[21] = {20}, longest[66] = {64, 1}, longer[67] = {65, 1};

	start();
	custom("build_id", "\x12" ID, 19);
	is_str(code(run()), ID_TEXT, "length and bytes");
	is_str(debug(run()), "0102030405060708090A0B0C0D0E0F100",
	       "the first 16 bytes as they stand, age 0");
	ok(run()->id[0].id_has_length_byte, "the length is remembered");
	ok(run()->id[0].whole_file && run()->id[0].slice_size == b.size, "the whole file");
	custom("build_id", "\x04" "abcd", 5);
	is_str(code(run()), ID_TEXT, "the first one counts");

	start();
	custom("build_id", ID, 18);
	is_str(code(run()), ID_TEXT, "bytes without a length");
	ok(!run()->id[0].id_has_length_byte, "that is remembered too");
	start();
	custom("build_id", "\x20" ID, 19);
	is_str(code(run()), "20" ID_TEXT, "a length that does not fit is none");
	start();
	custom("build_id", "\x04" "abcd", 5);
	is_str(debug(run()), "616263640000000000000000000000000", "a short one is padded");

	start();
	custom("build_id", longest, 65);
	is_u64(run()->id[0].code.len, 64, "64 bytes are taken");
	start();
	custom("build_id", longer, 66);
	is_u64(run()->status, SYM_NO_KEY, "65 are not");
	start();
	custom("build_id", zeros, 21);
	is_u64(run()->status, SYM_NO_KEY, "nor are zeros");
	start();
	custom("build_id", "\0", 1);
	is_u64(run()->status, SYM_NO_KEY, "nor is nothing");
	is_str(run()->err.text, "the build_id is empty, all zeros or too long", "which is said");
	start();
	custom("build_ids", "\x04" "abcd", 5);
	is_u64(run()->status, SYM_NO_KEY, "another name is another section");
	is_str(run()->err.text, "no build_id section (link with --build-id)", "which is said");
}

static void test_object(void)
{
	start();
	section(10, "code", 4);
	custom("linking", "\x02", 1);
	is_u64(run()->status, SYM_OK, "an object needs no identifier");
	ok(run()->id[0].traits & SYM_OBJECT, "it is called so");
	custom("build_id", "\x04" "abcd", 5);
	is_u64(run()->id[0].traits, SYM_IMAGE, "with an identifier it is an image like others");
}

static void test_what_it_has(void)
{
	const struct sym_identity *id;

	start();
	custom("build_id", "\x04" "abcd", 5);
	id = &run()->id[0];
	ok(id->has == 0 && id->traits == 0 && id->arch == SYM_ARCH_WASM32,
	   "nothing but an identifier");
	section(10, "code", 4);
	is_u64(run()->id[0].traits, SYM_IMAGE, "code makes an image");
	custom("name", "names", 5);
	is_u64(run()->id[0].has, SYM_HAS_SYMBOLS, "names are symbols");
	custom(".debug_info", "dwarf", 5);
	is_u64(run()->id[0].has, SYM_HAS_SYMBOLS | SYM_HAS_DEBUG, "DWARF is debug info");
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_COMPANION, "and makes a companion");
	custom("external_debug_info", "\x0Fhttp://x/a.wasm", 16);
	id = &run()->id[0];
	is_u64(id->wants_count, 1, "a file with debug info is wanted");
	is_str(id->wants[0].name, "a.wasm", "the one that is named");
}

static void test_damage(void)
{
	unsigned good = 0;
	size_t last;

	start();
	b.at[6] = 1;
	b.at[4] = 13;
	is_u64(run()->status, SYM_UNSUPPORTED, "a component: %s", run()->err.text);
	start();
	b.at[4] = 2;
	is_u64(run()->status, SYM_UNSUPPORTED, "a version to come: %s", run()->err.text);
	is_u64(look(&wasm_format, "\0asm\1", 5)->status, SYM_MALFORMED, "a cut head");
	is_u64(look(&wasm_format, "\0as", 3)->status, SYM_NOT_MINE, "three bytes are nobody's");

	start();
	section(1, "types", 5);
	custom("name", "names", 5);
	last = b.size;
	custom("build_id", "\x04" "abcd", 5);
	for (size_t size = last + 1; size < b.size; size++) {
		const struct found *found = look(&wasm_format, b.at, size);

		good += found->status != SYM_MALFORMED || found->count > 0;
	}
	is_u64(good, 0, "cut in the last section: damaged, nothing emitted");

	start();
	put_bytes(&b, 8, "\1\x80\x80\x80\x80\x80\0", 7);
	is_u64(run()->status, SYM_MALFORMED, "a size of six bytes");
	start();
	put_bytes(&b, 8, "\1\xFF\xFF\xFF\xFF\x1F", 6);
	is_u64(run()->status, SYM_MALFORMED, "a size over 32 bits");
	start();
	put_bytes(&b, 8, "\1\xFF\xFF\xFF\xFF\x0F", 6);
	is_u64(run()->status, SYM_MALFORMED, "a section of 4 GiB");
	is_u64(run()->err.offset, 14, "and where");
	start();
	section(0, "\x05name", 5);
	is_u64(run()->status, SYM_MALFORMED, "a name longer than its section");
	start();
	section(0, "", 0);
	is_u64(run()->status, SYM_MALFORMED, "a custom section without a name");
}

static void test_many_sections(void)
{
	static uint8_t file[8 + 2 * (WASM_SECTIONS_MAX + 1)];

	memcpy(file, "\0asm\1\0\0\0", 8);
	for (size_t i = 8; i < sizeof file; i += 2)
		file[i] = 1;
	is_u64(look(&wasm_format, file, sizeof file)->status, SYM_TOO_BIG, "one section too many");
	is_u64(look(&wasm_format, file, sizeof file - 2)->status, SYM_NO_KEY, "as many as may be");
}

static void test_far_sections(void)
{
	static const uint8_t head[] = {1, 0x80, 0x80, 1}; /* of 16 KiB */
	const size_t one = sizeof head + 0x4000, size = 8 + (FORMAT_READS_MAX + 8) * one;
	uint8_t *file = calloc(1, size);
	const struct found *found;

	if (!ok(file != NULL, "memory for a file of 256 MiB"))
		return;
	memcpy(file, "\0asm\1\0\0\0", 8);
	for (size_t at = 8; at < size; at += one)
		memcpy(file + at, head, sizeof head);
	found = look(&wasm_format, file, size);
	is_u64(found->status, SYM_TOO_BIG, "a read for each of too many sections: %s", found->err.text);
	is_u64(found->reads, FORMAT_READS_MAX + 1, "the last is one too many");
	free(file);
}

int main(void)
{
	test_build_id();
	test_object();
	test_what_it_has();
	test_damage();
	test_many_sections();
	test_far_sections();
	return done();
}
