/* SPDX-License-Identifier: MIT
 * Is there another attempt, and when? A pure decision: no clock, no network, no state. */
#ifndef TARGET_RETRY_H
#define TARGET_RETRY_H

#include "base/def.h"
#include "target/xfer.h"

struct retry_policy {
	unsigned tries;         /* at most, the first one counted; default 8 */
	uint64_t first_ms;      /* the first pause */
	uint64_t longest_ms;    /* no pause is longer, but for what the server demands */
	uint64_t longest_after_ms; /* a Retry-After beyond this is not waited for */
};

struct retry_decision {
	bool again;
	uint64_t at_ms;         /* os_now_ms at which */
	const char *why;        /* "the server is busy (503)", …; static text */
};

/* `attempt` counts from 1; `retry_after` is the header's value (seconds or a date) or
 * NULL; `now_ms` is os_now_ms, `now_s` the wall clock in seconds (for dates); `random`
 * 64 even bits for the jitter. Connection loss, timeouts, TLS resets, 408, 429 and 5xx
 * (but 501) come again, other 4xx do not. */
struct retry_decision retry_decide(const struct retry_policy *policy, unsigned attempt, int curl,
				   long http, const char *retry_after, uint64_t now_ms,
				   int64_t now_s, uint64_t random);

extern const struct retry_policy retry_default;

#endif
