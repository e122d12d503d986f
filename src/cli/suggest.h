/* SPDX-License-Identifier: MIT
 * "Did you mean": the nearest of some words to one that is unknown. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "base/def.h"

struct suggest {
	const char *word;  /* borrowed */
	const char *best;  /* borrowed from an offer; NULL while none is near enough */
	unsigned distance; /* of `best`, or the first that is too far */
};

/* Starts the search for what `word` was meant to be. */
struct suggest suggest_for(const char *word);

/* Takes `candidate` if it is nearer than what was offered before. Distance is the number of letters
 * that are added, missing, changed or swapped with their neighbour; letter case does not count, nor
 * does a missing end. */
void suggest_offer(struct suggest *s, const char *candidate);

/* The nearest of the words of "one|two|three", up to its end or its `|`; or NULL. */
const char *suggest_choice(const char *word, const char *choices);

#endif
