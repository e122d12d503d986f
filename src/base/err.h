/* SPDX-License-Identifier: MIT
 * Filling in struct sym_err. The origin states what is wrong, and where. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/def.h"
#include "sym.h"

/* Sets a fact and answers `status`, so that a failure is one line:
 * return err_set(err, SYM_REFUSED, "…"); */
enum sym_status err_set(struct sym_err *err, enum sym_status status, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* The same, with the offset (bytes from the start of the file) at which it was found. */
enum sym_status err_at(struct sym_err *err, enum sym_status status, uint64_t offset,
		       const char *format, ...) PRINTF_LIKE(4, 5);

/* The same for a refused system call: keeps `sys` (an errno value) and adds its text. Where both
 * are too long, the middle of what was formatted is left out, never the reason. */
enum sym_status err_sys(struct sym_err *err, enum sym_status status, int sys, const char *format,
			...) PRINTF_LIKE(4, 5);

/* Puts "context: " before what the origin said, shortened in the same way; answers err->status. */
enum sym_status err_prefix(struct sym_err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The stable word that JSON and receipts use for a status: "malformed", "no-key", … */
const char *status_word(enum sym_status status);

#endif
