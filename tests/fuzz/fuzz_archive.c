/* SPDX-License-Identifier: MIT
 * A libFuzzer program for archives. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	fuzz_archive(bytes, n);
	return 0;
}
