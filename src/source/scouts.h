/* SPDX-License-Identifier: MIT
 * Threads that work ahead of their owner: on jobs that it will come to, a step at a time, so
 * that a job is back a step after it is wanted. */
#ifndef SOURCE_SCOUTS_H
#define SOURCE_SCOUTS_H

#include "base/def.h"

#define SCOUTS_MAX 4u      /* threads */
#define SCOUTS_JOBS_MAX 6u /* begun, done or waiting */

struct scouts;

/* Does a little of `job`. False: no more can be done of it ahead. */
typedef bool scouts_step_fn(void *job);

/* NULL where no thread can be started. All calls are for one thread, the owner's. */
struct scouts *scouts_start(unsigned threads, scouts_step_fn *step);

/* Every job was taken back. NULL is fine. */
void scouts_finish(struct scouts *s);

bool scouts_have_room(const struct scouts *s);

/* Gives them a job; there is room. */
void scouts_give(struct scouts *s, void *job);

/* Takes a job back, done or not: from now on it is the owner's alone. */
void scouts_take_back(struct scouts *s, void *job);

#endif
