/* SPDX-License-Identifier: MIT
 * Hashes of texts and numbers, 64 bits wide. Whoever chooses the texts can make two of them meet:
 * not for what must withstand that.
 *
 * No hash is 0, which marks a free row of a table (base/table.h). `start` is HASH_START, or the
 * hash of what comes before. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/def.h"

#define HASH_START 0xcbf29ce484222325u

/* FNV-1a, then mixed, so that the low bits alone are good. The same on every machine and in every
 * version: which part of a run (--shard) a path falls into depends on it. */
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

/* The finaliser of splitmix64: every bit of the number reaches every bit of the hash. */
static inline uint64_t hash_number(uint64_t start, uint64_t number)
{
	uint64_t h = (start ^ number) + 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	h ^= h >> 31;
	return h ? h : 1;
}

#endif
