/* SPDX-License-Identifier: MIT */
#include "cli/paste.h"

#include "cli/say.h"
#include "cli/sources.h"
#include "format/format.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>

#define KIND(kind) (1u << (kind))

static const struct paste {
	const char *who;            /* the program that reads the folder */
	const char *readers[4];     /* any of them in --for */
	unsigned kinds;             /* that they ask a folder for */
	const char *before, *after; /* the folder */
	bool native;                /* in the system's own letters: symsrv.dll knows a share by its backslashes */
} pastes[] = {
	{"WinDbg", {"windbg", "visualstudio", "symproxy", "bugsplat"},
	 KIND(SYM_PE) | KIND(SYM_PDB) | KIND(SYM_PORTABLE_PDB), "_NT_SYMBOL_PATH=srv*", "", true},
	{"gdb", {"gdb"}, KIND(SYM_ELF) | KIND(SYM_PE), "gdb -iex 'set debug-file-directory ", "'", false},
	{"gdb", {"debuginfod"}, KIND(SYM_ELF), "DEBUGINFOD_URLS=file://", "", false},
	{"lldb", {"lldb"}, KIND(SYM_MACHO), "settings append target.debug-file-search-paths ", "", false},
	{"minidump_stackwalk", {"breakpad"}, KIND(SYM_BREAKPAD), "minidump_stackwalk crash.dmp ", "", false},
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
	char *path = os_absolute(folder);

	if (!path)
		return;
	if (p->native)
		os_path_native(path);
	fputs(p->before, stdout);
	say_shown(path);
	puts(p->after);
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
