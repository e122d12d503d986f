/* SPDX-License-Identifier: MIT
 * What the digits and words of a key say: the way back to an identifier. For asked.c and
 * asked_words.c alone. What answers false leaves `out` half filled. */
#ifndef KEY_ASKED_ID_H
#define KEY_ASKED_ID_H

#include "key/asked.h"

enum { ASKED_GUID_DIGITS = 32, ASKED_ID_DIGITS_MIN = 8 };

/* Are the first `len` bytes hex digits, and nothing else? */
bool digits_only(const char *text, size_t len);

/* A build-id of ELF and its kin, or a UUID of Mach-O. */
bool asked_code(struct key_asked *out, enum sym_kind kind, const char *hex, unsigned traits);

/* `len` digits: GUID and age; the age that is -1 says that the PDB is portable. */
bool asked_debug(struct key_asked *out, enum sym_kind kind, const char *hex, size_t len);

/* Hex digits, of which the file's name tells what they are. */
bool asked_hex(struct key_asked *out, const char *name, const char *hex);

/* The KEY of name/KEY/file. One that nobody knows leaves an identity of no kind. */
void asked_key(struct key_asked *out, const char *name, const char *key);

/* Sets the file's name. */
void asked_file(struct key_asked *out, const char *name);

#endif
