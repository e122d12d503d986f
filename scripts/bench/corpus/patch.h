/* SPDX-License-Identifier: MIT
 * Templates: real output of compilers and linkers, of which each file of a corpus is a
 * copy with an identifier and a size of its own. */
#ifndef BENCH_PATCH_H
#define BENCH_PATCH_H

#include <stddef.h>
#include <stdint.h>

enum kind { PDB, DLL, EXE, ELF, DSYM, SYM, KIND_COUNT };

struct bytes {
	uint8_t *at;
	size_t size;
};

/* Ends the program with a message; a corpus is whole or not made. */
void die(const char *what, const char *name);
void *need(size_t size);

/* The next of a sequence of even 64 bit numbers (splitmix64); `state` is its seed at first. */
uint64_t next_random(uint64_t *state);

void write_file(const char *path, const void *bytes, size_t size);

/* Fills with pieces of `pool`, which is real debug information: it packs as such. */
void fill(const struct bytes *pool, uint8_t *to, size_t size, uint64_t *random);

/* Gives a copy of a template (any kind but PDB and SYM) an identifier of its own. */
void patch_key(enum kind kind, struct bytes file, uint64_t *random);

/* Writes a PDB of about `size` bytes in the layout of Microsoft's linker: a stream of
 * filling first, then the template's streams, then the directory. */
void write_pdb(const char *path, const struct bytes *template, size_t size,
	       const struct bytes *pool, uint64_t *random);

#endif
