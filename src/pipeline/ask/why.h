/* SPDX-License-Identifier: MIT
 * Why a reader does not find a file: what it asks a store for, what is there, and what
 * nearly is. Nothing is written. */
#ifndef PIPELINE_ASK_WHY_H
#define PIPELINE_ASK_WHY_H

#include "key/asked.h"
#include "target/target.h"

/* What is missed. Borrowed for the call. */
struct why_question {
	const char *path;       /* of the file at hand that it is about, or … */
	const char *words;      /* … what the user wrote */
	bool wanted;            /* not that file, but the debug information that it wants */
	struct key_asked asked; /* of a file without a path: readers tell the paths */
};

/* A file that is there, and would not do. */
struct why_near {
	enum key_near near;
	bool misplaced;     /* it carries the key that was asked for, whatever its path says */
	char path[KEY_PATH_MAX];
	bool has_size;
	uint64_t size;      /* bytes */
	int64_t mtime_s;    /* since 1970; 0 = not told */
	char text[240];     /* one sentence: what it is, and what to do */
};

#define WHY_NEAR_MAX 12

/* One path that a reader asks for. Borrowed for the call. */
struct why_answer {
	const struct why_question *question;
	const char *target;
	const struct parcel_path *at; /* present, missing, or failed because of `why`: it could not
				       * be asked for, or is there and of no use */
	bool compressed;              /* what is there is the compressed file */
	bool has_size;
	uint64_t size;
	const struct why_near *near;  /* where it is missing: the nearest first */
	size_t near_count;
	size_t builds;                /* files of its name with other identifiers; some are in `near` */
	bool all;                     /* and no more than these */
	unsigned tried;               /* paths that were asked for where nothing can be listed; else 0 */
};

struct why_options {
	const char *where;      /* as target_open takes it */
	const struct remote_options *remote;
	bool by_place;          /* name the store by its very place: another's address is the same */
	unsigned readers;       /* bit i: key_readers[i] */
	bool chosen;            /* the user named them; else a path, or an identifier alone, is asked
				 * for only as it is given */
	bool fallback_age;
	void (*answer)(void *ctx, const struct why_answer *answer);
	void *ctx;
};

struct why;

/* Opens the store, and meets it. Statuses of target_open. */
enum sym_status why_open(const struct why_options *options, struct why **out,
			 struct sym_err *err) MUST_CHECK;
void why_close(struct why *w); /* NULL is fine */

/* Asks for every path of the question, and tells each. SYM_NO_KEY: no reader would ask for such
 * a file; SYM_REFUSED: its name cannot be used; SYM_CANCELLED. */
enum sym_status why_ask(struct why *w, const struct why_question *question, struct sym_err *err) MUST_CHECK;

/* The questions that a file raises: itself, and the debug information that it wants, for each
 * slice. SYM_NOT_MINE and the like, as probe_part; what `each` answers. */
typedef enum sym_status why_question_fn(void *ctx, const struct why_question *question,
					struct sym_err *err);
enum sym_status why_questions(const char *path, bool fallback_age, why_question_fn *each, void *ctx,
			      struct sym_err *err) MUST_CHECK;

#endif
