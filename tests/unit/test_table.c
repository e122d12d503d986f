/* SPDX-License-Identifier: MIT */
#include "base/table.h"

#include "base/array.h"
#include "base/hash.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

struct row {
	uint64_t hash;
	uint32_t number;
};

static uint64_t hash_of(unsigned n)
{
	char text[16];

	snprintf(text, sizeof text, "%u", n);
	return hash_text(HASH_START, text);
}

static void test_many(void)
{
	enum { MANY = 100000 };
	struct table t = TABLE_OF(struct row);
	unsigned anew = 0, found = 0, clean = 0;

	ok(!table_find(&t, 1), "an empty table has nothing");
	for (unsigned n = 0; n < MANY; n++) {
		struct row *row = table_add(&t, hash_of(n));

		clean += row->number == 0;
		row->number = n + 1;
	}
	for (unsigned n = 0; n < MANY; n++) {
		const struct row *row = table_find(&t, hash_of(n)), *again = table_add(&t, hash_of(n));

		found += row && row->number == n + 1;
		anew += row != again;
	}
	is_u64(clean, MANY, "new rows are zeros");
	is_u64(found, MANY, "all are found again, however it grew");
	is_u64(anew, 0, "what is added again is the same row");
	is_u64(t.count, MANY, "and counts once");
	ok(!table_find(&t, hash_of(MANY)), "what was not added is not found");
	table_release(&t);
	ok(!table_find(&t, hash_of(1)) && t.count == 0, "nothing is left of a released one");
	ok(table_add(&t, 1), "which can be used again");
	table_release(&t);
}

/* Numbers as folders have them: in order, and many alike in their low bits. */
static void test_numbers(void)
{
	enum { MANY = 100000 };
	struct table t = TABLE_OF(struct row);

	for (uint64_t n = 0; n < MANY; n++) {
		(void)table_add(&t, hash_number(HASH_START, n));
		(void)table_add(&t, hash_number(HASH_START, n << 40 | 7));
		(void)table_add(&t, hash_number(hash_number(HASH_START, n), n));
	}
	is_u64(t.count, 3 * MANY - 1, "no two numbers meet but equal ones, nor two of a pair");
	table_release(&t);
}

/* Low bits alike: the rows stand one behind the other, around the end of the table too. */
static void test_neighbours(void)
{
	struct table t = TABLE_OF(struct row);
	bool all = true;

	for (uint64_t n = 1; n <= 64; n++)
		all &= table_add(&t, n << 32 | 0xFFFFFFF0) != NULL;
	for (uint64_t n = 1; n <= 64; n++)
		all &= table_find(&t, n << 32 | 0xFFFFFFF0) != NULL;
	ok(all && t.count == 64, "hashes that want the same place are kept apart");
	ok(!table_find(&t, (uint64_t)65 << 32 | 0xFFFFFFF0), "also from one that is not there");
	table_release(&t);
}

static void test_array(void)
{
	size_t room = 0, kept = 0;
	uint32_t *array = NULL, *before;

	for (uint32_t n = 0; n < 1000; n++) {
		uint32_t *larger = array_fit(array, &room, n + 1, sizeof *array);

		array = larger ? larger : array;
		array[n] = n;
	}
	for (uint32_t n = 0; n < 1000; n++)
		kept += array[n] == n;
	is_u64(kept, 1000, "an array keeps its elements as it grows");
	ok(room >= 1000 && room <= 2000, "and has at most twice the room that it needs");
	before = array;
	ok(!array_fit(array, &room, SIZE_MAX - 1, sizeof *array) && array[999] == 999 && array == before,
	   "what no memory holds is refused, and the array stays");
	free(array);
}

int main(void)
{
	test_many();
	test_numbers();
	test_neighbours();
	test_array();
	return done();
}
