/* SPDX-License-Identifier: MIT
 * The user, or the system, asks the run to stop. Whoever moves many bytes checks for this between
 * two pieces, so that the run stops at once, however large a file is. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include "base/def.h"
#include "sym.h"

/* Asks the run to stop; that cannot be taken back. Async-signal-safe. */
void stop_ask(void);

/* Has stop_ask() been called? */
bool stop_asked(void);

/* SYM_CANCELLED where it has, else SYM_OK. */
enum sym_status stop_check(struct sym_err *err) MUST_CHECK;

/* A run that has a time of its own (--budget) ends otherwise: from `at_ms` on, by os_now_ms (0: it has
 * none), no file is begun, nothing is tried again, and no pause is waited for; what is under way may end. */
void stop_due_at(uint64_t at_ms);

/* Has that time come? */
bool stop_is_due(uint64_t now_ms);

/* SYM_CANCELLED where it has, or where stop_ask() has been called; else SYM_OK. */
enum sym_status stop_check_due(uint64_t now_ms, struct sym_err *err) MUST_CHECK;

#endif
