/* SPDX-License-Identifier: MIT
 * What the display counts of files that are under way: never more than a file's size, never
 * less than before, whatever has to be sent again, and the exact size once a file is done. */
#include "target/gauge.h"

#include "tap.h"

#include <pthread.h>

static _Atomic uint64_t total;

static void test_one_target(void)
{
	struct gauge g;

	total = 500;
	gauge_init(&g, &total, 1000, 1);
	gauge_begin(&g, 0, 0, 1000);
	is_u64(total, 500, "what is begun adds nothing yet");
	gauge_move(&g, 300);
	is_u64(total, 800, "bytes count as they are moved");
	gauge_move(&g, 300);
	is_u64(total, 1100, "one after the other");
	gauge_end(&g);
	is_u64(total, 1500, "a file that is done counts as a whole");
	gauge_end(&g);
	is_u64(total, 1500, "once");
	gauge_move(NULL, 100);
	is_u64(total, 1500, "without a gauge nothing is counted");
}

static void test_again(void)
{
	struct gauge g;

	total = 0;
	gauge_init(&g, &total, 1000, 1);
	gauge_begin(&g, 0, 0, 1000);
	gauge_move(&g, 600);
	gauge_move(&g, -600);
	is_u64(total, 600, "a transfer that begins anew takes nothing back");
	gauge_move(&g, 500);
	is_u64(total, 600, "nor adds, until it is where it was");
	gauge_move(&g, 200);
	is_u64(total, 700, "and then goes on");
	gauge_begin(&g, 0, 0, 1000);
	gauge_move(&g, 650);
	is_u64(total, 700, "the same where the file is read again from its beginning");
	gauge_move(&g, -900);
	is_u64(total, 700, "less than nothing is nothing");
	gauge_move(&g, 2000);
	is_u64(total, 1000, "a file that is sent twice adds no more than its size");
}

static void test_laps(void)
{
	struct gauge g;

	total = 0;
	gauge_init(&g, &total, 900, 3);
	gauge_begin(&g, 0, 0, 900);
	gauge_move(&g, 450);
	is_u64(total, 150, "with three targets a byte counts a third at each");
	gauge_move(&g, 900);
	is_u64(total, 300, "the first one makes no more than a third of it");
	gauge_begin(&g, 2, 0, 900);
	is_u64(total, 300, "a target that has the file already is passed …");
	gauge_move(&g, 90);
	is_u64(total, 630, "… and counts as soon as the next one moves");
	gauge_end(&g);
	is_u64(total, 900, "all three are the whole");
}

static void test_slices(void)
{
	struct gauge g;

	total = 0;
	gauge_init(&g, &total, 1000, 1);
	gauge_begin(&g, 0, 600, 400);
	gauge_move(&g, 100);
	is_u64(total, 700, "a slice counts from where it lies in the file");
	gauge_begin(&g, 0, 100, 500);
	gauge_move(&g, 500);
	is_u64(total, 700, "one before it adds nothing");
	gauge_begin(&g, 0, 2000, 500);
	gauge_move(&g, 500);
	is_u64(total, 1000, "one past the end of a file that has grown adds no more than its size");
	gauge_init(&g, &total, 0, 2);
	gauge_begin(&g, 1, 0, 100);
	gauge_move(&g, 100);
	gauge_end(&g);
	is_u64(total, 1000, "an empty one nothing");
}

static void test_share(void)
{
	uint64_t tib = UINT64_C(1) << 40;

	is_u64(gauge_share(0, 100, 1000), 0, "nothing of a body is nothing of the file");
	is_u64(gauge_share(50, 100, 1000), 500, "half of a packed body is half of the file");
	is_u64(gauge_share(7, 7, 10 * tib + 1), 10 * tib + 1, "all of it the whole, to the byte");
	is_u64(gauge_share(5 * tib, 10 * tib, 10 * tib), 5 * tib, "however large it is");
	is_u64(gauge_share(0, 0, 20), 0, "an empty body is nothing");
}

/* A part of a body that is sent in several at once; its first try fails. */
static void *send_part(void *gauge)
{
	for (int try = 0; try < 2; try++) {
		for (int i = 0; i < 25000; i++)
			gauge_move(gauge, 1);
		if (try == 0)
			gauge_move(gauge, -25000);
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[4];
	struct gauge g;

	total = 0;
	gauge_init(&g, &total, 150000, 1);
	gauge_begin(&g, 0, 0, 150000);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, send_part, &g);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	is_u64(total, 100000, "parts that are sent at once count each byte once");
	is_u64(total, g.counted, "and the total knows of all that the file counted");
}

int main(void)
{
	test_one_target();
	test_again();
	test_laps();
	test_slices();
	test_share();
	test_threads();
	return done();
}
