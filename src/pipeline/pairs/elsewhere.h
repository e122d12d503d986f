/* SPDX-License-Identifier: MIT
 * What the run has not in the right form: does it serve a target's readers all the same, or
 * has the target it already? */
#ifndef PIPELINE_PAIRS_ELSEWHERE_H
#define PIPELINE_PAIRS_ELSEWHERE_H

#include "pipeline/deliver.h"
#include "pipeline/pairs/pairing.h"

/* An image, and what it wants and has not got. */
struct matter {
	const struct record *r;
	struct sym_identity image;
	struct pairing p;
};

enum answer {
	ANSWER_THERE,
	ANSWER_MISSING,
	ANSWER_SILENT,   /* the target does not say */
	ANSWER_UNWANTED, /* none of its readers would ask for it */
};

/* Asks about one target, which was met. Any number of threads; `dead`, which they share, is
 * set where it does not answer, and then it is not asked again. */
enum answer elsewhere_ask(const struct delivery *d, size_t where, const struct matter *m,
			  _Atomic bool *dead);

/* Will the target be asked for the sake of this image? A journal spares servers the questions
 * about what has not changed. */
bool elsewhere_is_asked(const struct delivery *d, size_t where, const struct record *image);

#endif
