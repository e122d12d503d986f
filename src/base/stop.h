/* SPDX-License-Identifier: MIT
 * The user, or the system, asks the run to stop. Whoever moves many bytes asks between two
 * pieces of them whether that was so, that it be heard at once, however large a file is. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include "base/def.h"
#include "sym.h"

/* From now on, and for good. Async-signal-safe. */
void stop_ask(void);

/* Was it? */
bool stop_asked(void);

/* SYM_CANCELLED where it was. */
enum sym_status stop_check(struct sym_err *err) MUST_CHECK;

#endif
