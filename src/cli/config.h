/* SPDX-License-Identifier: MIT
 * symbol-upload.yaml: the options of the table by their long names, and named targets. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/options.h"

/* The file's name, as errors call it: that of --config, or symbol-upload.yaml. */
const char *config_name(const struct options *o);

/* Reads the file that --config names, else symbol-upload.yaml of the current folder,
 * which may be missing. Values that stand already stay. SYM_USAGE, with file, line and
 * column; SYM_NOT_FOUND, SYM_IO for a file that --config names; SYM_NOMEM. */
enum sym_status config_read(struct options *o, struct sym_err *err) MUST_CHECK;

/* A whole file into `out`, whose limit it must not exceed: of CONFIG_BYTES_MAX. Errors begin with
 * its name. SYM_NOT_FOUND, SYM_USAGE: it is larger, SYM_IO. */
enum sym_status config_load(const char *name, struct buf *out, struct sym_err *err) MUST_CHECK;

/* The same as config_read from memory; `name` is what errors call it. */
enum sym_status config_read_text(const char *name, const char *text, size_t size,
				 struct options *o, struct sym_err *err) MUST_CHECK;

#endif
