/* SPDX-License-Identifier: MIT
 * Files that a run leaves at a path of the user's: the journal, the receipt. */
#ifndef PIPELINE_REPLACE_H
#define PIPELINE_REPLACE_H

#include "os/os.h"

/* Writes a file beside `path` by calling `fill`, and gives it the name when it is complete:
 * who reads there finds the old one or the new one. What `fill` answers, SYM_IO, SYM_NOMEM. */
typedef enum sym_status replace_fill_fn(void *ctx, os_file to, struct sym_err *err);
enum sym_status replace_file(const char *path, replace_fill_fn *fill, void *ctx,
			     struct sym_err *err) MUST_CHECK;

/* Could it be written now? A run that learns it at its end has worked for nothing. SYM_REFUSED where
 * a folder is there, or what is no file; else as replace_file. Removes what killed runs left beside it
 * while they wrote it, an hour ago or more. */
enum sym_status replace_check(const char *path, struct sym_err *err) MUST_CHECK;

#endif
