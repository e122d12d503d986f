/* SPDX-License-Identifier: MIT */
#include "cli/suggest.h"

#include "base/text.h"

#include <string.h>

enum { WORD_MAX = 40 }; /* bytes; longer words are no misspelt option */

static unsigned least_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, row by row: G. Navarro, "A guided tour to approximate
 * string matching", section 3. */
static unsigned distance_between(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *older = rows[0], *old = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		old[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *spare = older;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			char x = text_lower(a[i - 1]), y = text_lower(b[j - 1]);

			now[j] = least_of(old[j - 1] + (x != y), least_of(old[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && x == text_lower(b[j - 2]) &&
			    text_lower(a[i - 2]) == y)
				now[j] = least_of(now[j], older[j - 2] + 1);
		}
		older = old;
		old = now;
		now = spare;
	}
	return old[b_len];
}

struct suggest suggest_for(const char *word)
{
	size_t len = strlen(word);

	/* A third of the letters wrong is another word. */
	return (struct suggest){.word = word, .distance = len < 4 ? 2 : len < 8 ? 3 : 4};
}

/* Is the candidate nearer? Notes its distance if so. */
static bool is_nearer(struct suggest *s, const char *candidate, size_t len)
{
	size_t word_len = strlen(s->word);
	unsigned distance;

	if (len > WORD_MAX || word_len > WORD_MAX)
		return false;
	distance = distance_between(s->word, word_len, candidate, len);
	if (word_len > 1 && word_len <= len && text_starts_nocase(candidate, s->word))
		distance = least_of(distance, 1);
	if (distance >= s->distance)
		return false;
	s->distance = distance;
	return true;
}

void suggest_offer(struct suggest *s, const char *candidate)
{
	if (is_nearer(s, candidate, strlen(candidate)))
		s->best = candidate;
}

const char *suggest_choice(const char *word, const char *choices)
{
	struct suggest s = suggest_for(word);

	while (*choices) {
		size_t n = strcspn(choices, "|");

		if (is_nearer(&s, choices, n))
			s.best = choices;
		choices += n + (choices[n] == '|');
	}
	return s.best;
}
