/* SPDX-License-Identifier: MIT
 * The stores in folders that a command works on: of -l, --to file:///DIR, or by their names in
 * symbol-upload.yaml. */
#ifndef CLI_FOLDERS_H
#define CLI_FOLDERS_H

#include "cli/options.h"

/* Is any destination a folder? */
bool folders_any(const struct options *o);

/* Works on the open folder `root`, which the user wrote as `store`. An error is told by the caller,
 * with the store before it. */
typedef enum sym_status folder_fn(void *ctx, const char *store, struct os_dir *root, struct sym_err *err);

/* Calls `each` for every store of the options, for a command that only knows of folders. Each stands
 * by itself. Tells what is wrong, and answers the exit status. */
int folders_each(const struct options *o, folder_fn *each, void *ctx);

#endif
