/* SPDX-License-Identifier: MIT
 * The commands, and how they end. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

/* Exit statuses; see symbol-upload(1). */
enum {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1,   /* anything failed, or nothing was there to deliver */
	EXIT_USAGE = 2,    /* options or configuration */
	EXIT_POLICY = 3,   /* nothing failed, but a demand of the user's was not met */
	EXIT_UNREAD = 141, /* nobody read on: 128 and the number of SIGPIPE */
};

/* The exit status of a command that ended with `status`. */
static inline int exit_status_for(enum sym_status status)
{
	return status == SYM_OK ? EXIT_GOOD : status == SYM_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* Runs with complete options and answers the exit status. */
typedef int command_fn(const struct options *o);

command_fn command_upload;  /* cmd_upload.c */
command_fn command_inspect; /* cmd_inspect.c */
command_fn command_check;   /* cmd_check.c */
command_fn command_why;     /* cmd_why.c */
command_fn command_verify;  /* cmd_verify.c */
command_fn command_history; /* cmd_history.c */
command_fn command_remove;  /* cmd_remove.c */
command_fn command_prune;

#endif
