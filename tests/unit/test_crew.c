/* SPDX-License-Identifier: MIT
 * A crew does each job once, and what it says is done has been done; a ring that is stopped says that
 * not all is told. */
#include "base/stop.h"
#include "pipeline/crew.h"
#include "pipeline/ring.h"

#include "tap.h"

#include <stdatomic.h>

enum { JOBS = 20000 };

static atomic_uchar times[JOBS];

static void job(void *ctx, unsigned worker, size_t index)
{
	(void)ctx;
	(void)worker;
	atomic_fetch_add(&times[index], 1);
}

static bool each_once(size_t from, size_t end)
{
	for (; from < end; from++)
		if (atomic_load(&times[from]) != 1)
			return false;
	return true;
}

static atomic_bool may_end;

static void look(void *ctx, unsigned worker, const char *path, void *seat)
{
	(void)ctx;
	(void)worker;
	(void)path;
	(void)seat;
	while (!atomic_load(&may_end))
		;
}

static void tell(void *ctx, const char *path, void *seat)
{
	(void)path;
	(void)seat;
	++*(int *)ctx;
}

static void test_ring(void)
{
	int told = 0;
	struct ring_work work = {.seat_size = 1, .look = look, .tell = tell, .ctx = &told};
	struct sym_err err;
	struct ring *ring;
	void *seat;

	if (!ok(ring_start(&work, 1, &ring, &err) == SYM_OK, "a ring begins"))
		return;
	atomic_store(&may_end, true);
	ok(ring_take(ring, "a", &seat, &err) == SYM_OK && ring_settle(ring) && told == 1,
	   "it settles once all is told");
	atomic_store(&may_end, false);
	ok(ring_take(ring, "b", &seat, &err) == SYM_OK, "a file that takes long is under way");
	stop_ask();
	ok(!ring_settle(ring), "where the run is stopped, it does not take for told what is under way");
	atomic_store(&may_end, true);
	ring_finish(ring);
}

int main(void)
{
	struct crew *crew = crew_start(4, 0, job, NULL);
	size_t reached = 0;
	bool once = true, backwards = false;

	ok(crew && crew_done(crew) == 0, "nothing is done before anything is allowed");
	crew_allow(crew, JOBS);
	while (reached < JOBS) {
		size_t now = crew_done(crew);

		once &= each_once(reached, now);
		backwards |= now < reached;
		reached = now;
	}
	ok(once, "every job below what is done was done once");
	ok(!backwards, "and it does not go back");
	crew_finish(crew, NULL, NULL);
	ok(each_once(0, JOBS), "in the end all were done once");
	test_ring();
	return done();
}
