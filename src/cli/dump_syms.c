/* SPDX-License-Identifier: MIT */
#include "cli/dump_syms.h"

#include "cli/bugsplat.h"
#include "cli/say.h"
#include "key/key.h"

#include <string.h>

static bool reads_dumps(const struct strings *readers)
{
	struct sym_identity id = {.kind = SYM_BREAKPAD,
				  .debug = {.form = SYM_DEBUG_AGE, .guid = {1}},
				  .name = "module",
				  .written_id = "010000000000000000000000000000000"};
	struct key_paths paths;
	struct sym_err ignored;

	for (size_t i = 0; i < readers->count; i++)
		if (key_paths_for(key_reader_find(readers->at[i]), &id, "module.sym", &paths, &ignored) == SYM_OK &&
		    paths.count > 0)
			return true;
	return false;
}

static bool anybody_reads_dumps(const struct options *o)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (is_bugsplat(&o->destinations[i]) || reads_dumps(&o->destinations[i].how->readers))
			return true;
	return false;
}

enum sym_status dump_syms_init(const struct options *o, struct dumper *out, struct sym_err *err)
{
	memset(out, 0, sizeof *out);
	if (!o->dump_syms)
		return SYM_OK;
	if (!anybody_reads_dumps(o))
		return err_set(err, SYM_USAGE, "-m makes .sym files, and no reader of this run (--for) asks for "
					       "them: breakpad, bugsplat and sentry do");
	if (dumper_find(o->dump_syms_program, out, err) != SYM_OK) {
		err->status = SYM_USAGE;
		return err->status;
	}
	out->timeout_s = o->dump_syms_timeout_s;
	say_note("Making .sym files with %s", out->program);
	return SYM_OK;
}
