/* SPDX-License-Identifier: MIT
 * In a log a line of progress is due each half minute, also where no phase takes that long, and not a
 * tick sooner, however often it is asked; on a terminal always. What it says
 * is true to the numbers. */
#include "cli/progress.h"

#include "tap.h"

#define KIB 1024ull
#define MIB (1024 * KIB)

/* How many lines come of a question each tick, from `from_ms` up to `to_ms`. */
static unsigned lines(struct progress *p, const struct run_progress *now, bool terminal,
		      uint64_t from_ms, uint64_t to_ms)
{
	unsigned count = 0;

	for (uint64_t ms = from_ms; ms < to_ms; ms += 100)
		count += progress_is_due(p, now, terminal, ms);
	return count;
}

static void test_log(void)
{
	struct run_progress now = {.phase = RUN_FINDING};
	struct progress p = {.phase = -1};
	uint64_t day = 24 * 3600 * 1000;

	is_u64(lines(&p, &now, false, day, day + 30000), 0, "nothing is said of what is done in half a minute");
	now.phase = RUN_DELIVERING;
	ok(progress_is_due(&p, &now, false, day + 30000), "when that is over a line is due, whatever the run is at");
	now.phase = RUN_PAIRING;
	is_u64(lines(&p, &now, false, day + 30100, day + 60000), 0, "a new phase is no reason for a line");
	now.phase = RUN_DELIVERING;
	ok(progress_is_due(&p, &now, false, day + 60000), "nor for none");
	ok(!progress_is_due(&p, &now, false, day + 60000), "once");
	ok(!progress_is_due(&p, &now, false, day + 89999), "no other one before the next half minute is over");
	ok(progress_is_due(&p, &now, false, day + 95000), "a late question has a late answer");
	ok(!progress_is_due(&p, &now, false, day + 120000), "from which the next half minute counts");
	is_u64(lines(&p, &now, false, day + 125000, day + 125000 + 3600 * 1000), 120, "an hour has 120 lines");
}

static void test_terminal(void)
{
	struct run_progress now = {.phase = RUN_FINDING};
	struct progress p = {.phase = -1};

	is_u64(lines(&p, &now, true, 5000, 6000), 10, "on a terminal the line is written each tick");
}

static void test_words(void)
{
	struct run_progress now = {.phase = RUN_FINDING, .files_done = 12345};
	struct progress p = {.phase = -1};
	char text[PROGRESS_TEXT_MAX];

	(void)progress_is_due(&p, &now, false, 1000);
	progress_text(&p, &now, 1000, text);
	is_str(text, "finding: 12,345 files", "how many are found");
	now = (struct run_progress){.phase = RUN_DUMPING, .files = 7, .files_done = 2};
	progress_text(&p, &now, 1000, text);
	is_str(text, "making .sym files: 2 of 7 files", "how many are dumped");
	now.phase = RUN_PAIRING;
	progress_text(&p, &now, 1000, text);
	is_str(text, "looking for debug information: 2 of 7 files", "how many have their partner");

	now = (struct run_progress){.phase = RUN_DELIVERING, .files = 20000, .bytes = 1536 * MIB};
	(void)progress_is_due(&p, &now, false, 2000);
	progress_text(&p, &now, 2000, text);
	is_str(text, "storing: 0 of 20,000 files, 0 B of 1.5 GiB", "in the first moment there is no rate");
	progress_text(&p, &now, 2000 + 1000, text);
	is_str(text, "storing: 0 of 20,000 files, 0 B of 1.5 GiB, 0 B/s", "before anything is stored no end is told");
	now.files_done = 1234;
	now.bytes_done = 512 * MIB;
	progress_text(&p, &now, 2000 + 4000, text);
	is_str(text, "storing: 1,234 of 20,000 files, 512.0 MiB of 1.5 GiB, 128.0 MiB/s, 8 s left",
	       "rate and time left are those of this phase");
	now.bytes_done = 1600 * MIB;
	progress_text(&p, &now, 2000 + 16000, text);
	is_str(text, "storing: 1,234 of 20,000 files, 1.6 GiB of 1.5 GiB, 100.0 MiB/s",
	       "where all bytes were read, or more since files grew, no end is told");
	now.step = RUN_FLUSHING;
	progress_text(&p, &now, 2000 + 16000, text);
	is_str(text, "storing: 1,234 of 20,000 files, 1.6 GiB of 1.5 GiB, flushing to the disk",
	       "while the disk is waited for, that is told");
	now.step = RUN_PUBLISHING;
	now.named = 1000;
	now.to_name = 16384;
	progress_text(&p, &now, 2000 + 16000, text);
	is_str(text, "storing: 1,234 of 20,000 files, 1.6 GiB of 1.5 GiB, publishing 1,000 of 16,384",
	       "and how many of those that were written have their names");
}

int main(void)
{
	test_log();
	test_terminal();
	test_words();
	return done();
}
