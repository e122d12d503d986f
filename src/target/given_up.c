/* SPDX-License-Identifier: MIT
 * When is nothing more sent to a target? One path alone may be refused; where all are, for want of
 * rights or because nothing there takes files, ten thousand more need not be sent. */
#include "target/target.h"

#include "base/err.h"

/* Paths that are refused before nothing more is sent, where none was taken. */
#define REFUSALS_MAX 32

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

void target_hear(struct target *t, const struct parcel_path *at)
{
	struct sym_err why = at->why;

	if (at->action == ACTION_STORED || at->action == ACTION_REPLACED)
		t->hope.taken = true;
	if (at->action != ACTION_FAILED || !(1u << why.status & SAID_BY_SERVERS) ||
	    ++t->hope.refused < REFUSALS_MAX || t->hope.taken)
		return;
	err_prefix(&why, "%d paths were refused and none was taken, so that no more is sent", REFUSALS_MAX);
	target_give_up(t, &why);
}
