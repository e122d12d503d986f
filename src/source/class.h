/* SPDX-License-Identifier: MIT
 * Character classes of file patterns: [abc], [a-z], [!x], [^x], [[:alpha:]_]. */
#ifndef SOURCE_CLASS_H
#define SOURCE_CLASS_H

#include "base/buf.h"
#include "base/def.h"
#include "sym.h"

enum class_kind {
	CLASS_NONE,   /* not closed: `[` is an ordinary character */
	CLASS_SINGLE, /* one character, as [*] writes a star */
	CLASS_WILD,
};

/* Looks at the class at the start of `text` (which is `[`). `*used` is its length in
 * bytes; `single` gets the UTF-8 of CLASS_SINGLE's character. */
enum class_kind class_kind(const char *text, size_t len, size_t *used, char single[4]);

/* Adds the class as a regular expression that never matches a slash. `*used` as above;
 * 0 and nothing added for CLASS_NONE. SYM_USAGE: nothing could ever match it. */
enum sym_status class_regex(const char *text, size_t len, bool ignore_case, struct buf *out,
			    size_t *used, struct sym_err *err) MUST_CHECK;

#endif
