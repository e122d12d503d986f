/* SPDX-License-Identifier: MIT
 * Runs that upload to BugSplat: when one is wanted, and what it is told. */
#ifndef CLI_BUGSPLAT_H
#define CLI_BUGSPLAT_H

#include "cli/options.h"
#include "pipeline/report.h"
#include "target/remote.h"

/* Has the command line an option that only BugSplat takes (-b, -i, -s)? Neither the environment
 * nor package.json nor symbol-upload.yaml makes a run upload. */
bool bugsplat_is_meant(const struct options *o);

/* Does a run that is given no target upload to BugSplat? There -a and -v mean it too, as in
 * version 11; beside a target they name the transaction. */
bool bugsplat_is_target(const struct options *o);

/* Is this destination BugSplat? Is it a folder, of -l or of a file:// address? */
bool is_bugsplat(const struct option_destination *to);
bool is_local(const struct option_destination *to);

/* BugSplat's among the destinations, or NULL. */
const struct option_destination *bugsplat_destination(const struct options *o);

/* Completes the options of a run with such a destination: defaults of package.json, and the
 * files of version 11 where none are named. SYM_USAGE where something is missing. */
enum sym_status bugsplat_finish(struct options *o, struct sym_err *err) MUST_CHECK;

/* What the target is told, besides what all remote targets are. */
void bugsplat_fill(const struct options *o, struct remote_options *to);

/* Is version 11's log written, to standard output? */
bool bugsplat_logs(const struct options *o);

/* Its first lines, and the list of the files that are found. */
void bugsplat_say_folders(const struct options *o);
struct reporter bugsplat_reporter(void);

#endif
