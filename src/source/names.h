/* SPDX-License-Identifier: MIT
 * Many short names, packed, to be sorted by byte order. */
#ifndef SOURCE_NAMES_H
#define SOURCE_NAMES_H

#include "base/def.h"

/* Zero-initialised is empty. `text` is valid after names_sort. */
struct name {
	union {
		size_t offset; /* into `bytes`, while names are added */
		const char *text;
	};
	uint8_t tag; /* the owner's */
};

struct names {
	struct name *at;
	size_t count, room;
	char *bytes;
	size_t bytes_used, bytes_room;
};

void names_release(struct names *n);
void names_clear(struct names *n); /* keeps the memory */

/* Keeps a copy of `text`. False: out of memory. Not after names_sort. */
bool names_add(struct names *n, const char *text, uint8_t tag) MUST_CHECK;

void names_sort(struct names *n);

#endif
