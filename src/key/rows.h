/* SPDX-License-Identifier: MIT
 * What the files of this folder share: the row functions of the table in readers.c. */
#ifndef KEY_ROWS_H
#define KEY_ROWS_H

#include "key/key.h"

typedef void paths_fn(const struct sym_identity *id, const char *file, struct key_paths *out);

paths_fn windbg_paths, visualstudio_paths, symproxy_paths, bugsplat_paths; /* symsrv.c */
paths_fn dotnet_paths;                                                     /* ssqp.c */
paths_fn breakpad_paths;                                                   /* breakpad.c */
paths_fn debuginfod_paths, gdb_paths, sentry_paths, lldb_paths;            /* by_id.c */

/* Adds name/key/last. */
void add_path(struct key_paths *out, const char *name, const char *key, const char *last);

/* Adds a path written like printf's; answers it for changes in place. */
struct key_path *add_path_text(struct key_paths *out, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
