/* SPDX-License-Identifier: MIT
 * Threads that work ahead of their owner, on jobs that it will come to. They do a job in small
 * steps, so that its owner gets it back one step after asking for it. */
#ifndef SOURCE_SCOUTS_H
#define SOURCE_SCOUTS_H

#include "base/def.h"

#define SCOUTS_MAX 4u      /* threads */
#define SCOUTS_JOBS_MAX 6u /* given and not taken back */

struct scouts;

/* Does one step of `job`. False: the rest of it is its owner's. */
typedef bool scouts_step_fn(void *job);

/* Starts up to SCOUTS_MAX threads; NULL where not one can be started. All functions here are
 * called by one thread, the owner. */
struct scouts *scouts_start(unsigned threads, scouts_step_fn *step);

/* Ends the threads, once every job was taken back. NULL is fine. */
void scouts_finish(struct scouts *s);

/* May one more job be given? */
bool scouts_have_room(const struct scouts *s);

/* Gives them a job, borrowed until it is taken back. There must be room. */
void scouts_give(struct scouts *s, void *job);

/* Takes a job back, done or not: from now on it is the owner's alone. */
void scouts_take_back(struct scouts *s, void *job);

#endif
