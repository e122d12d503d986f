/* SPDX-License-Identifier: MIT
 * A crew of threads that does numbered jobs, and begins none once the run is asked to stop
 * (base/stop.h). The only place that starts threads, but for source/scouts.h. */
#ifndef PIPELINE_CREW_H
#define PIPELINE_CREW_H

#include "base/def.h"

#include <pthread.h>

struct crew;

/* Does job `index` as worker number `worker`. Jobs begin in order; each is done once. */
typedef void crew_job_fn(void *ctx, unsigned worker, size_t index);

/* Starts `workers` threads that do jobs from `first` on, none of which is allowed yet.
 * NULL when no thread can be started. */
struct crew *crew_start(unsigned workers, size_t first, crew_job_fn *job, void *ctx);

/* Allows all jobs below `end`. */
void crew_allow(struct crew *crew, size_t end);

/* The number of the first job that is not done: all before it are. */
size_t crew_done(struct crew *crew);

/* Waits until all allowed jobs are done, calling `tick` (may be NULL) now and then from
 * the caller's thread; then ends the threads and frees the crew. */
void crew_finish(struct crew *crew, void (*tick)(void *ctx), void *tick_ctx);

/* Waits for `cond`, at most a tick long: stopping signals no condition. Ask again what
 * was waited for. */
void crew_wait_a_tick(pthread_cond_t *cond, pthread_mutex_t *lock);

#endif
