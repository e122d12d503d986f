/* SPDX-License-Identifier: MIT */
#include "pipeline/ring.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "pipeline/crew.h"

#include <stdlib.h>

enum {
	AHEAD_FILES = 1024, /* looked at, but not yet told of */
	FEED_FILES = 32,    /* files are handed to the crew by so many */
	KEPT_BYTES = 4096,  /* a seat keeps so much memory for the path of its next file */
};

struct seat {
	struct buf path;
	bool ready;
};

struct ring {
	const struct ring_work *work;
	struct crew *crew;
	size_t taken;         /* seats given out; the walk's thread */
	pthread_mutex_t lock; /* over `told`, `awaited`, and what is told */
	pthread_cond_t room;  /* `told` reached `awaited` */
	size_t told;
	size_t awaited;
	char *own;            /* the caller's part of each seat */
	struct seat seats[AHEAD_FILES];
};

static void *own_part(const struct ring *ring, size_t index)
{
	return ring->own + index % AHEAD_FILES * ring->work->seat_size;
}

/* Tells of whatever is next and ready. Under the lock. */
static void tell_ready(struct ring *ring)
{
	while (ring->seats[ring->told % AHEAD_FILES].ready) {
		struct seat *seat = &ring->seats[ring->told % AHEAD_FILES];

		ring->work->tell(ring->work->ctx, seat->path.data, own_part(ring, ring->told));
		seat->ready = false;
		if (++ring->told == ring->awaited)
			pthread_cond_signal(&ring->room);
	}
}

static void job(void *ctx, unsigned worker, size_t index)
{
	struct ring *ring = ctx;
	struct seat *seat = &ring->seats[index % AHEAD_FILES];

	ring->work->look(ring->work->ctx, worker, seat->path.data, own_part(ring, index));
	pthread_mutex_lock(&ring->lock);
	seat->ready = true;
	tell_ready(ring);
	pthread_mutex_unlock(&ring->lock);
}

/* Waits until at most `waiting` files are untold; false where the run is stopped before that. */
static bool wait_for_telling(struct ring *ring, size_t waiting)
{
	bool told;

	pthread_mutex_lock(&ring->lock);
	ring->awaited = ring->taken - waiting;
	while (ring->told < ring->awaited && !stop_asked())
		crew_wait_a_tick(&ring->room, &ring->lock);
	told = ring->told >= ring->awaited;
	pthread_mutex_unlock(&ring->lock);
	return told;
}

/* Gives the crew what came. Where the ring is full then, half of it is awaited: who slept for
 * each seat would be woken for each file. */
static void hand_over(struct ring *ring)
{
	bool full;

	crew_allow(ring->crew, ring->taken);
	pthread_mutex_lock(&ring->lock);
	full = ring->taken - ring->told > AHEAD_FILES - FEED_FILES;
	pthread_mutex_unlock(&ring->lock);
	if (full)
		wait_for_telling(ring, AHEAD_FILES / 2);
}

enum sym_status ring_take(struct ring *ring, const char *path, void **seat, struct sym_err *err)
{
	struct buf *own_path = &ring->seats[ring->taken % AHEAD_FILES].path;

	if (ring->taken % FEED_FILES == 0)
		hand_over(ring);
	if (stop_check(err) != SYM_OK)
		return err->status;
	if (own_path->room > KEPT_BYTES)
		buf_release(own_path);
	buf_clear(own_path);
	buf_add_text(own_path, path);
	if (own_path->failed)
		return err_set(err, SYM_NOMEM, "out of memory");
	*seat = own_part(ring, ring->taken++);
	return SYM_OK;
}

bool ring_settle(struct ring *ring)
{
	crew_allow(ring->crew, ring->taken);
	return wait_for_telling(ring, 0);
}

static void ring_free(struct ring *ring)
{
	for (size_t i = 0; i < AHEAD_FILES; i++) {
		buf_release(&ring->seats[i].path);
		if (ring->own && ring->work->release)
			ring->work->release(own_part(ring, i));
	}
	free(ring->own);
	pthread_cond_destroy(&ring->room);
	pthread_mutex_destroy(&ring->lock);
	free(ring);
}

enum sym_status ring_start(const struct ring_work *work, unsigned workers, struct ring **out,
			   struct sym_err *err)
{
	struct ring *ring = calloc(1, sizeof *ring);

	if (!ring)
		return err_set(err, SYM_NOMEM, "out of memory");
	ring->work = work;
	for (size_t i = 0; i < AHEAD_FILES; i++)
		ring->seats[i].path.max = SOURCE_PATH_BYTES_MAX;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->room, NULL);
	ring->own = calloc(AHEAD_FILES, work->seat_size);
	ring->crew = ring->own ? crew_start(workers, 0, job, ring) : NULL;
	if (!ring->crew) {
		ring_free(ring);
		return err_set(err, SYM_NOMEM, "cannot start a thread");
	}
	*out = ring;
	return SYM_OK;
}

void ring_finish(struct ring *ring)
{
	crew_allow(ring->crew, ring->taken);
	crew_finish(ring->crew, NULL, NULL);
	ring_free(ring);
}
