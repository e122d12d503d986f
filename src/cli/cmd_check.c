/* SPDX-License-Identifier: MIT
 * symbol-upload check: is everything there, as its readers would ask for it? */
#include "cli/commands.h"

#include "cli/say.h"

int command_check(const struct options *o)
{
	struct sym_err err;

	(void)o;
	err_set(&err, SYM_UNSUPPORTED, "not yet");
	say_error(NULL, &err);
	return EXIT_FAILED;
}
