/* SPDX-License-Identifier: MIT
 * Apple's bundles: folders that people handle as one file. */
#ifndef SOURCE_BUNDLE_H
#define SOURCE_BUNDLE_H

#include "base/def.h"
#include "source/glob.h"
#include "sym.h"

enum bundle_links {
	BUNDLE_NO_LINKS,   /* they lead to files of the same bundle, which are found anyway */
	BUNDLE_FILE_LINKS, /* build systems link the DWARF file from their output folder */
};

struct bundle_kind {
	const char *ending;   /* of the folder's name, in any letter case */
	const char *inner[3]; /* patterns of the files that count; ended by NULL */
	enum bundle_links links;
	const char *empty; /* what is wrong where there are none */
};

#define BUNDLE_KINDS 8 /* rows of the table in bundle.c */

/* The kind of the bundle that a folder of this name is, or NULL. */
const struct bundle_kind *bundle_kind_of(const char *name);

/* The patterns of all kinds, compiled when first asked for. Zero-initialised is empty. */
struct bundles {
	struct glob_set inner[BUNDLE_KINDS];
};

void bundles_release(struct bundles *b);

/* `*out` is borrowed from `b`. SYM_NOMEM. */
enum sym_status bundles_glob(struct bundles *b, const struct bundle_kind *kind,
			     const struct glob **out, struct sym_err *err) MUST_CHECK;

#endif
