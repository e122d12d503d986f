/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include "cli/say.h"

#include <inttypes.h>
#include <stdio.h>

enum { RATE_AFTER_MS = 1000 }; /* sooner it is a matter of luck */

bool progress_is_due(struct progress *p, const struct run_progress *now, bool terminal,
		     uint64_t now_ms)
{
	if (p->phase < 0)
		p->said_ms = now_ms;
	if (p->phase != (int)now->phase) {
		p->phase = (int)now->phase;
		p->started_ms = now_ms;
	}
	if (!terminal && now_ms - p->said_ms < PROGRESS_EVERY_MS)
		return false;
	p->said_ms = now_ms;
	return true;
}

/* ", 456.0 MiB of 1.4 GiB, 120.0 MiB/s, 8 s left" */
static void add_bytes(const struct run_progress *now, uint64_t ms, char *to, size_t size)
{
	char done[SAY_BYTES_MAX], all[SAY_BYTES_MAX], rate[SAY_BYTES_MAX];
	char named[SAY_NUMBER_MAX], to_name[SAY_NUMBER_MAX];
	uint64_t per_s = ms > 0 ? now->bytes_done * 1000 / ms : 0;
	size_t used = (size_t)snprintf(to, size, ", %s of %s", say_bytes(now->bytes_done, done),
				       say_bytes(now->bytes, all));
	char *end = to + used;
	size_t room = size - used;

	if (now->step == RUN_FLUSHING) /* how long that takes, nobody can tell */
		snprintf(end, room, ", flushing to the disk");
	else if (now->step == RUN_PUBLISHING)
		snprintf(end, room, ", publishing %s of %s", say_number(now->named, named),
			 say_number(now->to_name, to_name));
	else if (ms >= RATE_AFTER_MS && per_s > 0 && now->bytes_done < now->bytes)
		snprintf(end, room, ", %s/s, %" PRIu64 " s left", say_bytes(per_s, rate),
			 units_of(now->bytes - now->bytes_done, per_s));
	else if (ms >= RATE_AFTER_MS)
		snprintf(end, room, ", %s/s", say_bytes(per_s, rate));
}

void progress_text(const struct progress *p, const struct run_progress *now, uint64_t now_ms,
		   char to[PROGRESS_TEXT_MAX])
{
	static const char *const words[] = {[RUN_FINDING] = "finding",
					    [RUN_READING] = "reading",
					    [RUN_DUMPING] = "making .sym files",
					    [RUN_PAIRING] = "looking for debug information",
					    [RUN_DELIVERING] = "storing",
					    [RUN_VERIFYING] = "verifying"};
	const char *word = words[now->phase];
	char done[SAY_NUMBER_MAX], all[SAY_NUMBER_MAX];
	size_t used;

	say_number(now->files_done, done);
	if (now->files == 0) { /* nobody knows yet */
		snprintf(to, PROGRESS_TEXT_MAX, "%s: %s files", word, done);
		return;
	}
	used = (size_t)snprintf(to, PROGRESS_TEXT_MAX, "%s: %s of %s files", word, done, say_number(now->files, all));
	if (now->phase == RUN_DELIVERING)
		add_bytes(now, now_ms - p->started_ms, to + used, PROGRESS_TEXT_MAX - used);
}
