/* SPDX-License-Identifier: MIT
 * Zips: one of a file, which is how BugSplat takes what has no key, and those that users made. */
#ifndef SOURCE_ZIP_H
#define SOURCE_ZIP_H

#include "os/os.h"

/* Does a zip archive begin with these bytes (at least four)? */
bool zip_is(const uint8_t *magic);

/* Is a zip whole, as far as its end tells, which is written last? SYM_MALFORMED: it has no record of
 * that, or one that does not fit. APPNOTE.TXT 4.3.16. */
enum sym_status zip_check(os_file file, uint64_t size, struct sym_err *err) MUST_CHECK;

/* Writes a zip into the new, empty file `to`: `name`, deflated, of [0, size) of `from`, and
 * `*zipped` bytes in all. SYM_CHANGED where the file ends early; SYM_CANCELLED, SYM_IO, SYM_NOMEM. */
enum sym_status zip_file(os_file from, uint64_t size, const char *name, int64_t mtime_ns,
			 os_file to, uint64_t *zipped, struct sym_err *err) MUST_CHECK;

#endif
