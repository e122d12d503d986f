/* SPDX-License-Identifier: MIT
 * Braces in file patterns, expanded as bash and npm's brace-expansion do it. */
#ifndef SOURCE_BRACE_H
#define SOURCE_BRACE_H

#include "base/def.h"
#include "sym.h"

/* Strings on the heap, at most GLOB_ALTERNATIVES_MAX. Zero-initialised is empty. */
struct expansions {
	char **at; /* owned, as are the strings */
	size_t count;
	size_t room;
	size_t bytes; /* of all strings */
};

void expansions_release(struct expansions *list);

/* Adds what `pattern` (`len` bytes) stands for: {a,b} and {1..9..2} and {x..z}, nested.
 * Escapes stay as they are; braces that mean nothing stay, too. SYM_USAGE: nested too
 * deeply, or more patterns than GLOB_ALTERNATIVES_MAX. SYM_NOMEM. */
enum sym_status brace_expand(const char *pattern, size_t len, struct expansions *out,
			     struct sym_err *err) MUST_CHECK;

#endif
