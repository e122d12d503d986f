/* SPDX-License-Identifier: MIT
 * An identity in few bytes, for as long as the run lives. Of the files that it names the
 * last one is kept, by its name and CRC: it is the one whose identifier is its own. */
#ifndef PIPELINE_PACK_H
#define PIPELINE_PACK_H

#include "sym.h"

#define PACK_BYTES_MAX 768

/* Writes `id` and answers how many bytes that took (at most PACK_BYTES_MAX). Equal
 * identities give equal bytes. */
size_t identity_pack(const struct sym_identity *id, uint8_t to[PACK_BYTES_MAX]);

/* Reads one back (with one want or none) and answers where the next one begins. */
const uint8_t *identity_unpack(const uint8_t *from, struct sym_identity *id);

#endif
