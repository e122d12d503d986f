/* SPDX-License-Identifier: MIT
 * The stores that a command only asks, and what is wrong with the connections to them. */
#ifndef CLI_STORES_H
#define CLI_STORES_H

#include "cli/ci.h"
#include "cli/remote.h"
#include "pipeline/run.h"

struct stores {
	const struct options *o;
	struct run_destination *at;
	size_t count;                /* of `at`: stores that can be asked, as far as is known */
	bool bad;                    /* an error was told of one of them */
	struct remote *remotes;      /* one a destination */
	struct buf line;             /* for JSON */
	struct ci_summary summary;   /* gets what is wrong */
};

/* Takes all destinations of the options, and warns of unsafe connections. SYM_USAGE: there is
 * none, or one is BugSplat; SYM_NOMEM. Release it in any case. */
enum sym_status stores_init(struct stores *s, const struct options *o, struct sym_err *err) MUST_CHECK;

/* Prints why the run ended, where it did not end well, writes the summary, and answers the exit status. */
int stores_end(struct stores *s, enum sym_status status, const struct sym_err *why);
void stores_release(struct stores *s);

/* Have several destinations this address? Then their places tell them apart. */
bool stores_alike(const struct stores *s, const char *where);

/* Tries each store, and asks it for the paths. Tells what was found; a store that cannot be
 * asked is left out from then on, and keeps nobody from the others. SYM_USAGE, SYM_NOMEM,
 * SYM_CANCELLED. */
enum sym_status stores_try(struct stores *s, const char *const *paths, size_t path_count,
			   struct sym_err *err) MUST_CHECK;

#endif
