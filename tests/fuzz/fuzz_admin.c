/* SPDX-License-Identifier: MIT
 * A libFuzzer program for the texts of 000Admin. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	fuzz_admin(bytes, n);
	return 0;
}
