/* SPDX-License-Identifier: MIT
 * symbol-upload inspect: what files are, and where readers would look for them. */
#include "cli/commands.h"

#include "cli/say.h"
#include "cli/sources.h"
#include "format/format.h"
#include "pipeline/json/delivery.h"

#include <inttypes.h>
#include <string.h>

/* ---------------------------------------------------------------- cards -- */

static void add_field(struct buf *out, const char *name, const char *value)
{
	if (!value[0])
		return;
	buf_printf(out, "  %-9s ", name);
	say_add_shown(out, value);
	buf_add_char(out, '\n');
}

static void add_has(struct buf *out, const struct sym_identity *id)
{
	static const struct {
		unsigned trait;
		const char *text;
	} rows[] = {
		{SYM_PUBLIC, "(stripped: public symbols only)"},
		{SYM_FASTLINK, "(fastlink: of no use without its object files)"},
		{SYM_SPLIT_DWARF, "(split: of no use without its .dwo files)"},
		{SYM_OBJECT, "(an object file: readers ask for what is linked of it)"},
		{SYM_SHARED_DWARF, "(of dwz --dwarf-5: of no use without the file that it names)"},
		{SYM_TWO_IDS, "(two build-ids: gdb asks for the last)"},
		{SYM_BY_NAME, "(split off: debuggers look for it by its name, beside the binary)"},
		{SYM_NO_BUILD_ID, "(no build-id: Breakpad's hash of the code)"},
	};

	buf_printf(out, "  %-9s", "has");
	for (size_t i = 0; i < HAS_BITS; i++)
		if (id->has & 1u << i)
			buf_printf(out, " %s", has_words[i]);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (id->traits & rows[i].trait)
			buf_printf(out, " %s", rows[i].text);
	buf_add_text(out, id->has ? "\n" : " code only\n");
}

static void add_wants(struct buf *out, const struct sym_identity *id)
{
	for (unsigned i = 0; i < id->wants_count; i++) {
		const struct sym_want *want = &id->wants[i];
		char ident[KEY_ID_MAX];

		if (want->code.form)
			key_code_text(&want->code, ident);
		else
			key_debug_text(&want->debug, ident);
		buf_printf(out, "  %-9s ", i == 0 ? "wants" : "");
		say_add_shown(out, want->name[0] ? want->name : "(no name)");
		if (ident[0])
			buf_printf(out, " %s", ident);
		if (want->has_crc32)
			buf_printf(out, " crc32 %08" PRIx32, want->crc32);
		buf_add_char(out, '\n');
	}
}

/* One line a path; readers that ask for the same one share it. */
static void add_keys(struct buf *out, const struct inspected *what)
{
	const char *head = "keys";

	for (size_t r = 0; r < key_reader_count; r++) {
		if (!(what->readers & 1u << r))
			continue;
		for (size_t i = 0; i < what->paths[r].count; i++) {
			const struct key_path *path = &what->paths[r].at[i];

			buf_printf(out, "  %-9s %-12s ", head, key_readers[r].name);
			say_add_shown(out, path->text);
			if (path->needs)
				buf_printf(out, "  (made by %s)", path->needs);
			buf_add_char(out, '\n');
			head = "";
		}
	}
}

static void add_heading(struct buf *out, const char *path)
{
	buf_add_text(out, say_bold());
	say_add_shown(out, path);
	buf_printf(out, "%s\n", say_plain());
}

static void card(struct buf *out, const struct inspected *what)
{
	const struct sym_identity *id = what->id;
	char text[KEY_ID_MAX];

	add_heading(out, what->path);
	buf_printf(out, "  %-9s %s%s%s\n", "kind", kind_word(id->kind), *arch_word(id->arch) ? ", " : "",
		   arch_word(id->arch));
	add_field(out, "member", what->member ? what->member : "");
	add_field(out, "module", id->name);
	key_code_text(&id->code, text);
	add_field(out, "code id", text);
	key_debug_text(&id->debug, text);
	add_field(out, "debug id", text);
	if (!id->whole_file)
		buf_printf(out, "  %-9s %" PRIu64 " bytes at 0x%" PRIx64 "\n", "slice", id->slice_size,
			   id->slice_offset);
	add_has(out, id);
	add_wants(out, id);
	add_keys(out, what);
	if (what->error)
		add_field(out, "no key", what->error->text);
	buf_add_char(out, '\n');
}

static void error_card(struct buf *out, const char *path, const char *member, const struct sym_err *err)
{
	add_heading(out, path);
	add_field(out, "member", member ? member : "");
	buf_printf(out, "  %-9s ", "error");
	say_add_shown(out, err->text);
	if (err->has_offset)
		buf_printf(out, " (at offset 0x%" PRIx64 ")", err->offset);
	buf_add_text(out, "\n\n");
}

/* -------------------------------------------------------------- the run -- */

static void print(void *ctx, struct buf *text)
{
	(void)ctx;
	say_print(text);
}

static void note(void *ctx, const char *path, const struct sym_err *err)
{
	(void)ctx;
	say_warning(path, err);
}

static void sum_up(const struct options *o, const struct inspect_counts *counts)
{
	char number[SAY_NUMBER_MAX], archives[SAY_ARCHIVES_MAX];

	if (o->format == FORMAT_JSON || counts->others == 0)
		return;
	say_note("%s of these files %s%s", say_number(counts->others, number),
		 counts->others == 1 ? "is no symbol file" : "are no symbol files",
		 say_archives(counts->unopened, archives));
}

int command_inspect(const struct options *o)
{
	struct sources sources;
	struct inspect_counts counts;
	struct inspect_options options = {
		.source = &sources.options,
		.workers = run_workers(o->jobs),
		.readers = readers_mask(&o->how.readers),
		.fallback_age = o->fallback_age == FALLBACK_AGE_INFO,
		.slice = o->format == FORMAT_JSON ? json_inspected : card,
		.error = o->format == FORMAT_JSON ? json_inspect_error : error_card,
		.print = print,
		.note = note,
	};
	struct sym_err err;
	enum sym_status status = sources_check(o, &err);

	if (status == SYM_OK)
		status = sources_init(&sources, o, &err);
	if (status == SYM_OK) {
		status = run_inspect(&options, &counts, &err);
		sources_release(&sources);
	}
	if (status != SYM_OK) {
		say_error(NULL, &err);
		return exit_status_for(status);
	}
	if (counts.files == 0 && counts.errors == 0) {
		say_issue(true, NULL, "no file was found to look at");
		return EXIT_FAILED;
	}
	sum_up(o, &counts);
	return counts.hand_errors > 0 ? EXIT_FAILED : EXIT_GOOD;
}
