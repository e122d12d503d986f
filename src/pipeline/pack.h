/* SPDX-License-Identifier: MIT
 * An identity in few bytes, for as long as the run lives. Of the files that it names the
 * last one is kept, by its name, identifier and CRC: ready-to-run images name the PDB of their
 * source there. A name that is the file's own, with .pdb in place of its ending, comes back
 * empty; a file that is wanted without being named comes back only if its identifier is another
 * one than the file's. */
#ifndef PIPELINE_PACK_H
#define PIPELINE_PACK_H

#include "sym.h"

#define PACK_BYTES_MAX 768

/* Writes `id`, of a file that is called `file`, and answers how many bytes that took (at most
 * PACK_BYTES_MAX). */
size_t identity_pack(const struct sym_identity *id, const char *file, uint8_t to[PACK_BYTES_MAX]);

/* Reads one back (with one want or none) and answers where the next one begins. */
const uint8_t *identity_unpack(const uint8_t *from, struct sym_identity *id);

/* Identities that stand packed one behind the other: those of a file's slices. */
struct slices {
	const uint8_t *at; /* the next one */
	unsigned left;
	unsigned number;   /* of the one that was read last, among all, from 0 */
};

struct slices slices_of(const uint8_t *packed, unsigned count);

/* Reads the next one; false behind the last. */
bool slices_next(struct slices *s, struct sym_identity *id);

#endif
