/* SPDX-License-Identifier: MIT
 * What the user demands of a delivery (--expect, --expect-min, --require-pairs, --strict), and
 * the exit status that it earns. */
#ifndef CLI_DEMANDS_H
#define CLI_DEMANDS_H

#include "cli/options.h"
#include "pipeline/report.h"

struct demands {
	const struct options *o;
	bool *met;      /* one a name of --expect: a file of this name was delivered */
	uint64_t files; /* that were delivered, to whatever number of targets, in whatever number of slices */
	uint64_t last;  /* hash of the path of the last of them: a file is told of without a break */
};

/* Borrows the options. SYM_NOMEM. */
enum sym_status demands_init(struct demands *d, const struct options *o, struct sym_err *err) MUST_CHECK;
void demands_release(struct demands *d); /* zero-initialised is fine */

/* Hears of what is delivered. `d` is borrowed. */
struct reporter demands_reporter(struct demands *d);

/* Files that are where they shall be, or would be. */
uint64_t delivered_count(const struct tally *t);

/* Says what was not met and why the run is none that went well; answers its exit status. */
int demands_exit_status(const struct demands *d, const struct tally *t);

#endif
