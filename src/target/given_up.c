/* SPDX-License-Identifier: MIT
 * When is nothing more sent to a target? One path alone may be refused; where all are, for want of
 * rights or because nothing there takes files, ten thousand more need not be sent. */
#include "target/target.h"

#include "base/err.h"

/* Paths that fail before nothing more is sent, where none was taken: so many, or fewer in a row where they
 * take long. A server that lets every upload stall costs minutes for each. */
enum {
	FAILURES_MAX = 32,
	SLOW_FAILURES_MAX = 4,
	SLOW_MS = 2 * 60 * 1000, /* since a path last did well, or the first one failed */
};

/* What servers say no by, whatever the file. Not SYM_TOO_BIG: the next one may be smaller; nor what
 * is said of the source. */
#define SAID_BY_SERVERS (1u << SYM_NET | 1u << SYM_AUTH | 1u << SYM_UNSUPPORTED | 1u << SYM_NOT_FOUND)

/* Of target_hope.lost. */
enum { NOT_YET, BEING_SAID, FOR_GOOD };

void target_give_up(struct target *t, const struct sym_err *why)
{
	int not_yet = NOT_YET;

	if (why->status == SYM_CANCELLED ||
	    !atomic_compare_exchange_strong(&t->hope.lost, &not_yet, BEING_SAID))
		return;
	t->hope.why = *why;
	t->hope.lost = FOR_GOOD;
}

bool target_given_up(const struct target *t, struct sym_err *why)
{
	if (t->hope.lost != FOR_GOOD)
		return false;
	*why = t->hope.why;
	return true;
}

void target_hear(struct target *t, const struct parcel_path *at, uint64_t now_ms)
{
	struct target_hope *h = &t->hope;
	struct sym_err why = at->why;
	uint64_t never = 0;

	atomic_compare_exchange_strong(&h->since_ms, &never, now_ms);
	if (at->action != ACTION_FAILED) {
		h->taken |= at->action == ACTION_STORED || at->action == ACTION_REPLACED;
		h->in_a_row = 0;
		h->since_ms = now_ms;
		return;
	}
	if (!(1u << why.status & SAID_BY_SERVERS))
		return;
	h->failed++;
	h->in_a_row++;
	if (h->taken || (h->failed < FAILURES_MAX &&
			 (h->in_a_row < SLOW_FAILURES_MAX || now_ms - h->since_ms < SLOW_MS)))
		return;
	err_prefix(&why, "%u paths failed and none was taken, so that no more is sent", h->failed);
	target_give_up(t, &why);
}
