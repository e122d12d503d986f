/* SPDX-License-Identifier: MIT
 * The stores whose transactions a command works on: of -l or --to, or by their names in
 * symbol-upload.yaml. */
#ifndef CLI_REGISTRIES_H
#define CLI_REGISTRIES_H

#include "cli/options.h"
#include "target/registry.h"

/* Does any destination keep transactions? */
bool registries_any(const struct options *o);

/* Works on an open registry, of the store that the user wrote as `store`. An error is told by the
 * caller, with the store before it. */
typedef enum sym_status registry_fn(void *ctx, const char *store, struct registry *registry, struct sym_err *err);

/* Calls `each` for every store of the options, for a command that only knows of transactions. Each
 * stands by itself. Tells what is wrong, and answers the exit status. */
int registries_each(const struct options *o, registry_fn *each, void *ctx);

#endif
