/* SPDX-License-Identifier: MIT
 * Is a store one that readers can use? Asked of the store itself, before any file. */
#ifndef PIPELINE_ASK_CHECK_H
#define PIPELINE_ASK_CHECK_H

#include "target/target.h"

/* Something that was found out. Borrowed for the call. */
struct finding {
	const char *target;
	const char *path;     /* that was asked for; NULL: it concerns the address */
	bool probe;           /* the path is one that cannot exist */
	enum action action;   /* ACTION_PRESENT, ACTION_MISSING, ACTION_FAILED */
	bool harmless;        /* a warning: these readers can live with it */
	const struct target_answer *answer; /* NULL where nothing was asked */
	const struct sym_err *why;          /* NULL where there is nothing to say */
	const char *advice;                 /* what to do; may be "" */
};

struct check_options {
	const char *where;        /* as target_open takes it */
	const struct target_options *target;
	bool by_place;            /* name the store by its very place: another's address is the same */
	unsigned readers;         /* bit i: key_readers[i] */
	const char *const *paths; /* to ask for as they are, below the root */
	size_t path_count;
	void (*found)(void *ctx, const struct finding *f);
	void *ctx;
};

/* Asks for a path that cannot exist, which a store must answer by "not found", and for
 * each of the paths. `*usable`: the store answers, so that asking for more makes sense.
 * Statuses of target_open; one that says what is wrong where a folder is not there. */
enum sym_status check_store(const struct check_options *options, bool *usable,
			    struct sym_err *err) MUST_CHECK;

#endif
