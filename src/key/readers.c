/* SPDX-License-Identifier: MIT
 * The table of readers, and the door to it. */
#include "key/rows.h"

#include "base/err.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In the order of --for list: Windows first, as most symbols are. */
const struct key_reader key_readers[] = {
	{"windbg", "WinDbg, cdb, WPA, dbghelp, symstore.exe trees: name/KEY/name as spelled", true,
	 windbg_paths},
	{"visualstudio", "Visual Studio: as windbg, portable PDBs in lower case with FFFFFFFF",
	 true, visualstudio_paths},
	{"symproxy", "SymProxy and servers that fold case: as windbg, all in lower case", true,
	 symproxy_paths},
	{"dotnet", "dotnet-symbol, dotnet-dump and other SSQP clients", true, dotnet_paths},
	{"bugsplat", "BugSplat's crash processing: the paths of symbol-upload 11", true,
	 bugsplat_paths},
	{"breakpad", "minidump-stackwalk, Socorro, Crashpad: module/ID/module.sym", false,
	 breakpad_paths},
	{"debuginfod", "gdb, perf, elfutils, LLVM over HTTP: buildid/HEX/executable|debuginfo",
	 false, debuginfod_paths},
	{"gdb", "gdb and lldb on a mounted folder: .build-id/xx/rest[.debug]", false, gdb_paths},
	{"lldb", "lldb's UUID-mapped folders: XXXX/XXXX/…/XXXXXXXXXXXX[.app]", false, lldb_paths},
	{"sentry", "Symbolicator's unified layout: xx/rest/executable|debuginfo|breakpad", false,
	 sentry_paths},
};

const size_t key_reader_count = ARRAY_LEN(key_readers);

const struct key_reader *key_reader_find(const char *name)
{
	for (size_t i = 0; i < key_reader_count; i++)
		if (strcmp(key_readers[i].name, name) == 0)
			return &key_readers[i];
	return NULL;
}

void add_path(struct key_paths *out, const char *name, const char *key, const char *last)
{
	struct key_path *path = &out->at[out->count++];
	char *at = path->text;
	const char *end = at + sizeof path->text;

	at = text_put(at, end, name);
	at = text_put(at, end, "/");
	at = text_put(at, end, key);
	at = text_put(at, end, "/");
	text_put(at, end, last);
	path->needs = NULL;
}

struct key_path *add_path_text(struct key_paths *out, const char *format, ...)
{
	struct key_path *path = &out->at[out->count++];
	va_list args;

	va_start(args, format);
	vsnprintf(path->text, sizeof path->text, format, args);
	va_end(args);
	path->needs = NULL;
	return path;
}

/* Has every component at most SYM_NAME_MAX bytes? Readers append to a name, as `.sym`. */
static bool components_fit(const char *path)
{
	if (strlen(path) <= SYM_NAME_MAX)
		return true; /* as nearly always */
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n > SYM_NAME_MAX)
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

/* Drops the paths with an empty component: the file's name, which is not known, belongs there. */
static void drop_nameless(struct key_paths *paths)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->count; i++) {
		const struct key_path *path = &paths->at[i];

		if (path->text[0] != '/' && !strstr(path->text, "//"))
			paths->at[kept++] = *path;
	}
	paths->count = kept;
}

enum sym_status key_paths_for(const struct key_reader *reader, const struct sym_identity *id,
			      const char *path, struct key_paths *out, struct sym_err *err)
{
	size_t len;
	const char *file = path ? text_last_component(path, strlen(path), &len) : "";
	enum sym_status status = path ? key_name_check(file, err) : SYM_OK;

	out->count = 0;
	if (status == SYM_OK && id->name[0] && id->kind == SYM_BREAKPAD)
		status = key_name_check(id->name, err);
	if (status != SYM_OK)
		return status;
	reader->paths(id, file, out);
	if (!path)
		drop_nameless(out);
	for (size_t i = 0; i < out->count; i++)
		if (!components_fit(out->at[i].text)) {
			out->count = 0;
			return err_set(err, SYM_REFUSED,
				       "with its ending, the name is longer than the %d bytes that file "
				       "systems hold", SYM_NAME_MAX);
		}
	return SYM_OK;
}

bool key_reads_symsrv(unsigned readers)
{
	for (size_t i = 0; i < key_reader_count; i++)
		if ((readers & 1u << i) && key_readers[i].symsrv)
			return true;
	return false;
}

void key_compressed(char path[KEY_PATH_MAX])
{
	size_t len = strlen(path);

	if (len > 0)
		path[len - 1] = '_';
}

bool key_two_tier(char path[KEY_PATH_MAX])
{
	size_t first = text_utf8_len(path, strlen(path));
	size_t second = text_utf8_len(path + first, strlen(path + first));
	size_t prefix = path[first] == '.' || path[first] == '/' ? first : first + second;
	size_t len = strlen(path);

	if (prefix == 0 || len + prefix + 2 > KEY_PATH_MAX)
		return false;
	memmove(path + prefix + 1, path, len + 1);
	memcpy(path, path + prefix + 1, prefix);
	path[prefix] = '/';
	for (size_t i = 0; i < prefix; i++)
		path[i] = text_lower(path[i]);
	return true;
}
