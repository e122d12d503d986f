/* SPDX-License-Identifier: MIT
 * Text to 64 bits, the same on every machine and in every version: parts of runs and
 * journals depend on it. Not for keys that somebody else may choose against us. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/def.h"

#define HASH_START 0xcbf29ce484222325u

/* FNV-1a, then mixed, so that the low bits alone are good. Never 0, which marks a free slot of
 * a table. `start` is HASH_START, or the hash of what comes before. */
static inline uint64_t hash_text(uint64_t start, const char *text)
{
	uint64_t h = start;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	h ^= h >> 29;
	return h ? h : 1;
}

#endif
