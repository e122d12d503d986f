/* SPDX-License-Identifier: MIT
 * SSQP keys, as dotnet/symstore's "SSQP Key Conventions" states them: names and
 * hex digits in lower case, but for a PE's time stamp and a portable PDB's FFFFFFFF. */
#include "key/rows.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ELF_ID_MIN = 8, ELF_ID_BYTES = 20 };

static void elf_paths(const struct sym_identity *id, const char *name, struct key_paths *out)
{
	uint8_t padded[ELF_ID_BYTES] = {0};
	char hex[2 * ELF_ID_BYTES + 1];

	if (id->code.len < ELF_ID_MIN || id->code.len > ELF_ID_BYTES)
		return;
	memcpy(padded, id->code.bytes, id->code.len);
	text_hex_lower(hex, padded, sizeof padded);
	if (id->traits & SYM_IMAGE)
		add_path_text(out, "%s/elf-buildid-%s/%s", name, hex, name);
	if (id->traits & SYM_COMPANION)
		add_path_text(out, "_.debug/elf-buildid-sym-%s/_.debug", hex);
}

static void macho_paths(const struct sym_identity *id, const char *name, struct key_paths *out)
{
	char hex[KEY_ID_MAX];

	key_code_text(&id->code, hex);
	if (!hex[0])
		return;
	if (id->traits & SYM_DSYM)
		add_path_text(out, "_.dwarf/mach-uuid-sym-%s/_.dwarf", hex);
	else if (id->traits & SYM_IMAGE)
		add_path_text(out, "%s/mach-uuid-%s/%s", name, hex, name);
}

void dotnet_paths(const struct sym_identity *id, const char *file, struct key_paths *out)
{
	char name[SYM_NAME_MAX + 1], key[KEY_ID_MAX];

	snprintf(name, sizeof name, "%s", file);
	text_lower_all(name);
	switch (id->kind) {
	case SYM_PE:
		if (!(id->traits & SYM_IMAGE))
			break; /* DWARF without the code */
		key_code_text(&id->code, key);
		add_path(out, name, key, name);
		break;
	case SYM_PDB:
		if (id->debug.form == SYM_DEBUG_GUID)
			break; /* SSQP has no key without an age */
		key_debug_text(&id->debug, key);
		text_lower_all(key);
		add_path(out, name, key, name);
		break;
	case SYM_PORTABLE_PDB:
		text_hex_lower(key, id->debug.guid, 16);
		memcpy(key + 32, "FFFFFFFF", 9);
		add_path(out, name, key, name);
		break;
	case SYM_ELF:
		elf_paths(id, name, out);
		break;
	case SYM_MACHO:
		macho_paths(id, name, out);
		break;
	case SYM_PERFMAP:
		text_hex_lower(key, id->debug.guid, 16);
		add_path_text(out, "%s/r2rmap-v%" PRIu32 "-%s/%s", name, id->perfmap_version, key,
			      name);
		break;
	default:
		break;
	}
}
