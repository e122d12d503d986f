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

#endif
