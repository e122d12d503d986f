/* SPDX-License-Identifier: MIT
 * What to paste into a debugger so that it reads the store that was filled. */
#ifndef CLI_PASTE_H
#define CLI_PASTE_H

#include "cli/options.h"
#include "pipeline/run.h"

/* What a target of the run has got. */
struct paste {
	unsigned readers[SYM_KIND_COUNT]; /* by kind of file: who finds some of them there; bit i: key_readers[i] */
	bool lost;                        /* it cannot be used */
};

/* Notes that for all targets; `p` has one for each, in their order, which begins as zeroes. */
struct reporter paste_reporter(struct paste *p);

/* Prints the line for the first debugger that finds files there. If there is none, and the user chose no
 * readers, a note says which to choose. Prints nothing for a target that is neither a folder nor a web
 * server, and of an address neither login nor query. */
void paste_print(const struct options *o, const struct run_destination *to, const struct paste *p);

#endif
