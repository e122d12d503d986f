/* SPDX-License-Identifier: MIT
 * What an answer means, and what to do about it: for the person who sets a store up. */
#ifndef TARGET_ADVICE_H
#define TARGET_ADVICE_H

#include "base/buf.h"
#include "target/target.h"

/* How far this machine's clock is ahead of the server's (negative: behind), in seconds; 0 where
 * that one is not told (0), or it is too little to matter to S3's signatures. */
int64_t clock_skew(int64_t theirs_s, int64_t now_s);

/* Prefixes an error of a connection to `url` by `curl` where the scheme seems to be the wrong one.
 * `answered`: has the server ever spoken HTTP by this address? */
void advice_on_scheme(const char *url, int curl, bool answered, struct sym_err *err);

/* Prefixes the refusal of a server that wants to be left alone for `wait_ms`, longer than a run waits. */
void advice_on_wait(uint64_t wait_ms, struct sym_err *err);

/* One sentence or two on an answer that came with `status`, or "" where the error itself
 * says all. `now_s`: this machine's clock, since 1970. */
void advice_on(const struct target_answer *answer, enum sym_status status, int64_t now_s,
	       struct buf *out);

#endif
