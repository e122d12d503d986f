/* SPDX-License-Identifier: MIT
 * What the floors share. A floor is the least work that a figure could possibly stand
 * for, done by one thread in the plainest way: a yardstick, not a tool. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>

/* Ends the program with a message that errno completes. */
void die(const char *what);

/* Calls `each` for every file below `folder` whose name ends as symbol files' do, or for
 * every file at all. Answers how many. */
typedef void each_fn(const char *path, const char *name);
size_t walk(const char *folder, int all, each_fn *each);

#endif
