/* SPDX-License-Identifier: MIT
 * When the progress display has something to say, and what. Pure: the clock comes in as a
 * number. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "pipeline/run.h"

#define PROGRESS_EVERY_MS 30000u /* between two lines of a log */

struct progress {
	int phase;           /* -1: none has begun */
	uint64_t started_ms; /* when it began */
	uint64_t said_ms;    /* when the last line was due, or the run began */
};

/* Is a line due? On a terminal always; in a log each PROGRESS_EVERY_MS, whatever the run is at then:
 * what is done sooner needs no word. */
bool progress_is_due(struct progress *p, const struct run_progress *now, bool terminal,
		     uint64_t now_ms);

/* "storing: 1,234 of 20,000 files, 456.0 MiB of 1.4 GiB, 120.0 MiB/s, 8 s left" */
#define PROGRESS_TEXT_MAX 200
void progress_text(const struct progress *p, const struct run_progress *now, uint64_t now_ms,
		   char to[PROGRESS_TEXT_MAX]);

#endif
