/* SPDX-License-Identifier: MIT
 * The file inside a compressed one, as SymSrv's readers get it. */
#ifndef PIPELINE_MEMBER_H
#define PIPELINE_MEMBER_H

#include "base/def.h"
#include "os/os.h"

/* Hashes the member of the cabinet in `file`, which has `size` bytes; `member_size` is the
 * member's own size in bytes. Statuses of cabinet_open and cabinet_read; SYM_NOMEM. */
enum sym_status member_digest(os_file file, uint64_t size, uint8_t sha256[32], uint64_t *member_size,
			      struct sym_err *err) MUST_CHECK;

#endif
