/* SPDX-License-Identifier: MIT
 * Stores that ask by identifier alone: debuginfod's web interface, gdb's
 * .build-id folders, lldb's UUID folders, Symbolicator's unified layout. */
#include "key/rows.h"

#include "base/text.h"

#include <string.h>

/* The build-id in hex; false for anything but an ELF that has one. */
static bool build_id(const struct sym_identity *id, char hex[KEY_ID_MAX])
{
	hex[0] = '\0';
	if (id->kind == SYM_ELF && id->code.form == SYM_CODE_BYTES)
		key_code_text(&id->code, hex);
	return hex[0] != '\0';
}

void debuginfod_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	(void)file;
	if (!build_id(id, hex))
		return;
	if (id->traits & SYM_IMAGE)
		add_path_text(out, "buildid/%s/executable", hex);
	if (id->traits & SYM_COMPANION)
		add_path_text(out, "buildid/%s/debuginfo", hex);
}

/* What mingw's linker writes for --build-id is an RSDS record, and gdb takes its GUID, in the
 * order of its digits, for the build-id (BFD, pe_bfd_read_buildid). It looks for DWARF alone:
 * the image is what it debugs. */
static void gdb_paths_of_pe(const struct sym_identity *id, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	if (!(id->traits & SYM_COMPANION) || id->debug.form != SYM_DEBUG_AGE)
		return;
	text_hex_lower(hex, id->debug.guid, sizeof id->debug.guid);
	add_path_text(out, ".build-id/%.2s/%s.debug", hex, hex + 2);
}

void gdb_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	(void)file;
	if (id->kind == SYM_PE)
		gdb_paths_of_pe(id, out);
	if (!build_id(id, hex) || strlen(hex) < 4)
		return;
	if (id->traits & SYM_IMAGE)
		add_path_text(out, ".build-id/%.2s/%s", hex, hex + 2);
	if (id->traits & SYM_COMPANION)
		add_path_text(out, ".build-id/%.2s/%s.debug", hex, hex + 2);
}

void lldb_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	(void)file;
	if (id->kind != SYM_MACHO || id->code.form != SYM_CODE_BYTES)
		return;
	text_hex_upper(hex, id->code.bytes, id->code.len);
	add_path_text(out, "%.4s/%.4s/%.4s/%.4s/%.4s/%s%s", hex, hex + 4, hex + 8, hex + 12,
		      hex + 16, hex + 20, id->traits & SYM_DSYM ? "" : ".app");
}

static void unified(struct key_paths *out, const char *id, const char *what)
{
	if (strlen(id) > 2)
		add_path_text(out, "%.2s/%s/%s", id, id + 2, what);
}

/* Debug identifier as Symbolicator prints it: lower case, a portable PDB's stamp as its age. */
static void unified_by_debug_id(const struct sym_identity *id, struct key_paths *out,
				const char *what)
{
	struct sym_debug_id debug = id->debug;
	char hex[KEY_ID_MAX];

	if (debug.form == SYM_DEBUG_GUID || debug.form == SYM_DEBUG_NB10)
		return;
	if (debug.form == SYM_DEBUG_PORTABLE)
		debug.form = SYM_DEBUG_AGE;
	key_debug_text(&debug, hex);
	text_lower_all(hex);
	unified(out, hex, what);
}

static void unified_wasm(const struct sym_identity *id, struct key_paths *out)
{
	char hex[KEY_ID_MAX + 2];

	text_hex_lower(hex + 2, id->code.bytes, id->code.len);
	unified(out, hex + 2, "debuginfo");
	if (!id->id_has_length_byte)
		return;
	/* Symbolicator keeps the length byte as part of the identifier. */
	text_hex_lower(hex, &id->code.len, 1);
	text_hex_lower(hex + 2, id->code.bytes, id->code.len);
	unified(out, hex, "debuginfo");
}

/* A .sym lies under its image's identifier. An ELF's is the build-id, which INFO CODE_ID holds (it
 * has more than the 16 digits that a PE's can have); a Mach-O's is the UUID: the GUID without the
 * age, which is always 0. A .sym of an ELF without CODE_ID cannot be told from one of a Mach-O:
 * it gets the paths of both. */
static void unified_breakpad(const struct sym_identity *id, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	if (id->code.form == SYM_CODE_TEXT && id->code.len > 16) {
		key_code_text(&id->code, hex);
		text_lower_all(hex);
		unified(out, hex, "breakpad");
		return;
	}
	if (id->code.form == SYM_CODE_NONE && id->debug.age == 0) {
		text_hex_lower(hex, id->debug.guid, sizeof id->debug.guid);
		unified(out, hex, "breakpad");
	}
	unified_by_debug_id(id, out, "breakpad");
}

void sentry_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	(void)file;
	switch (id->kind) {
	case SYM_PE:
		unified_by_debug_id(id, out, id->traits & SYM_IMAGE ? "executable" : "debuginfo");
		break;
	case SYM_PDB:
	case SYM_PORTABLE_PDB:
		unified_by_debug_id(id, out, "debuginfo");
		break;
	case SYM_BREAKPAD:
		unified_breakpad(id, out);
		break;
	case SYM_WASM:
		unified_wasm(id, out);
		break;
	case SYM_ELF:
		if (!build_id(id, hex))
			break;
		if (id->traits & SYM_IMAGE)
			unified(out, hex, "executable");
		if (id->traits & SYM_COMPANION)
			unified(out, hex, "debuginfo");
		break;
	case SYM_MACHO:
		key_code_text(&id->code, hex);
		unified(out, hex, id->traits & SYM_DSYM ? "debuginfo" : "executable");
		break;
	default:
		break;
	}
}
