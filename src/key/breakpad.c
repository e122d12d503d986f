/* SPDX-License-Identifier: MIT
 * Breakpad's SimpleSymbolSupplier: module/ID/module.sym, where a `.pdb` at the end of
 * the module gives way to `.sym`. Only .sym files are asked for; for the others the
 * path is the one their dump would have. */
#include "key/rows.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Can dump_syms make a .sym of it that can be stored? An ELF of debug info alone has lost its
 * module's name, and no module is called like an object. dump_syms takes an ELF's SONAME for the
 * module's name: one that no store can hold keeps the ELF from this reader alone, since the others
 * do not ask by it. */
static bool can_be_dumped(const struct sym_identity *id)
{
	if (id->traits & (SYM_OBJECT | SYM_BY_NAME) || (id->name[0] && !key_name_is_safe(id->name)))
		return false;
	switch (id->kind) {
	case SYM_PDB:
		return id->debug.form == SYM_DEBUG_AGE;
	case SYM_ELF:
		return (id->traits & SYM_IMAGE) != 0;
	case SYM_MACHO:
		return true;
	default:
		return false;
	}
}

void breakpad_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	const char *module = id->name[0] ? id->name : file;
	char base[SYM_NAME_MAX + 1], key[KEY_ID_MAX];
	struct key_path *path;

	if (id->kind != SYM_BREAKPAD && !can_be_dumped(id))
		return;
	key_debug_text(&id->debug, key);
	if (!key[0])
		return;
	snprintf(base, sizeof base, "%s", module);
	if (strlen(base) > 4 && text_ends_nocase(base, ".pdb"))
		base[strlen(base) - 4] = '\0';
	path = add_path_text(out, "%s/%s/%s.sym", module, key, base);
	if (id->kind != SYM_BREAKPAD)
		path->needs = "dump_syms";
}
