/* SPDX-License-Identifier: MIT
 * File patterns with the meaning of npm's `glob` 13: star, two stars, question mark, braces with
 * ranges, classes with POSIX names, extended globs, escapes by `\`. Wildcards never
 * match a name that starts with a dot unless the pattern's part does.
 *
 * Where npm leaves a question open, this is the answer:
 *   `./x` and `x//y`   the same as `x` and `x/y`
 *   `x/`               folders only
 *   `../x`, `/x`       are searched from there; see glob_start
 *   `{a,}/x`           `a/x` and `x`: only a pattern that begins with `/` means the root
 *   `!x`, `#x`         ordinary characters
 *   `?`                one character (npm: one UTF-16 unit)
 *   `[abc`, `{a`, `+(` ordinary characters, as they are not closed */
#ifndef SOURCE_GLOB_H
#define SOURCE_GLOB_H

#include "base/def.h"
#include "sym.h"

/* The part of some patterns that lies below one folder. Never changes once it is
 * made, so that threads may share it. */
struct glob;

enum glob_flags {
	GLOB_IGNORE_CASE = 1 << 0,
	GLOB_DOT = 1 << 1,       /* wildcards match names that start with a dot, too */
	GLOB_BASE_NAME = 1 << 2, /* a pattern without `/` is looked for at every depth */
	GLOB_WHOLE = 1 << 3,     /* for glob_set_match: glob_start is no more than the row of `..`, or the root */
};

/* All patterns compiled together: one glob for each of the folders that nothing but
 * `..` or `/` leads to (nearly always one). */
struct glob_set {
	size_t count;
	struct glob **at; /* owned */
};

/* Compiles `count` patterns. SYM_USAGE names what is wrong with which pattern;
 * SYM_NOMEM. On success glob_set_release is due. */
enum sym_status glob_set_init(struct glob_set *set, const char *const *patterns, size_t count,
			      unsigned flags, struct sym_err *err) MUST_CHECK;
void glob_set_release(struct glob_set *set);

/* The folder at which to begin: the literal folders that all of the glob's patterns
 * share, so that nothing else is ever read. Relative to the folder that the patterns
 * are for, or absolute; without `/` at the end; "" where it is that folder itself. */
const char *glob_start(const struct glob *glob);

enum glob_answer {
	GLOB_NO,
	GLOB_YES,
	GLOB_LIMIT, /* gave up: this pattern takes too long on this path */
	GLOB_NO_MEMORY,
};

/* Does the path match? It is relative to the start, `len` bytes, not necessarily
 * UTF-8. A folder's path ends in `/`; a folder that was reached through a link is
 * followed by `//`, because `**` goes only one level into those. */
enum glob_answer glob_match(const struct glob *glob, const char *path, size_t len);

/* The same of a path from where the patterns begin, for a set of GLOB_WHOLE: what any of its globs
 * answers that is not no. */
enum glob_answer glob_set_match(const struct glob_set *set, const char *path, size_t len);

/* Could anything below this folder match? The path is as in glob_match and ends in `/`. */
bool glob_may_descend(const struct glob *glob, const char *path, size_t len);

#endif
