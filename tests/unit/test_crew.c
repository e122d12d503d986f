/* SPDX-License-Identifier: MIT
 * A crew does each job once, and what it says is done has been done. */
#include "pipeline/crew.h"

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
	return done();
}
