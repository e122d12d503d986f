/* SPDX-License-Identifier: MIT
 * What files are and where readers would look for them; writes nothing. */
#ifndef PIPELINE_INSPECT_H
#define PIPELINE_INSPECT_H

#include "base/buf.h"
#include "key/key.h"
#include "source/walk.h"

/* What is said of one slice; `member` is the file's name in the compressed one at `path`, or its path in
 * the archive there. `paths[i]` are those of key_readers[i], for the
 * readers of the mask. `error` may be NULL. */
struct inspected {
	const char *path;
	const char *member; /* or NULL */
	const char *file;   /* the name under which it is kept */
	const struct sym_identity *id;
	unsigned readers;
	const struct key_paths *paths;
	const struct sym_err *error;
};

struct inspect_options {
	const struct source_options *source; /* borrowed */
	unsigned workers;
	unsigned readers; /* bit i: key_readers[i] */
	bool fallback_age;
	/* How one slice, or one file's error, is written. Called by several threads at once. */
	void (*slice)(struct buf *out, const struct inspected *what);
	void (*error)(struct buf *out, const char *path, const char *member, const struct sym_err *err);
	/* Takes finished text in the order of the walk, one thread at a time; it may be empty, or failed
	 * where memory was short. */
	void (*print)(void *ctx, struct buf *text);
	/* Something about the walk, for people. */
	void (*note)(void *ctx, const char *path, const struct sym_err *err);
	void *ctx;
};

struct inspect_counts {
	uint64_t files;        /* met */
	uint64_t others;       /* no symbol files, and not named by hand */
	uint64_t unopened;     /* of these, archives that no pattern matched either */
	uint64_t errors;       /* files with an error */
	uint64_t hand_errors;  /* of these, named by hand */
};

/* SYM_OK, SYM_USAGE, SYM_IO, SYM_NOMEM, SYM_CANCELLED. */
enum sym_status run_inspect(const struct inspect_options *options, struct inspect_counts *counts,
			    struct sym_err *err) MUST_CHECK;

#endif
