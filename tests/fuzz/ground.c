/* SPDX-License-Identifier: MIT
 * For a build of the floors up to key alone: it has neither archives nor a store's 000Admin. */
#include "fuzz.h"

blob_unpack_fn *const fuzz_unpack = NULL;

void fuzz_admin(const uint8_t *bytes, size_t n)
{
	(void)bytes;
	(void)n;
}

void fuzz_archive(const uint8_t *bytes, size_t n)
{
	(void)bytes;
	(void)n;
}

void fuzz_cabinet(const uint8_t *bytes, size_t n)
{
	(void)bytes;
	(void)n;
}
