/* SPDX-License-Identifier: MIT */
#include "base/keyed.h"

static bool is_before(const struct keyed *a, const struct keyed *b)
{
	return a->key != b->key ? a->key < b->key : a->number < b->number;
}

static void swap(struct keyed *a, struct keyed *b)
{
	const struct keyed other = *a;

	*a = *b;
	*b = other;
}

/* Quicksort. Hashes are as good as shuffled, so that no order of theirs is a bad one. */
void keyed_sort(struct keyed *rows, size_t count)
{
	while (count > 1) {
		const struct keyed middle = rows[(count - 1) / 2];
		size_t low = 0, high = count - 1, left;

		for (;; low++, high--) {
			while (is_before(&rows[low], &middle))
				low++;
			while (is_before(&middle, &rows[high]))
				high--;
			if (low >= high)
				break;
			swap(&rows[low], &rows[high]);
		}
		left = high + 1;
		if (left < count - left) { /* so that the stack stays low */
			keyed_sort(rows, left);
			rows += left;
			count -= left;
		} else {
			keyed_sort(rows + left, count - left);
			count = left;
		}
	}
}

const struct keyed *keyed_find(const struct keyed *rows, size_t count, uint64_t key)
{
	while (count > 0) {
		size_t half = count / 2;

		if (rows[half].key < key) {
			rows += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return rows;
}
