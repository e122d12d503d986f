/* SPDX-License-Identifier: MIT
 * Sorting by key and number: every order in, one order out. */
#include "base/keyed.h"

#include "tap.h"

enum { COUNT = 5000 };

static struct keyed rows[COUNT];

/* Are they in order, and those that were put in: each number once, with its key? */
static bool is_sorted(size_t count, uint64_t (*key_of)(uint32_t number))
{
	static bool seen[COUNT];

	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < count; i++) {
		const struct keyed *row = &rows[i], *before = &rows[i ? i - 1 : 0];

		if (row->number >= count || seen[row->number] || row->key != key_of(row->number) ||
		    before->key > row->key || (i > 0 && before->key == row->key && before->number >= row->number))
			return false;
		seen[row->number] = true;
	}
	return true;
}

static uint64_t key_rising(uint32_t number)
{
	return number;
}

static uint64_t key_falling(uint32_t number)
{
	return UINT64_MAX - number;
}

static uint64_t key_same(uint32_t number)
{
	(void)number;
	return 7;
}

static uint64_t key_few(uint32_t number)
{
	return (uint64_t)(number % 7) << 60;
}

static uint64_t key_shuffled(uint32_t number)
{
	return number * 0x9e3779b97f4a7c15;
}

static void test_orders(void)
{
	static uint64_t (*const keys[])(uint32_t) = {key_rising, key_falling, key_same, key_few, key_shuffled};
	static const size_t counts[] = {0, 1, 2, 3, 10, 1000, COUNT};

	for (size_t k = 0; k < ARRAY_LEN(keys); k++)
		for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
			for (size_t i = 0; i < counts[c]; i++) {
				uint32_t number = (uint32_t)(c % 2 ? counts[c] - 1 - i : i);

				rows[i] = (struct keyed){.key = keys[k](number), .number = number};
			}
			keyed_sort(rows, counts[c]);
			ok(is_sorted(counts[c], keys[k]), "%zu rows of keys of kind %zu", counts[c], k);
		}
}

static void test_find(void)
{
	bool first = true;

	for (size_t i = 0; i < 100; i++)
		rows[i] = (struct keyed){.key = 10 + i / 3 * 10, .number = (uint32_t)i};
	for (size_t i = 0; i < 100; i++)
		first &= keyed_find(rows, 100, rows[i].key) == &rows[i / 3 * 3];
	ok(first, "the first row of each key is found");
	ok(keyed_find(rows, 100, 0) == rows && keyed_find(rows, 100, 25) == &rows[6],
	   "where none has the key, the row behind it");
	ok(keyed_find(rows, 100, 1000) == rows + 100 && keyed_find(rows, 0, 10) == rows, "or the end");
}

int main(void)
{
	test_orders();
	test_find();
	return done();
}
