/* SPDX-License-Identifier: MIT
 * SymSrv trees: name/KEY/name. The keys are the ones of symstore.exe; each reader
 * differs only in letter case, and BugSplat in what version 11 wrote. */
#include "key/rows.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* The SymSrv key of a Windows file; false for any other, and for the DWARF of an image without
 * its code, which in the image's place would be taken for it. */
static bool symsrv_key(const struct sym_identity *id, char key[KEY_ID_MAX])
{
	if (id->kind == SYM_PE && !(id->traits & SYM_IMAGE))
		return false;
	if (id->kind == SYM_PE)
		key_code_text(&id->code, key);
	else if (id->kind == SYM_PDB || id->kind == SYM_PORTABLE_PDB)
		key_debug_text(&id->debug, key);
	else
		return false;
	return key[0] != '\0';
}

void windbg_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char key[KEY_ID_MAX];

	if (symsrv_key(id, key))
		add_path(out, file, key, file);
}

void visualstudio_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char name[SYM_NAME_MAX + 1], key[KEY_ID_MAX];

	if (id->kind != SYM_PORTABLE_PDB) {
		windbg_paths(id, file, out);
		return;
	}
	if (!symsrv_key(id, key))
		return;
	text_put(name, name + sizeof name, file);
	text_lower_all(name);
	text_lower_all(key);
	memcpy(key + 32, "FFFFFFFF", 9);
	add_path(out, name, key, name);
}

void symproxy_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	windbg_paths(id, file, out);
	if (out->count > 0)
		text_lower_all(out->at[0].text);
}

/* ------------------------------------------------------------ BugSplat -- */

static void drop_ending(char *name, const char *ending)
{
	if (text_ends_nocase(name, ending))
		name[strlen(name) - strlen(ending)] = '\0';
}

static bool is_library(const char *name)
{
	size_t len = strlen(name);

	return strstr(name, ".so") || (len >= 6 && strcmp(name + len - 6, ".dylib") == 0);
}

/* The module's name as version 11 writes it: without .dSYM and .debug; and without
 * everything behind the first dot, unless it is a shared library, or a PDB where `keep_pdb`.
 * The letter case of these endings counts, as it does there. A name of which nothing safe is
 * left stays whole: `.hidden` would merge two levels of the store, `...debug` leave it. */
static void cut_module(const char *module, bool keep_pdb, char out[SYM_NAME_MAX + 1])
{
	size_t len;

	text_put(out, out + SYM_NAME_MAX + 1, module);
	drop_ending(out, ".dSYM");
	drop_ending(out, ".debug");
	len = strlen(out);
	if (!is_library(out) && !(keep_pdb && len >= 4 && strcmp(out + len - 4, ".pdb") == 0))
		out[strcspn(out, ".")] = '\0';
	if (!key_name_is_safe(out))
		text_put(out, out + SYM_NAME_MAX + 1, module);
}

void key_dump_name(const char *file, char out[KEY_DUMP_NAME_MAX])
{
	char module[SYM_NAME_MAX + 1];

	cut_module(file, false, module);
	snprintf(out, KEY_DUMP_NAME_MAX, "%s.sym", module);
}

static void bugsplat_pe_key(const struct sym_code_id *code, char key[KEY_ID_MAX])
{
	text_hex_number(text_hex_number(key, code->stamp, 8), code->image_size, 4);
	text_upper_all(key);
}

/* GUID and age in upper case; an age of 0 is left out, a portable PDB has age 1. */
static void bugsplat_pdb_key(const struct sym_debug_id *debug, char key[KEY_ID_MAX])
{
	struct sym_debug_id id = *debug;

	if (id.form == SYM_DEBUG_PORTABLE) {
		id.form = SYM_DEBUG_AGE;
		id.age = 1;
	}
	if (id.form == SYM_DEBUG_AGE && id.age == 0)
		id.form = SYM_DEBUG_GUID;
	key_debug_text(&id, key);
	text_upper_all(key);
}

void bugsplat_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char key[KEY_ID_MAX] = "", module[SYM_NAME_MAX + 1];

	switch (id->kind) {
	case SYM_PE:
		if (id->code.form == SYM_CODE_PE)
			bugsplat_pe_key(&id->code, key);
		break;
	case SYM_PDB:
	case SYM_PORTABLE_PDB:
		bugsplat_pdb_key(&id->debug, key);
		break;
	case SYM_BREAKPAD:
		cut_module(id->name, true, module);
		add_path(out, module, id->written_id, file);
		return;
	case SYM_PERFMAP:
		text_hex_lower(key, id->debug.guid, 16);
		break;
	default:
		key_code_text(&id->code, key);
		break;
	}
	if (key[0])
		add_path(out, file, key, file);
}
