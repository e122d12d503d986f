/* SPDX-License-Identifier: MIT
 * What the null server remembers of the objects whose bytes it threw away. */
#ifndef BENCH_OBJECTS_H
#define BENCH_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

struct object {
	char *path;            /* as it stands in the request, without query */
	unsigned long long size;
	bool there;            /* else it is being uploaded in parts */
	char sha256[65], has[49]; /* x-amz-meta-…; "" = not told */
};

/* The object of that path; made, absent and of no size, where there is none yet. */
struct object *objects_at(const char *path, size_t size);

void objects_forget(void);

/* The answer to ListObjectsV2 of a request's target: up to 1,000 keys. To be freed. All of
 * this module is under the lock of its caller. */
char *objects_listed(const char *target);

#endif
