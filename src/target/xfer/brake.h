/* SPDX-License-Identifier: MIT
 * How hard one server may be asked: fewer transfers at once, and then pauses between
 * them, as long as it says that it is busy; more again when it answers. Pure: the
 * clock comes in as a number. */
#ifndef TARGET_XFER_BRAKE_H
#define TARGET_XFER_BRAKE_H

#include "base/def.h"

struct brake {
	unsigned most;     /* transfers at once where nothing is wrong */
	double allowed;    /* transfers at once now: 1 to `most` */
	uint64_t gap_ms;   /* from one start to the next; 0 but where one at once is too much */
	uint64_t open_ms;  /* no start before */
	uint64_t cut_ms;   /* when it was last tightened */
};

void brake_init(struct brake *b, unsigned most);

/* The time at which the next transfer may start: at most `now_ms` = at once; UINT64_MAX =
 * when one of the `running` has ended. */
uint64_t brake_opens(const struct brake *b, unsigned running, uint64_t now_ms);

void brake_started(struct brake *b, uint64_t now_ms);

/* An answer to a transfer that began at `started_ms`. `retry_after_ms` is what the server
 * demands, or 0: all its transfers wait for so long, unless it is longer than anybody waits. Those
 * that were under way together tighten the brake but once. */
void brake_answered(struct brake *b, long http, uint64_t retry_after_ms, uint64_t started_ms,
		    uint64_t now_ms);

#endif
