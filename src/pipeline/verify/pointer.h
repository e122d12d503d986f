/* SPDX-License-Identifier: MIT
 * file.ptr: what symstore.exe puts into a key's folder in place of a file that stays where it
 * is (`symstore add /p`). It says PATH: and where that is, or MSG: and what to tell the user. */
#ifndef PIPELINE_VERIFY_POINTER_H
#define PIPELINE_VERIFY_POINTER_H

#include "os/os.h"

/* Does the open file.ptr lead to a file? SYM_NOT_FOUND where it leads nowhere; SYM_MALFORMED
 * where it says no path; SYM_UNSUPPORTED where the path is one of Windows, which cannot be
 * followed here; SYM_IO. */
enum sym_status pointer_check(os_file file, struct sym_err *err) MUST_CHECK;

#endif
