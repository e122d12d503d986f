/* SPDX-License-Identifier: MIT */
#include "source/scouts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum state { WAITS, RUNS, RESTS };

struct seat {
	void *job; /* NULL: the seat is free */
	enum state state;
	atomic_bool wanted;
};

struct scouts {
	scouts_step_fn *step;
	size_t jobs; /* seats that are taken */
	unsigned count;
	pthread_t threads[SCOUTS_MAX];
	pthread_mutex_t lock; /* over the fields below it */
	pthread_cond_t more;  /* a job waits, or `closing` */
	pthread_cond_t back;  /* a job that is wanted rests */
	bool closing;
	struct seat seats[SCOUTS_JOBS_MAX];
};

/* Waits for a job, and begins it. NULL: there will be none. */
static struct seat *begin(struct scouts *s)
{
	while (!s->closing) {
		for (struct seat *seat = s->seats; seat < s->seats + SCOUTS_JOBS_MAX; seat++) {
			if (!seat->job || seat->state != WAITS)
				continue;
			seat->state = RUNS;
			return seat;
		}
		pthread_cond_wait(&s->more, &s->lock);
	}
	return NULL;
}

static void *work(void *arg)
{
	struct scouts *s = arg;
	struct seat *seat;

	pthread_mutex_lock(&s->lock);
	while ((seat = begin(s))) {
		void *job = seat->job;

		pthread_mutex_unlock(&s->lock);
		while (!atomic_load_explicit(&seat->wanted, memory_order_relaxed) && s->step(job))
			;
		pthread_mutex_lock(&s->lock);
		seat->state = RESTS;
		if (seat->wanted)
			pthread_cond_signal(&s->back);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct scouts *scouts_start(unsigned threads, scouts_step_fn *step)
{
	struct scouts *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->step = step;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	pthread_cond_init(&s->back, NULL);
	while (s->count < threads && s->count < SCOUTS_MAX &&
	       pthread_create(&s->threads[s->count], NULL, work, s) == 0)
		s->count++;
	if (s->count > 0)
		return s;
	scouts_finish(s);
	return NULL;
}

void scouts_finish(struct scouts *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < s->count; i++)
		pthread_join(s->threads[i], NULL);
	pthread_cond_destroy(&s->more);
	pthread_cond_destroy(&s->back);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

bool scouts_have_room(const struct scouts *s)
{
	return s->jobs < SCOUTS_JOBS_MAX;
}

static struct seat *seat_of(struct scouts *s, const void *job)
{
	struct seat *seat = s->seats;

	while (seat->job != job)
		seat++;
	return seat;
}

void scouts_give(struct scouts *s, void *job)
{
	struct seat *seat;

	pthread_mutex_lock(&s->lock);
	seat = seat_of(s, NULL);
	seat->job = job;
	seat->state = WAITS;
	seat->wanted = false;
	s->jobs++;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
}

void scouts_take_back(struct scouts *s, void *job)
{
	struct seat *seat;

	pthread_mutex_lock(&s->lock);
	seat = seat_of(s, job);
	seat->wanted = true;
	while (seat->state == RUNS)
		pthread_cond_wait(&s->back, &s->lock);
	seat->job = NULL;
	s->jobs--;
	pthread_mutex_unlock(&s->lock);
}
