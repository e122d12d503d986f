/* SPDX-License-Identifier: MIT
 * A libFuzzer program. FORMAT_NAME is the format's name as in src/format/meson.build, or
 * "all" for whichever takes the bytes. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct format *format_named(const char *name)
{
	for (size_t i = 0; formats[i]; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	if (strcmp(name, "all") != 0)
		abort();
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	fuzz_format(format_named(FORMAT_NAME), bytes, n);
	fuzz_cabinet(bytes, n);
	return 0;
}
