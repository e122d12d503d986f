/* SPDX-License-Identifier: MIT
 * For Windows, where nothing unpacks cabinets yet. */
#include "fuzz.h"

void fuzz_cabinet(const uint8_t *bytes, size_t n)
{
	(void)bytes;
	(void)n;
}
