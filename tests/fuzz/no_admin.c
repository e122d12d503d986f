/* SPDX-License-Identifier: MIT
 * For Windows, where nothing keeps transactions yet. */
#include "fuzz.h"

void fuzz_admin(const uint8_t *bytes, size_t n)
{
	(void)bytes;
	(void)n;
}
