/* SPDX-License-Identifier: MIT
 * What the user demands of a delivery (--expect, --expect-min, --require-pairs, --strict), and
 * the exit status that it earns. */
#ifndef CLI_DEMANDS_H
#define CLI_DEMANDS_H

#include "cli/ci.h"
#include "cli/options.h"
#include "pipeline/report.h"

struct demands {
	const struct options *o;
	bool *met;      /* one a name of --expect: a file of this name was delivered */
	uint64_t files; /* files that were delivered, each once however many targets and slices it has */
	uint64_t last;  /* hash of the last one's path: all reports of a file follow each other */
	struct ci_summary *summary; /* gets what is printed at the end */
};

/* Borrows the options and the summary. SYM_NOMEM. */
enum sym_status demands_init(struct demands *d, const struct options *o, struct ci_summary *summary,
			     struct sym_err *err) MUST_CHECK;
void demands_release(struct demands *d); /* zero-initialised is fine */

/* Counts what is delivered. `d` is borrowed. */
struct reporter demands_reporter(struct demands *d);

/* Files that are in their places, or that a dry run would put there. */
uint64_t delivered_count(const struct tally *t);

/* Prints each demand that was not met, and what else made the run fail; answers its exit status. */
int demands_exit_status(const struct demands *d, const struct tally *t);

#endif
