/* SPDX-License-Identifier: MIT */
#include "cli/paste.h"

#include "base/text.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "format/format.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND(kind) (1u << (kind))

/* ------------------------------------------------ a path, as it is read -- */

typedef void path_fn(struct buf *out, const char *path);

/* symsrv.dll has no quotes, and knows a share by its backslashes. */
static void add_native(struct buf *out, const char *path)
{
	buf_add_text(out, path);
	if (!out->failed)
		os_path_native(out->data);
}

/* Between the quotes of a shell: one of the path ends them, and begins them anew. */
static void add_quoted(struct buf *out, const char *path)
{
	for (; *path; path++)
		if (*path == '\'')
			buf_add_text(out, "'\\''");
		else
			buf_add_char(out, *path);
}

/* A path of these alone needs no quotes. */
static bool is_plain(const char *path)
{
	while (text_is_unreserved(*path) || *path == '/' || *path == ':' || (*path & 0x80))
		path++;
	return *path == '\0';
}

static void add_word(struct buf *out, const char *path)
{
	const char *quote = is_plain(path) ? "" : "'";

	buf_add_text(out, quote);
	add_quoted(out, path);
	buf_add_text(out, quote);
}

static void add_url(struct buf *out, const char *path)
{
	buf_add_encoded(out, path, strlen(path), "/:");
}

/* As lldb's own command line wants it. */
static void add_lldb(struct buf *out, const char *path)
{
	const char *quote = is_plain(path) ? "" : "\"";

	buf_add_text(out, quote);
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *path);
	}
	buf_add_text(out, quote);
}

/* ------------------------------------------------------------- the lines -- */

static const struct paste {
	const char *who;            /* the program that reads the folder */
	const char *readers[4];     /* any of them in --for */
	unsigned kinds;             /* that they ask a folder for */
	const char *before;         /* the folder … */
	path_fn *add;               /* … as that program, or the shell, reads it … */
	const char *after;
} pastes[] = {
	{"WinDbg", {"windbg", "visualstudio", "symproxy", "bugsplat"},
	 KIND(SYM_PE) | KIND(SYM_PDB) | KIND(SYM_PORTABLE_PDB), "_NT_SYMBOL_PATH=srv*", add_native, ""},
	{"gdb", {"gdb"}, KIND(SYM_ELF) | KIND(SYM_PE), "gdb -iex 'set debug-file-directory ", add_quoted, "'"},
	{"gdb", {"debuginfod"}, KIND(SYM_ELF), "DEBUGINFOD_URLS=file://", add_url, ""},
	{"lldb", {"lldb"}, KIND(SYM_MACHO), "settings append target.debug-file-search-paths ", add_lldb, ""},
	{"minidump_stackwalk", {"breakpad"}, KIND(SYM_BREAKPAD), "minidump_stackwalk crash.dmp ", add_word, ""},
};

static bool is_for(const struct paste *p, unsigned readers)
{
	for (size_t i = 0; i < ARRAY_LEN(p->readers) && p->readers[i]; i++)
		if (readers & 1u << (key_reader_find(p->readers[i]) - key_readers))
			return true;
	return false;
}

static unsigned kinds_delivered(const struct tally *t)
{
	unsigned kinds = 0;

	for (unsigned kind = 0; kind < SYM_KIND_COUNT; kind++)
		if (t->count[kind][ACTION_STORED] + t->count[kind][ACTION_PRESENT] +
			    t->count[kind][ACTION_REPLACED] + t->count[kind][ACTION_KEPT] > 0)
			kinds |= KIND(kind);
	return kinds;
}

static void print_line(const struct paste *p, const char *folder)
{
	struct buf line = BUF_MAX(4 * SAY_PATH_MAX);
	char *path = os_absolute(folder);

	buf_add_text(&line, p->before);
	if (path)
		p->add(&line, path);
	buf_add_text(&line, p->after);
	if (path && !line.failed) {
		say_shown(line.data);
		putchar('\n');
	}
	buf_release(&line);
	free(path);
}

/* The default readers suit Windows; whoever comes with the files of another system learns whose
 * debuggers find them. */
static void tell_whom_to_name(unsigned kinds)
{
	char text[160];

	for (size_t i = 0; i < ARRAY_LEN(pastes); i++)
		for (unsigned kind = 0; kind < SYM_KIND_COUNT; kind++)
			if (kinds & pastes[i].kinds & KIND(kind)) {
				snprintf(text, sizeof text,
					 "%s finds no %s files in this store; with --for %s it does (--for list names "
					 "the other readers)",
					 pastes[i].who, kind_word((enum sym_kind)kind), pastes[i].readers[0]);
				say_note(text);
				return;
			}
}

void paste_print(const struct options *o, const struct run_destination *to, const struct tally *tally)
{
	const char *folder = target_local_path(to->where);
	unsigned kinds = kinds_delivered(tally);

	for (size_t i = 0; folder && i < ARRAY_LEN(pastes); i++)
		if ((kinds & pastes[i].kinds) && is_for(&pastes[i], to->readers)) {
			print_line(&pastes[i], folder);
			return;
		}
	if (folder && options_from(o, "for") <= FROM_DEFAULT && to->readers == readers_mask(&o->how.readers))
		tell_whom_to_name(kinds);
}
