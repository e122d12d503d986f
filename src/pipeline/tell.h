/* SPDX-License-Identifier: MIT
 * What a run has to say, to all of its reporters, and counted. One thread, in the order
 * of the walk. */
#ifndef PIPELINE_TELL_H
#define PIPELINE_TELL_H

#include "pipeline/deliver.h"

struct teller {
	const struct run_options *options;
	struct tally *tally;
	const struct records *records;
	struct delivery *delivery;
	size_t told;       /* records */
	size_t first_left; /* the number of the first that was left */
};

void tell_warning(struct teller *t, const char *path, const struct sym_err *err);
void tell_note(struct teller *t, const char *text);

/* Every file that the walk gave. */
void tell_found(struct teller *t);

/* A file that gets to no target: skipped or failed, by what is wrong with it. `archive_len` as in
 * struct rejected. */
void tell_rejected(struct teller *t, const char *path, size_t archive_len, const struct sym_err *why);

/* Something that its readers will miss. */
void tell_flawed(struct teller *t, const struct flawed *f);

/* The targets that cannot be used, each once. */
void tell_lost(struct teller *t);

/* Where the run was stopped: what it left. */
void tell_stopped(struct teller *t);

/* The last word. */
void tell_finished(struct teller *t);

/* Tells what became of the records below `end`. */
void tell_until(struct teller *t, size_t end);

#endif
