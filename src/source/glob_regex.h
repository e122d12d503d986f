/* SPDX-License-Identifier: MIT
 * Patterns without braces, put in order and joined to regular expressions. */
#ifndef SOURCE_GLOB_REGEX_H
#define SOURCE_GLOB_REGEX_H

#include "base/buf.h"
#include "base/def.h"
#include "sym.h"

/* One pattern in its plainest form: `x//./y/../z` has become `x/z`. A `/` at the end
 * stands for "folders only". */
struct alternative {
	char *text;    /* owned */
	size_t anchor; /* leading bytes of `text` that are `/` or a row of `../` */
};

/* Makes the plainest form of `pattern` (checked UTF-8). `*text` is NULL for a pattern
 * that means the folder it starts from. SYM_USAGE: `..` after `**`. SYM_NOMEM. */
enum sym_status alternative_from(const char *pattern, struct alternative *out,
				 struct sym_err *err) MUST_CHECK;

/* Do both begin at the same place? */
bool alternative_same_anchor(const struct alternative *a, const struct alternative *b);

/* For qsort: by anchor, so that equal anchors stand together, then by text, so that
 * equal beginnings do. */
int alternative_compare(const void *a, const void *b);

/* Bytes of `sorted[0].text` that are the literal folders which all `count` share, with
 * the anchor and the last slash. */
size_t alternatives_start(const struct alternative *sorted, size_t count);

struct regex_rules {
	bool dot;
	bool ignore_case;
};

/* Adds the regular expression for what stands behind the first `from` bytes of all of them. */
enum sym_status alternatives_regex(const struct alternative *sorted, size_t count, size_t from,
				   struct regex_rules rules, struct buf *out,
				   struct sym_err *err) MUST_CHECK;

#endif
