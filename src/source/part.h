/* SPDX-License-Identifier: MIT
 * One part of a file pattern (what stands between two slashes) as a piece of a
 * regular expression in PCRE2's syntax, UTF mode. */
#ifndef SOURCE_PART_H
#define SOURCE_PART_H

#include "base/buf.h"
#include "base/def.h"
#include "sym.h"

/* Adds the regular expression of `part` (`len` bytes of UTF-8, without `/`). It matches
 * whole names: never nothing, never across a slash. `dot`: wildcards may match a name
 * that starts with a dot. `ignore_case` matters to classes only; the rest is an option
 * of the expression. SYM_USAGE: a class that can match nothing, groups nested too
 * deeply. `out->failed` is for the caller to look at. */
enum sym_status part_regex(const char *part, size_t len, bool dot, bool ignore_case,
			   struct buf *out, struct sym_err *err) MUST_CHECK;

/* True where the part has no wildcards; then its plain text (escapes resolved) is in `out`. */
bool part_literal(const char *part, size_t len, struct buf *out);

#endif
