/* SPDX-License-Identifier: MIT
 * What was asked for. Each layout is known by the last components of its paths, so that
 * the folder, the address or the word of a debugger's log before them does not matter. */
#include "key/asked.h"

#include "base/text.h"
#include "key/asked_id.h"

#include <stdio.h>
#include <string.h>

enum {
	PATH_BYTES_MAX = 4096, /* of what people paste */
	COMPONENTS_MAX = 6,    /* lldb's folders */
};

/* The end of a path, cut into components; at[0] is the last. */
struct ending {
	const char *at[COMPONENTS_MAX];
	size_t count;
	char text[PATH_BYTES_MAX];
};

static bool split(const char *path, struct ending *e)
{
	size_t len = strlen(path);
	char *end = e->text + len;

	e->count = 0;
	if (len >= sizeof e->text)
		return false;
	memcpy(e->text, path, len + 1);
	while (e->count < COMPONENTS_MAX) {
		char *start = end;

		while (start > e->text && start[-1] != '/')
			start--;
		if (start == end)
			break;
		e->at[e->count++] = start;
		if (start == e->text)
			break;
		end = start - 1;
		*end = '\0';
	}
	return e->count > 0;
}

typedef bool form_fn(const struct ending *e, struct key_asked *out);

/* False where it is longer than any path can be. */
static bool take_path(struct key_asked *out, const struct ending *e, size_t components)
{
	char *at = out->path;
	const char *end = at + sizeof out->path;

	for (size_t i = components; i-- > 0;) {
		at = text_put(at, end, e->at[i]);
		at = text_put(at, end, i > 0 ? "/" : "");
	}
	return at + 1 < end;
}

/* XXXX/XXXX/XXXX/XXXX/XXXX/XXXXXXXXXXXX[.app] */
static bool lldb_form(const struct ending *e, struct key_asked *out)
{
	char hex[ASKED_GUID_DIGITS + 1];
	bool image;

	if (e->count < 6)
		return false;
	for (size_t i = 1; i < 6; i++)
		if (strlen(e->at[i]) != 4)
			return false;
	image = strlen(e->at[0]) == 16 && strcmp(e->at[0] + 12, ".app") == 0;
	if (strlen(e->at[0]) != 12 && !image)
		return false;
	snprintf(hex, sizeof hex, "%s%s%s%s%s%.12s", e->at[5], e->at[4], e->at[3], e->at[2], e->at[1],
		 e->at[0]);
	return asked_code(out, SYM_MACHO, hex, image ? SYM_IMAGE : SYM_COMPANION | SYM_DSYM) &&
	       take_path(out, e, 6);
}

/* "executable" and "debuginfo", as debuginfod and Symbolicator call the two. */
static unsigned part_of(const char *what)
{
	return strcmp(what, "executable") == 0	? SYM_IMAGE
	       : strcmp(what, "debuginfo") == 0 ? SYM_COMPANION
						: 0;
}

/* buildid/HEX/executable|debuginfo */
static bool debuginfod_form(const struct ending *e, struct key_asked *out)
{
	return e->count >= 3 && strcmp(e->at[2], "buildid") == 0 && part_of(e->at[0]) &&
	       asked_code(out, SYM_ELF, e->at[1], part_of(e->at[0])) && take_path(out, e, 3);
}

/* .build-id/xx/rest[.debug] */
static bool gdb_form(const struct ending *e, struct key_asked *out)
{
	char hex[KEY_ID_MAX];
	size_t len;
	bool companion;

	if (e->count < 3 || strcmp(e->at[2], ".build-id") != 0 || strlen(e->at[1]) != 2)
		return false;
	companion = text_ends_nocase(e->at[0], ".debug");
	len = strlen(e->at[0]) - (companion ? strlen(".debug") : 0);
	if (len + 3 > sizeof hex)
		return false;
	snprintf(hex, sizeof hex, "%s%.*s", e->at[1], (int)len, e->at[0]);
	return asked_code(out, SYM_ELF, hex, companion ? SYM_COMPANION : SYM_IMAGE) && take_path(out, e, 3);
}

/* module/ID/module.sym */
static bool breakpad_form(const struct ending *e, struct key_asked *out)
{
	size_t len;

	if (e->count < 3 || !text_ends_nocase(e->at[0], ".sym") || !key_name_is_safe(e->at[0]) ||
	    !key_name_is_safe(e->at[2]))
		return false;
	len = strlen(e->at[1]);
	if (len <= ASKED_GUID_DIGITS || !digits_only(e->at[1], len) || !asked_debug(out, SYM_BREAKPAD, e->at[1], len))
		return false;
	text_put(out->id.name, out->id.name + sizeof out->id.name, e->at[2]);
	text_put(out->id.written_id, out->id.written_id + sizeof out->id.written_id, e->at[1]);
	asked_file(out, e->at[0]);
	return take_path(out, e, 3);
}

/* Is it SymSrv's name of the compressed file? */
static bool is_twin(const char *twin, const char *name)
{
	size_t len = strlen(name);

	return strlen(twin) == len && len > 0 && twin[len - 1] == '_' && name[len - 1] != '_' &&
	       memcmp(twin, name, len - 1) == 0;
}

/* name/KEY/name, where name_ and file.ptr stand for it too. The letter case of the two names
 * may differ where people wrote one of them. */
static bool symsrv_form(const struct ending *e, struct key_asked *out)
{
	struct ending whole;

	if (e->count < 3 || !key_name_is_safe(e->at[2]) || !key_name_is_safe(e->at[1]))
		return false;
	out->pointer = text_same_nocase(e->at[0], "file.ptr");
	out->compressed = is_twin(e->at[0], e->at[2]);
	if (!out->pointer && !out->compressed && !text_same_nocase(e->at[0], e->at[2]))
		return false;
	whole.at[0] = out->pointer || out->compressed ? e->at[2] : e->at[0];
	whole.at[1] = e->at[1];
	whole.at[2] = e->at[2];
	asked_file(out, whole.at[0]);
	asked_key(out, e->at[2], e->at[1]);
	return take_path(out, &whole, 3);
}

/* xx/rest/executable|debuginfo|breakpad */
static bool unified_form(const struct ending *e, struct key_asked *out)
{
	bool sym = e->count >= 3 && strcmp(e->at[0], "breakpad") == 0;
	char hex[KEY_ID_MAX];
	size_t len;

	if (e->count < 3 || (!sym && !part_of(e->at[0])) || strlen(e->at[2]) != 2 || strlen(e->at[1]) + 3 > sizeof hex)
		return false;
	snprintf(hex, sizeof hex, "%s%s", e->at[2], e->at[1]);
	len = strlen(hex);
	if (!digits_only(hex, len))
		return false;
	if (len % 2 == 0 && !sym ? !asked_code(out, SYM_ELF, hex, part_of(e->at[0]))
				 : !asked_debug(out, sym ? SYM_BREAKPAD : SYM_PDB, hex, len))
		return false;
	return take_path(out, e, 3);
}

static form_fn *const forms[] = {
	lldb_form, gdb_form, debuginfod_form, breakpad_form, symsrv_form, unified_form,
};

bool key_asked_path(const char *path, struct key_asked *out)
{
	struct ending e;

	if (!split(path, &e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		memset(out, 0, sizeof *out);
		if (forms[i](&e, out))
			return true;
	}
	return false;
}
