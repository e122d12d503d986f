/* SPDX-License-Identifier: MIT
 * How similar a path of the store is to the one that was asked for. */
#include "key/asked.h"

#include "base/text.h"

#include <string.h>

const char *key_near_word(enum key_near near)
{
	static const char *const words[KEY_NEAR_COUNT] = {
		[KEY_NEAR_SPELLING] = "spelling",
		[KEY_NEAR_TIER] = "tier",
		[KEY_NEAR_TWIN] = "compressed",
		[KEY_NEAR_POINTER] = "pointer",
		[KEY_NEAR_READER] = "other-reader",
		[KEY_NEAR_AGE] = "other-age",
		[KEY_NEAR_NO_AGE] = "no-age",
		[KEY_NEAR_PORTABLE] = "portable",
		[KEY_NEAR_CUT] = "cut",
		[KEY_NEAR_DUMP] = "dump",
		[KEY_NEAR_PART] = "other-part",
		[KEY_NEAR_SIZE] = "other-size",
		[KEY_NEAR_BUILD] = "other-build",
	};

	return words[near];
}

/* The name of the module, whose .sym is called after it. */
static const char *module_of(const struct key_asked *a)
{
	return a->id.kind == SYM_BREAKPAD ? a->id.name : a->file;
}

/* Has one of the paths a name in it, and the other an identifier alone? */
static bool other_layout(const struct key_asked *a, const struct key_asked *b)
{
	return !module_of(a)[0] != !module_of(b)[0];
}

static enum key_near same_key(const struct key_asked *a, const struct key_asked *b)
{
	return other_layout(a, b) ? KEY_NEAR_READER : KEY_NEAR_SPELLING;
}

static enum key_near other_key(const struct key_asked *a, const struct key_asked *b)
{
	return module_of(a)[0] && module_of(b)[0] ? KEY_NEAR_BUILD : KEY_NEAR_NOT;
}

static bool is_pdb(const struct key_asked *a)
{
	return a->id.kind == SYM_PDB || a->id.kind == SYM_PORTABLE_PDB;
}

/* PDBs and .sym files. */
static enum key_near near_debug(const struct key_asked *a, const struct key_asked *b)
{
	const struct sym_debug_id *mine = &a->id.debug, *theirs = &b->id.debug;
	bool sym = a->id.kind == SYM_BREAKPAD, other_sym = b->id.kind == SYM_BREAKPAD;

	if (memcmp(mine->guid, theirs->guid, sizeof mine->guid) != 0)
		return sym == other_sym ? other_key(a, b) : KEY_NEAR_NOT;
	if (sym != other_sym)
		return mine->age == theirs->age ? KEY_NEAR_DUMP : KEY_NEAR_NOT;
	if (a->id.kind != b->id.kind)
		return KEY_NEAR_PORTABLE;
	if (mine->form != theirs->form)
		return KEY_NEAR_NO_AGE;
	return mine->age == theirs->age ? same_key(a, b) : KEY_NEAR_AGE;
}

static enum key_near near_pe(const struct key_asked *a, const struct key_asked *b)
{
	if (a->id.code.stamp != b->id.code.stamp)
		return other_key(a, b);
	return a->id.code.image_size == b->id.code.image_size ? same_key(a, b) : KEY_NEAR_SIZE;
}

/* Bytes without the zeros at the end: SSQP pads a build-id to twenty bytes. */
static size_t length_of(const struct sym_code_id *code)
{
	size_t len = code->len;

	while (len > 0 && code->bytes[len - 1] == 0)
		len--;
	return len;
}

/* Images and companions that have a build-id or a UUID. */
static enum key_near near_code(const struct key_asked *a, const struct key_asked *b)
{
	size_t mine = length_of(&a->id.code), theirs = length_of(&b->id.code);
	size_t len = mine < theirs ? mine : theirs;

	if (len == 0 || memcmp(a->id.code.bytes, b->id.code.bytes, len) != 0)
		return other_key(a, b);
	if ((a->id.traits & b->id.traits) == 0)
		return mine == theirs ? KEY_NEAR_PART : KEY_NEAR_NOT;
	return mine == theirs ? KEY_NEAR_READER : KEY_NEAR_CUT;
}

static enum key_near near_kind(const struct key_asked *a, const struct key_asked *b)
{
	bool mine = is_pdb(a) || a->id.kind == SYM_BREAKPAD;
	bool theirs = is_pdb(b) || b->id.kind == SYM_BREAKPAD;

	if (mine && theirs)
		return near_debug(a, b);
	if (a->id.kind == SYM_PE && b->id.kind == SYM_PE)
		return near_pe(a, b);
	if (a->id.kind == SYM_PERFMAP && b->id.kind == SYM_PERFMAP &&
	    memcmp(a->id.debug.guid, b->id.debug.guid, sizeof a->id.debug.guid) == 0)
		return KEY_NEAR_READER;
	if (a->id.code.form == SYM_CODE_BYTES && b->id.code.form == SYM_CODE_BYTES)
		return near_code(a, b);
	return other_key(a, b);
}

enum key_near key_near(const struct key_asked *asked, const char *path, const char *there)
{
	struct key_asked other;

	if (strcmp(path, there) == 0)
		return KEY_NEAR_NOT;
	if (text_same_nocase(path, there))
		return KEY_NEAR_SPELLING;
	if (!key_asked_path(there, &other))
		return KEY_NEAR_NOT;
	if (text_same_nocase(other.path, asked->path))
		return other.pointer ? KEY_NEAR_POINTER : other.compressed ? KEY_NEAR_TWIN : KEY_NEAR_TIER;
	if (other.pointer)
		return KEY_NEAR_NOT;
	if (module_of(asked)[0] && module_of(&other)[0] &&
	    !text_same_nocase(module_of(asked), module_of(&other)))
		return KEY_NEAR_NOT;
	return near_kind(asked, &other);
}

bool key_near_prefix(const struct key_asked *asked, const char *path, char prefix[KEY_PATH_MAX])
{
	static const char *const heads[] = {"buildid/", ".build-id/", "_.debug/elf-buildid-sym-",
					    "_.dwarf/mach-uuid-sym-"};
	enum { DIGITS = 8 };
	size_t len = strlen(path), digits = 0, at = 0;

	memcpy(prefix, path, len + 1);
	if (module_of(asked)[0]) {
		for (int slashes = 0; len > 0 && slashes < 2; len--)
			slashes += prefix[len - 1] == '/';
		if (len == 0)
			return false;
		prefix[len + 1] = '\0'; /* behind the slash after the name */
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (strncmp(path, heads[i], strlen(heads[i])) == 0)
			at = strlen(heads[i]);
	for (; prefix[at] && digits < DIGITS; at++)
		digits += prefix[at] != '/';
	prefix[at] = '\0';
	return digits == DIGITS;
}
