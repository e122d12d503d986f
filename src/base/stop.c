/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include "base/err.h"

#include <stdatomic.h>

/* Set by a signal's handler in one thread, read by all: lock-free, so that it may be. */
static atomic_bool asked;

void stop_ask(void)
{
	asked = true;
}

bool stop_asked(void)
{
	return asked;
}

enum sym_status stop_check(struct sym_err *err)
{
	return asked ? err_set(err, SYM_CANCELLED, "stopped") : SYM_OK;
}
