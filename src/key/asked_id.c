/* SPDX-License-Identifier: MIT */
#include "key/asked_id.h"

#include "base/text.h"

#include <string.h>

enum {
	DEBUG_DIGITS_MAX = ASKED_GUID_DIGITS + 8, /* GUID and age */
	PE_DIGITS_MIN = 9, /* a time stamp of eight, and a size */
	PE_DIGITS_MAX = 16,
};

bool digits_only(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text_hex_value(text[i]) < 0)
			return false;
	return true;
}

static uint32_t hex_number(const char *digits, size_t len)
{
	uint32_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = number << 4 | (uint32_t)text_hex_value(digits[i]);
	return number;
}

bool asked_code(struct key_asked *out, enum sym_kind kind, const char *hex, unsigned traits)
{
	size_t len = strlen(hex);

	if (len < ASKED_ID_DIGITS_MIN || len > (size_t)2 * SYM_CODE_MAX || len % 2 != 0 || !digits_only(hex, len) ||
	    (kind == SYM_MACHO && len != ASKED_GUID_DIGITS))
		return false;
	out->id.kind = kind;
	out->id.traits = traits;
	out->id.code.form = SYM_CODE_BYTES;
	out->id.code.len = (uint8_t)(len / 2);
	return text_hex_bytes(hex, out->id.code.bytes, len / 2);
}

static bool set_pe(struct key_asked *out, const char *hex, size_t len)
{
	out->id.kind = SYM_PE;
	out->id.traits = SYM_IMAGE;
	out->id.code = (struct sym_code_id){.form = SYM_CODE_PE,
					    .stamp = hex_number(hex, 8),
					    .image_size = hex_number(hex + 8, len - 8)};
	return true;
}

bool asked_debug(struct key_asked *out, enum sym_kind kind, const char *hex, size_t len)
{
	struct sym_debug_id *debug = &out->id.debug;

	if (len < ASKED_GUID_DIGITS || len > DEBUG_DIGITS_MAX || !text_hex_bytes(hex, debug->guid, 16))
		return false;
	out->id.kind = kind;
	debug->form = len == ASKED_GUID_DIGITS ? SYM_DEBUG_GUID : SYM_DEBUG_AGE;
	debug->age = hex_number(hex + ASKED_GUID_DIGITS, len - ASKED_GUID_DIGITS);
	if (kind == SYM_PDB && debug->form == SYM_DEBUG_AGE && debug->age == UINT32_MAX) {
		out->id.kind = SYM_PORTABLE_PDB;
		*debug = (struct sym_debug_id){.form = SYM_DEBUG_PORTABLE};
		text_hex_bytes(hex, debug->guid, 16);
	}
	return true;
}

static bool set_nb10(struct key_asked *out, const char *hex, size_t len)
{
	out->id.kind = SYM_PDB;
	out->id.debug = (struct sym_debug_id){.form = SYM_DEBUG_NB10, .age = hex_number(hex + 8, len - 8)};
	return text_hex_bytes(hex, out->id.debug.guid, 4);
}

static bool set_perfmap(struct key_asked *out, const char *hex, uint32_t version)
{
	out->id.kind = SYM_PERFMAP;
	out->id.perfmap_version = version;
	return strlen(hex) == ASKED_GUID_DIGITS && text_hex_bytes(hex, out->id.debug.guid, 16);
}

bool asked_hex(struct key_asked *out, const char *name, const char *hex)
{
	size_t len = strlen(hex);

	if (!digits_only(hex, len))
		return false;
	if (text_ends_nocase(name, ".pdb"))
		return len >= PE_DIGITS_MIN && len <= PE_DIGITS_MAX ? set_nb10(out, hex, len)
								    : asked_debug(out, SYM_PDB, hex, len);
	if (len >= PE_DIGITS_MIN && len <= PE_DIGITS_MAX)
		return set_pe(out, hex, len);
	if (text_ends_nocase(name, ".r2rmap"))
		return set_perfmap(out, hex, 1); /* the version that there is */
	if (len % 2 == 0) /* as BugSplat has them, whatever they hold */
		return asked_code(out, SYM_ELF, hex, SYM_IMAGE | SYM_COMPANION);
	return asked_debug(out, SYM_PDB, hex, len);
}

/* Keys of SSQP that say what they are. */
static const struct {
	const char *head;
	enum sym_kind kind;
	unsigned traits;
	bool nameless; /* the name in the path is `_.debug`, `_.dwarf` */
} spelled_keys[] = {
	{"elf-buildid-sym-", SYM_ELF, SYM_COMPANION, true},
	{"elf-buildid-", SYM_ELF, SYM_IMAGE, false},
	{"mach-uuid-sym-", SYM_MACHO, SYM_COMPANION | SYM_DSYM, true},
	{"mach-uuid-", SYM_MACHO, SYM_IMAGE, false},
};

/* r2rmap-vVERSION-SIGNATURE */
static bool set_perfmap_key(struct key_asked *out, const char *key)
{
	const char *digits = key + strlen("r2rmap-v");
	size_t len = strspn(digits, "0123456789");
	uint64_t version = 0;

	for (size_t i = 0; i < len && version <= UINT32_MAX; i++)
		version = version * 10 + (uint64_t)(digits[i] - '0');
	return len > 0 && digits[len] == '-' && version <= UINT32_MAX &&
	       set_perfmap(out, digits + len + 1, (uint32_t)version);
}

void asked_key(struct key_asked *out, const char *name, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(spelled_keys); i++) {
		size_t head = strlen(spelled_keys[i].head);

		if (strncmp(key, spelled_keys[i].head, head) != 0)
			continue;
		if (asked_code(out, spelled_keys[i].kind, key + head, spelled_keys[i].traits) &&
		    spelled_keys[i].nameless)
			out->file[0] = '\0';
		return;
	}
	if (!(strncmp(key, "r2rmap-v", 8) == 0 ? set_perfmap_key(out, key) : asked_hex(out, name, key)))
		out->id = (struct sym_identity){0};
}

void asked_file(struct key_asked *out, const char *name)
{
	text_put(out->file, out->file + sizeof out->file, name);
}
