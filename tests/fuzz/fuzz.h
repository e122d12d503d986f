/* SPDX-License-Identifier: MIT
 * One input for the parsers, as libFuzzer gives it and as replay.c gives it again. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "format/format.h"

/* Lets `format` (NULL: whichever takes them) identify the bytes and every reader say what it
 * would ask for. What no bytes may bring about ends the program. */
void fuzz_format(const struct format *format, const uint8_t *bytes, size_t n);

/* What files are given to the formats with; NULL where there are no libraries for it. */
extern blob_unpack_fn *const fuzz_unpack;

/* Unpacks the bytes where they are a cabinet, and lets fuzz_format look at what is in it. */
void fuzz_cabinet(const uint8_t *bytes, size_t n);

/* The same with what is in an archive, or packed alone. */
void fuzz_archive(const uint8_t *bytes, size_t n);

/* Takes the bytes for a text of a store's 000Admin: a ledger, refs.ptr, a list. */
void fuzz_admin(const uint8_t *bytes, size_t n);

/* Ends the program where a promise is broken; unlike assert, also in a build without debugging. */
void fuzz_must(bool holds, const char *what);

#endif
