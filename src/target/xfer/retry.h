/* SPDX-License-Identifier: MIT
 * Is there another attempt, and when? A pure decision: no network, no state. */
#ifndef TARGET_XFER_RETRY_H
#define TARGET_XFER_RETRY_H

#include "base/def.h"
#include "target/xfer/xfer.h"

struct retry_policy {
	unsigned tries;         /* at most, the first one counted */
	uint64_t first_ms;      /* the first pause; each further one is twice as long */
	uint64_t longest_ms;    /* no pause is longer, but for what the server demands */
	uint64_t longest_after_ms; /* a Retry-After beyond this is not waited for */
};

struct retry_decision {
	bool again;
	uint64_t at_ms;         /* os_now_ms at which */
	uint64_t too_long_ms;   /* the Retry-After, where it is not waited for; else 0 */
};

/* How often the first question to a server is tried, where the policy has more: a wrong name or
 * port shall not take minutes to show. */
enum { RETRY_MEET_TRIES = 4 };

/* `attempt` counts from 1; `retry_after` is the header's value (seconds or a date) or
 * NULL; `now_ms` is os_now_ms, `now_s` the wall clock in seconds (for dates); `random`
 * 64 even bits for the jitter. Connection loss, timeouts, TLS resets, 408, 425, 429 and 5xx
 * (but 501, 505 and 507, which do not pass) come again, other 4xx do not. A host that is
 * not known is asked for three times at most. */
struct retry_decision retry_decide(const struct retry_policy *policy, unsigned attempt, int curl,
				   long http, const char *retry_after, uint64_t now_ms,
				   int64_t now_s, uint64_t random);

/* The same by this machine's clocks and dice. */
struct retry_decision retry_now(const struct retry_policy *policy, unsigned attempt, int curl, long http,
				const char *retry_after);

/* May an answer of this status be otherwise the next time? */
bool retry_passes(long http);

/* A request that began at `began_ms` has failed for good, by this code of curl; its server last
 * answered anybody at `answered_ms`, all by os_now_ms. May the others be spared the same tries? Only
 * where nobody heard of the server in all that time, and that was long enough to tell, or where the
 * failure is none that passes: one connection that is lost says nothing of a server. */
bool retry_gives_up(int curl, uint64_t began_ms, uint64_t answered_ms, uint64_t now_ms);

/* Adds to the error of a request that failed for good how often it was tried, where that says anything. */
void retry_count(struct sym_err *err, unsigned attempts);

/* What a Retry-After says, as a wait from now: seconds, or an HTTP date (RFC 9110 10.2.3). False
 * where it says neither. */
bool retry_after_wait(const char *value, int64_t now_s, uint64_t *wait_ms);

/* 8 tries, pauses from half a second to 30, Retry-After to 5 minutes. */
extern const struct retry_policy retry_default;

/* The same with so many tries; 0: as it is. And one with so many at most; 0: without another limit. */
struct retry_policy retry_policy_of(unsigned tries);
struct retry_policy retry_at_most(struct retry_policy policy, unsigned tries);

#endif
