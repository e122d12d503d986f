/* SPDX-License-Identifier: MIT
 * Proves: parts are large enough for every object that S3 takes to have at most 10,000 of
 * them, and small enough for its limits; what a file offers is said in words; a bucket whose
 * name cannot be a host's is addressed by the path. */
#include "target/s3/s3.h"

#include "tap.h"

#include <stdlib.h>

#define MIB (1ull << 20)
#define GIB (1ull << 30)

static void test_part_size(void)
{
	static const uint64_t sizes[] = {1, 64 * MIB, 5 * GIB, 160000 * MIB, 160000 * MIB + 1, 1024 * GIB,
					 5 * 1024 * GIB - 1, 5 * 1024 * GIB};

	is_u64(s3_part_size(64 * MIB, S3_PART_BYTES), 16 * MIB, "16 MiB a part");
	is_u64(s3_part_size(160000 * MIB, S3_PART_BYTES), 16 * MIB, "as long as 10,000 are enough");
	is_u64(s3_part_size(160000 * MIB + 1, S3_PART_BYTES), 17 * MIB, "and from there a little more");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint64_t part = s3_part_size(sizes[i], S3_PART_BYTES);

		ok(units_of(sizes[i], part) <= 10000, "%llu bytes have at most 10,000 parts",
		   (unsigned long long)sizes[i]);
		ok(part >= 5 * MIB && part <= 5 * GIB, "each of a size that S3 takes");
		ok(part % MIB == 0, "in whole MiB, so that another run parts it alike");
	}
}

/* What is packed on its way: its size is not known before its end, but the most is. */
static void test_packed_part_size(void)
{
	static const uint64_t sizes[] = {S3_MULTIPART_BYTES, 5 * GIB, 1024 * GIB, 5 * 1024 * GIB};
	struct s3_packing p;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct gzip_source from = {.file = OS_NO_FILE, .size = sizes[i]};
		uint64_t stored = sizes[i] / 16383 * 5 + 40; /* deflate's blocks where nothing packs; head and end */

		s3_packing_init(&p, &from);
		ok(p.size_max >= sizes[i] + stored, "%llu bytes pack to no more than is expected",
		   (unsigned long long)sizes[i]);
		ok(units_of(p.size_max, p.part_bytes) <= 10000, "for which 10,000 parts are enough");
		s3_packing_release(&p);
	}
	s3_packing_init(&p, &(struct gzip_source){.size = 5 * GIB});
	is_u64(p.part_bytes, 8 * MIB, "usually 8 MiB a part");
}

static void test_words(void)
{
	char words[HAS_TEXT_MAX];

	s3_has_words(0, words);
	is_str(words, "nothing", "a file that offers nothing");
	s3_has_words(SYM_HAS_SYMBOLS | SYM_HAS_DEBUG | SYM_HAS_UNWIND | SYM_HAS_SOURCES, words);
	is_str(words, "symbols,debug,unwind,sources", "and one that offers all");
}

/* Amazon's buckets are named in the host, unless their names cannot stand there. */
static void test_addressing(void)
{
	static const struct {
		const char *where;
		bool virtual_host;
	} rows[] = {{"s3://symbols-1/win", true}, {"s3://sym.bols", false}, {"s3://Symbols", false},
		    {"s3://sym_bols", false}};
	const struct target_options options = {.workers = 1};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sym_err err;
		struct target *t = NULL;

		ok(s3_open(rows[i].where, &options, &t, &err) == SYM_OK &&
			   ((struct s3 *)t)->virtual_host == rows[i].virtual_host,
		   "%s is addressed by %s", rows[i].where, rows[i].virtual_host ? "its host" : "its path");
		s3_free((struct s3 *)t);
	}
}

int main(void)
{
	unsetenv("AWS_PROFILE");
	setenv("AWS_CONFIG_FILE", "/nowhere", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere", 1);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	test_addressing();
	test_part_size();
	test_packed_part_size();
	test_words();
	return done();
}
