/* SPDX-License-Identifier: MIT
 * What to paste into a debugger so that it reads the store that was filled. */
#ifndef CLI_PASTE_H
#define CLI_PASTE_H

#include "cli/options.h"
#include "pipeline/run.h"

/* Prints the line for the first of the debuggers for which the run was and which read files of the
 * kinds that it delivered. Where there is none, and nobody chose the readers, the user is told
 * whom to name. Nothing for a target that is no folder. */
void paste_print(const struct options *o, const struct run_destination *to, const struct tally *tally);

#endif
