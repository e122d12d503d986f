/* SPDX-License-Identifier: MIT
 * What -V prints. The text is made by the build (version.c.in). */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include "base/buf.h"

/* The text of -V: the program's version, and the libraries and formats it has. */
void program_version(struct buf *out);

#endif
