/* SPDX-License-Identifier: MIT */
#include "base/stop.h"

#include "base/err.h"

#include <stdatomic.h>

/* Set by a signal's handler in one thread, read by all: lock-free, so that it may be. */
static atomic_bool asked;

static _Atomic uint64_t due_ms;

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

void stop_due_at(uint64_t at_ms)
{
	due_ms = at_ms;
}

bool stop_is_due(uint64_t now_ms)
{
	uint64_t at_ms = due_ms;

	return at_ms && now_ms >= at_ms;
}

enum sym_status stop_check_due(uint64_t now_ms, struct sym_err *err)
{
	return stop_is_due(now_ms) ? err_set(err, SYM_CANCELLED, "the time is over") : stop_check(err);
}
