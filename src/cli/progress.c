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

static void storing_text(const struct run_progress *now, uint64_t ms, char to[PROGRESS_TEXT_MAX])
{
	char done[SAY_NUMBER_MAX], all[SAY_NUMBER_MAX];
	char bytes_done[SAY_BYTES_MAX], bytes[SAY_BYTES_MAX], rate[SAY_BYTES_MAX];
	uint64_t per_s = ms > 0 ? now->bytes_done * 1000 / ms : 0;
	int used = snprintf(to, PROGRESS_TEXT_MAX, "storing: %s of %s files, %s of %s",
			    say_number(now->files_done, done), say_number(now->files, all),
			    say_bytes(now->bytes_done, bytes_done), say_bytes(now->bytes, bytes));
	char *end = to + used;
	size_t room = PROGRESS_TEXT_MAX - (size_t)used;

	if (now->step != RUN_WRITING) /* how long that takes, nobody can tell */
		snprintf(end, room, ", %s", now->step == RUN_FLUSHING ? "flushing to the disk" : "publishing");
	else if (ms >= RATE_AFTER_MS && per_s > 0 && now->bytes_done < now->bytes)
		snprintf(end, room, ", %s/s, %" PRIu64 " s left", say_bytes(per_s, rate),
			 units_of(now->bytes - now->bytes_done, per_s));
	else if (ms >= RATE_AFTER_MS)
		snprintf(end, room, ", %s/s", say_bytes(per_s, rate));
}

void progress_text(const struct progress *p, const struct run_progress *now, uint64_t now_ms,
		   char to[PROGRESS_TEXT_MAX])
{
	char done[SAY_NUMBER_MAX], all[SAY_NUMBER_MAX];

	say_number(now->files_done, done);
	say_number(now->files, all);
	switch (now->phase) {
	case RUN_FINDING:
		snprintf(to, PROGRESS_TEXT_MAX, "finding: %s files", done);
		break;
	case RUN_READING:
		snprintf(to, PROGRESS_TEXT_MAX, "reading: %s of %s files", done, all);
		break;
	case RUN_DUMPING:
		snprintf(to, PROGRESS_TEXT_MAX, "making .sym files: %s of %s files", done, all);
		break;
	case RUN_PAIRING:
		snprintf(to, PROGRESS_TEXT_MAX, "looking for debug information: %s of %s files", done, all);
		break;
	case RUN_VERIFYING:
		snprintf(to, PROGRESS_TEXT_MAX, "verifying: %s files", done);
		break;
	case RUN_DELIVERING:
		storing_text(now, now_ms - p->started_ms, to);
		break;
	}
}
