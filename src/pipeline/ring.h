/* SPDX-License-Identifier: MIT
 * Files that a crew looks at, told of in the order in which they came: the walk hands each one
 * over, the crew looks at several at once, and what became of each is told when all before it
 * were. A ring of seats is all the memory there is, whatever the number of files. */
#ifndef PIPELINE_RING_H
#define PIPELINE_RING_H

#include "base/def.h"
#include "sym.h"

struct ring_work {
	size_t seat_size; /* bytes that the caller keeps of each file; zero at the beginning */
	/* Looks at one file, in one of several threads. */
	void (*look)(void *ctx, unsigned worker, const char *path, void *seat);
	/* Tells of it, in order, from one thread at a time. */
	void (*tell)(void *ctx, const char *path, void *seat);
	void (*release)(void *seat); /* of each seat, at the end; NULL: there is nothing to release */
	void *ctx;
};

struct ring;

/* `work` is borrowed. SYM_NOMEM, also where no thread can be started. */
enum sym_status ring_start(const struct ring_work *work, unsigned workers, struct ring **out,
			   struct sym_err *err) MUST_CHECK;

/* A seat for the next file, which the caller fills; it holds what it was left with. Waits where
 * the ring is full. SYM_CANCELLED, SYM_NOMEM. */
enum sym_status ring_take(struct ring *ring, const char *path, void **seat,
			  struct sym_err *err) MUST_CHECK;

/* Waits until all files so far are told of: the crew is idle then. False where the run is stopped
 * before that: somebody may still be telling. */
bool ring_settle(struct ring *ring) MUST_CHECK;

/* Does what is left, and frees the ring. */
void ring_finish(struct ring *ring);

#endif
