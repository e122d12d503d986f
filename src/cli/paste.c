/* SPDX-License-Identifier: MIT */
#include "cli/paste.h"

#include "base/text.h"
#include "cli/rows.h"
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

/* The address alone, as programs take it that put a path behind it: without login and query, and without
 * what a shell or symsrv.dll would take for its own. */
static void add_web(struct buf *out, const char *address)
{
	struct address_parts at = address_parts(address);
	size_t end = at.query;

	while (end > at.host && address[end - 1] == '/')
		end--;
	buf_add(out, address, at.user);
	buf_add_encoded(out, address + at.host, end - at.host, "/:%[]@,+=");
}

/* ------------------------------------------------------------- the lines -- */

static const struct paste_row {
	bool web;                   /* of a web server; else of a folder */
	const char *who;            /* the program that reads the store */
	const char *readers[4];     /* any of them in --for */
	unsigned kinds;             /* that they ask it for */
	const char *before;         /* the store … */
	path_fn *add;               /* … as that program, or the shell, reads it … */
	const char *after;
} rows[] = {
	{false, "WinDbg", {"windbg", "visualstudio", "symproxy", "bugsplat"},
	 KIND(SYM_PE) | KIND(SYM_PDB) | KIND(SYM_PORTABLE_PDB), "_NT_SYMBOL_PATH=srv*", add_native, ""},
	{false, "gdb", {"gdb"}, KIND(SYM_ELF) | KIND(SYM_PE), "gdb -iex 'set debug-file-directory ", add_quoted, "'"},
	{false, "gdb", {"debuginfod"}, KIND(SYM_ELF), "DEBUGINFOD_URLS=file://", add_url, ""},
	{false, "lldb", {"lldb"}, KIND(SYM_MACHO), "settings append target.debug-file-search-paths ", add_lldb, ""},
	{false, "minidump_stackwalk", {"breakpad"}, KIND(SYM_BREAKPAD), "minidump_stackwalk crash.dmp ", add_word, ""},
	/* Servers mind letter case, where the other readers of Windows' files differ. */
	{true, "WinDbg", {"windbg", "visualstudio"}, KIND(SYM_PE) | KIND(SYM_PDB) | KIND(SYM_PORTABLE_PDB),
	 "_NT_SYMBOL_PATH=srv*", add_web, ""},
	{true, "gdb", {"debuginfod"}, KIND(SYM_ELF), "DEBUGINFOD_URLS=", add_web, ""},
};

/* Has the store got a file at a path of one of the row's readers? */
static bool has_files_for(const struct paste *p, const struct paste_row *row)
{
	unsigned readers = 0;

	for (size_t i = 0; i < ARRAY_LEN(row->readers) && row->readers[i]; i++)
		readers |= reader_mask(row->readers[i]);
	for (unsigned kind = 0; kind < SYM_KIND_COUNT; kind++)
		if ((row->kinds & KIND(kind)) && (p->readers[kind] & readers))
			return true;
	return false;
}

/* What a reader adds to an address is a path, and there is no room for a query behind it. */
static void tell_of_query(const struct paste_row *row, const char *address)
{
	if (address[address_parts(address).query])
		say_note("%s cannot send the query of this address, which is left out here: the server must let it "
			 "read without one", row->who);
}

static void print_line(const struct paste_row *row, const char *where)
{
	struct buf line = BUF_MAX(4 * SAY_PATH_MAX);
	char *path = row->web ? NULL : os_absolute(where);
	const char *store = row->web ? where : path;

	buf_add_text(&line, row->before);
	if (store)
		row->add(&line, store);
	buf_add_text(&line, row->after);
	if (store && !line.failed) {
		say_shown(line.data);
		putchar('\n');
	}
	buf_release(&line);
	free(path);
}

/* The default readers suit Windows; whoever comes with the files of another system learns whose
 * debuggers find them. */
static void tell_whom_to_name(const struct paste *p, bool web)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned kind = 0; kind < SYM_KIND_COUNT; kind++)
			if (rows[i].web == web && p->readers[kind] && (rows[i].kinds & KIND(kind))) {
				say_note("%s finds no %s files in this store; with --for %s it does (--for list names "
					 "the other readers)",
					 rows[i].who, kind_word((enum sym_kind)kind), rows[i].readers[0]);
				return;
			}
}

void paste_print(const struct options *o, const struct run_destination *to, const struct paste *p)
{
	const char *folder = target_local_path(to->where);
	bool web = strncmp(to->where, "http", 4) == 0 && !folder;

	if (p->lost || !(web || folder)) /* a bucket has no address by which anybody could read it */
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].web == web && has_files_for(p, &rows[i])) {
			print_line(&rows[i], web ? to->where : folder);
			if (web)
				tell_of_query(&rows[i], to->where);
			return;
		}
	if (options_from(o, "for") <= FROM_DEFAULT && to->readers == readers_mask(&o->how.readers))
		tell_whom_to_name(p, web);
}

/* ------------------------------------------------------ what there is -- */

static void on_delivered(void *ctx, const struct delivered *d)
{
	struct paste *p = (struct paste *)ctx + d->destination;

	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];

		if (action_is_there(at->action))
			p->readers[d->id->kind] |= at->readers;
	}
}

static void on_lost(void *ctx, size_t destination, const char *target, const struct sym_err *err)
{
	(void)target;
	(void)err;
	((struct paste *)ctx)[destination].lost = true;
}

struct reporter paste_reporter(struct paste *p)
{
	return (struct reporter){.delivered = on_delivered, .lost = on_lost, .ctx = p};
}
