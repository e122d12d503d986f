/* SPDX-License-Identifier: MIT
 * A zip archive of one file: how BugSplat takes what has no key. */
#ifndef SOURCE_ZIP_H
#define SOURCE_ZIP_H

#include "os/os.h"

/* Does a zip archive begin with these bytes (at least four)? */
bool zip_is(const uint8_t *magic);

/* Writes a zip into the new, empty file `to`: `name`, deflated, of [0, size) of `from`, and
 * `*zipped` bytes in all. SYM_CHANGED where the file ends early; SYM_CANCELLED, SYM_IO, SYM_NOMEM. */
enum sym_status zip_file(os_file from, uint64_t size, const char *name, int64_t mtime_ns,
			 os_file to, uint64_t *zipped, struct sym_err *err) MUST_CHECK;

#endif
