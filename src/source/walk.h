/* SPDX-License-Identifier: MIT
 * Where files come from: names on the command line, lists, and folders searched by
 * pattern. Nothing is opened but folders; what a file is, its bytes decide later.
 *
 * The order never varies: first what is named by hand and in lists, as given; then
 * each folder's walk: in a folder first its files, then its folders, both in byte
 * order. Memory is one folder's matches and the folders still to visit on the branch; with
 * threads that read ahead, as much for each of a few branches, and some of what they found. */
#ifndef SOURCE_WALK_H
#define SOURCE_WALK_H

#include "base/def.h"
#include "sym.h"

/* One file. Everything is borrowed for the call. */
struct source_file {
	const char *path;   /* to show and to open: absolute, or from the current folder */
	bool by_hand;       /* the user named this very file (not its folder, not a pattern) */
	bool by_pattern;    /* a pattern of the user's matches this very file */
	const char *bundle; /* path of the .dSYM, .app … that it was taken from, or NULL */
};

/* What the walk says. `ctx` is the caller's. */
struct source_sink {
	void *ctx;
	/* Each file once. A status other than SYM_OK (SYM_CANCELLED) ends the walk with it. */
	enum sym_status (*found)(void *ctx, const struct source_file *file, struct sym_err *err);
	/* A path that was named or matched but cannot be used (dangling link, FIFO, no such
	 * file …), or a folder that cannot be searched. The walk goes on. */
	void (*warn)(void *ctx, const struct source_file *at, const struct sym_err *err);
	/* A folder that is left out because the run writes to it. Once per folder. */
	void (*left_out)(void *ctx, const char *path);
};

enum source_kind {
	SOURCE_PATH, /* a file, a bundle, or a folder with everything in it */
	SOURCE_LIST, /* a file with a path on each line; `-` is standard input */
};

struct source_named {
	enum source_kind kind;
	const char *text;
};

/* A folder by what it is, not by what it is called. */
struct source_folder {
	uint64_t device, inode;
};

/* All borrowed. */
struct source_options {
	const struct source_named *named; /* in the order of the command line */
	size_t named_count;
	const char *const *patterns; /* -f; see source/glob.h */
	size_t pattern_count;
	const char *const *folders; /* -d, where patterns begin: text, not patterns; none: here */
	size_t folder_count;
	const char *const *excludes; /* patterns of relative paths, or without `/` of any name */
	size_t exclude_count;
	const struct source_folder *targets; /* never searched */
	size_t target_count;
	bool ignore_case;
	bool store;     /* a symbol store: its folders are no bundles, whatever they are called, and
			 * patterns meet names that begin with a dot as they meet others */
	unsigned ahead; /* threads that read folders before their turn; 0: none */
	bool nul_lists; /* paths in lists end with a NUL, not with a line break */
};

struct source_counts {
	uint64_t found;   /* files handed to `found` */
	uint64_t seen;    /* names looked at */
	uint64_t folders; /* folders read */
};

/* Finds everything. SYM_OK also where nothing was found: the counts tell, which may be NULL.
 * SYM_USAGE (a pattern), SYM_NOT_FOUND and SYM_IO (a list), SYM_NOMEM, or what `found`
 * answered. A name or a -d that is not there is a warning. */
enum sym_status source_find(const struct source_options *options, const struct source_sink *sink,
			    struct source_counts *counts, struct sym_err *err) MUST_CHECK;

#endif
