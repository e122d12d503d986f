/* SPDX-License-Identifier: MIT */
#include "pipeline/crew.h"

#include "base/stop.h"

#include <stdlib.h>
#include <time.h>

enum { TICK_MS = 100 };

struct crew {
	crew_job_fn *job;
	void *ctx;
	pthread_mutex_t lock;    /* over the fields below it */
	pthread_cond_t more;     /* `end` grew, or `closing` */
	pthread_cond_t less;     /* a worker went home */
	size_t next;             /* the next job that nobody has begun */
	size_t end;
	bool closing;
	unsigned present;        /* workers that have not gone home */
	unsigned count;
	struct crew_member {
		struct crew *crew;
		unsigned number;
		size_t job;      /* that it is at; SIZE_MAX: none */
		pthread_t thread;
	} members[];
};

/* Is done with its job, and takes the next one; false when there will be none. */
static bool take(struct crew *c, struct crew_member *me)
{
	bool taken;

	pthread_mutex_lock(&c->lock);
	me->job = SIZE_MAX;
	while (c->next >= c->end && !c->closing)
		pthread_cond_wait(&c->more, &c->lock);
	taken = c->next < c->end && !stop_asked();
	if (taken)
		me->job = c->next++;
	pthread_mutex_unlock(&c->lock);
	return taken;
}

static void *work(void *arg)
{
	struct crew_member *me = arg;
	struct crew *c = me->crew;

	while (take(c, me))
		c->job(c->ctx, me->number, me->job);
	pthread_mutex_lock(&c->lock);
	c->present--;
	pthread_cond_signal(&c->less);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct crew *crew_start(unsigned workers, size_t first, crew_job_fn *job, void *ctx)
{
	struct crew *c = calloc(1, sizeof *c + workers * sizeof c->members[0]);

	if (!c)
		return NULL;
	c->job = job;
	c->ctx = ctx;
	c->next = c->end = first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->more, NULL);
	pthread_cond_init(&c->less, NULL);
	for (unsigned i = 0; i < workers; i++) {
		struct crew_member *m = &c->members[c->count];

		m->crew = c;
		m->number = c->count;
		m->job = SIZE_MAX;
		pthread_mutex_lock(&c->lock);
		if (pthread_create(&m->thread, NULL, work, m) == 0) {
			c->count++;
			c->present++;
		}
		pthread_mutex_unlock(&c->lock);
	}
	if (c->count == 0) {
		crew_finish(c, NULL, NULL);
		return NULL;
	}
	return c;
}

void crew_allow(struct crew *c, size_t end)
{
	pthread_mutex_lock(&c->lock);
	c->end = end;
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
}

size_t crew_done(struct crew *c)
{
	size_t done;

	pthread_mutex_lock(&c->lock);
	done = c->next;
	for (unsigned i = 0; i < c->count; i++)
		if (c->members[i].job < done)
			done = c->members[i].job;
	pthread_mutex_unlock(&c->lock);
	return done;
}

void crew_wait_a_tick(pthread_cond_t *cond, pthread_mutex_t *lock)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(cond, lock, &until);
}

/* Waits for the last worker, at most one tick long. */
static bool wait_for_all(struct crew *c)
{
	bool done;

	pthread_mutex_lock(&c->lock);
	if (c->present > 0)
		crew_wait_a_tick(&c->less, &c->lock);
	done = c->present == 0;
	pthread_mutex_unlock(&c->lock);
	return done;
}

void crew_finish(struct crew *c, void (*tick)(void *ctx), void *tick_ctx)
{
	pthread_mutex_lock(&c->lock);
	c->closing = true;
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
	while (!wait_for_all(c))
		if (tick)
			tick(tick_ctx);
	for (unsigned i = 0; i < c->count; i++)
		pthread_join(c->members[i].thread, NULL);
	pthread_cond_destroy(&c->more);
	pthread_cond_destroy(&c->less);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
