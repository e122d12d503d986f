/* SPDX-License-Identifier: MIT
 * -m: which program makes .sym files, and is there anybody who reads them? */
#ifndef CLI_DUMP_SYMS_H
#define CLI_DUMP_SYMS_H

#include "cli/options.h"
#include "source/dumper.h"

/* Finds the program of a run with -m, and says which it is; `out` stays zeroed for other
 * runs. SYM_USAGE: none is found, no reader of the run asks for .sym files, or options
 * contradict each other. */
enum sym_status dump_syms_init(const struct options *o, struct dumper *out,
			       struct sym_err *err) MUST_CHECK;

#endif
