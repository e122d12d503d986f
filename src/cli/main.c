/* SPDX-License-Identifier: MIT
 * symbol-upload, the way of a file and where it is in this tree:
 *
 *   found       source/    walk.c follows globs (glob.c), names, lists and bundles
 *   recognised  format/    each format in turn looks at the bytes; the name counts for nothing
 *   identified  format/    one identity per slice: what it is, its identifiers, what it offers
 *   placed      key/       each reader turns an identity into the paths it will ask for
 *   delivered   target/    a target takes parcels: staged, flushed, published
 *   reported    cli/       report_text.c for people, report_lines.c for programs
 *
 * pipeline/ moves a file along this line: run.c says in which order, identify.c and
 * deliver.c do it. cli/ is the user's side: options.c is the table of all options,
 * cmd_*.c are the commands. base/ and os/ are the ground. */
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/say.h"
#include "cli/version.h"
#include "os/os.h"

#include <stdio.h>

static command_fn *const commands[COMMAND_COUNT] = {
	[COMMAND_UPLOAD] = command_upload,
	[COMMAND_INSPECT] = command_inspect,
	[COMMAND_CHECK] = command_check,
	[COMMAND_WHY] = command_why,
	[COMMAND_VERIFY] = command_verify,
	[COMMAND_HISTORY] = command_history,
	[COMMAND_REMOVE] = command_remove,
	[COMMAND_PRUNE] = command_prune,
};

static enum sym_status read_options(int argc, char **argv, struct options *o, struct sym_err *err)
{
	enum sym_status status = options_parse(argc, argv, o, err);

	if (status != SYM_OK || o->help || o->program_version)
		return status;
	status = options_read_environment(o, err);
	if (status == SYM_OK)
		status = config_read(o, err);
	return status == SYM_OK ? options_finish(o, err) : status;
}

/* What is answered without a run; false where a run is wanted. */
static bool answer(const struct options *o, struct buf *out)
{
	if (o->help)
		options_help(o->command, out);
	else if (o->program_version)
		program_version(out);
	else if (o->list_readers)
		options_list_readers(out);
	else if (o->print_config)
		options_print_config(o, out);
	else
		return false;
	return true;
}

static bool only_tells(const struct options *o)
{
	const unsigned writes = 1u << COMMAND_UPLOAD | 1u << COMMAND_REMOVE | 1u << COMMAND_PRUNE;

	return o->help || o->program_version || o->list_readers || o->print_config || o->dry_run || o->plan ||
	       !(writes >> o->command & 1);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct buf out = BUF_MAX(1 << 20);
	struct sym_err err;
	int exit_status = EXIT_GOOD;

	os_process_init();
	say_init(false);
	if (read_options(argc, argv, &o, &err) != SYM_OK) {
		say_error(NULL, &err);
		options_release(&o);
		return EXIT_USAGE;
	}
	say_init(o.quiet);
	if (only_tells(&o))
		say_ends_unread();
	if (answer(&o, &out)) {
		say_print(&out);
	} else {
		os_names_init();
		exit_status = commands[o.command](&o);
	}
	if (say_all_printed(&err) != SYM_OK) {
		say_error(NULL, &err);
		exit_status = exit_status ? exit_status : EXIT_FAILED;
	}
	buf_release(&out);
	options_release(&o);
	return exit_status;
}
