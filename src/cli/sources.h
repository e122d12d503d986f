/* SPDX-License-Identifier: MIT
 * What the options say of files and readers, as the floors below take it. */
#ifndef CLI_SOURCES_H
#define CLI_SOURCES_H

#include "cli/options.h"
#include "source/walk.h"

/* Room for the arrays that struct source_options borrows. */
struct sources {
	struct source_options options;
	struct source_named *named;
	const char **patterns;
};

/* What to find. Borrows from `o`. SYM_NOMEM. */
enum sym_status sources_init(struct sources *s, const struct options *o, struct sym_err *err) MUST_CHECK;
void sources_release(struct sources *s);

/* The pattern of -f as it is searched for: below the folders of -d, or from the root if it begins
 * with `/`. */
const char *sources_pattern(const struct options *o, const char *pattern);

/* Does anything say which files? SYM_USAGE. */
enum sym_status sources_check(const struct options *o, struct sym_err *err) MUST_CHECK;

/* The mask of the named readers, or of one: bit i is key_readers[i]. */
unsigned readers_mask(const struct strings *names);
unsigned reader_mask(const char *name);

#endif
