/* SPDX-License-Identifier: MIT
 * What to paste into a debugger so that it reads the store that was filled. */
#ifndef CLI_PASTE_H
#define CLI_PASTE_H

#include "cli/options.h"
#include "pipeline/run.h"

/* Prints the line for the first debugger that is among the readers of the run and reads files of
 * the kinds that it delivered. If there is none, and the user chose no readers, a note says which
 * to choose. Prints nothing for a target that is not a folder. */
void paste_print(const struct options *o, const struct run_destination *to, const struct tally *tally);

#endif
