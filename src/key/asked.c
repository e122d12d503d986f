/* SPDX-License-Identifier: MIT
 * What was asked for. Each layout is known by the last components of its paths, so that
 * the folder, the address or the word of a debugger's log before them does not matter. */
#include "key/asked.h"

#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
	TEXT_MAX = 4096,    /* bytes of what people paste */
	COMPONENTS_MAX = 6, /* lldb's folders */
	GUID_DIGITS = 32,
	DEBUG_DIGITS_MAX = 40, /* GUID and age */
	PE_DIGITS_MIN = 9,  /* a time stamp of eight, and a size */
	PE_DIGITS_MAX = 16,
	BUILD_ID_DIGITS_MIN = 8,
};

/* The end of a path, cut into components; at[0] is the last. */
struct ending {
	const char *at[COMPONENTS_MAX];
	size_t count;
	char text[TEXT_MAX];
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

/* ------------------------------------------------------------- identifiers -- */

static bool is_hex(const char *text, size_t len)
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

/* A build-id, or a UUID. */
static bool set_code(struct key_asked *out, enum sym_kind kind, const char *hex, unsigned traits)
{
	size_t len = strlen(hex);

	if (len < BUILD_ID_DIGITS_MIN || len > (size_t)2 * SYM_CODE_MAX || len % 2 != 0 || !is_hex(hex, len) ||
	    (kind == SYM_MACHO && len != GUID_DIGITS))
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

/* GUID and age; the age that is -1 says that the PDB is portable. */
static bool set_debug(struct key_asked *out, enum sym_kind kind, const char *hex, size_t len)
{
	struct sym_debug_id *debug = &out->id.debug;

	if (len < GUID_DIGITS || len > DEBUG_DIGITS_MAX || !text_hex_bytes(hex, debug->guid, 16))
		return false;
	out->id.kind = kind;
	debug->form = len == GUID_DIGITS ? SYM_DEBUG_GUID : SYM_DEBUG_AGE;
	debug->age = hex_number(hex + GUID_DIGITS, len - GUID_DIGITS);
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
	return strlen(hex) == GUID_DIGITS && text_hex_bytes(hex, out->id.debug.guid, 16);
}

/* Hex digits, of which the name tells what they are. */
static bool set_hex(struct key_asked *out, const char *name, const char *hex)
{
	size_t len = strlen(hex);

	if (!is_hex(hex, len))
		return false;
	if (text_ends_nocase(name, ".pdb"))
		return len >= PE_DIGITS_MIN && len <= PE_DIGITS_MAX ? set_nb10(out, hex, len)
								    : set_debug(out, SYM_PDB, hex, len);
	if (len >= PE_DIGITS_MIN && len <= PE_DIGITS_MAX)
		return set_pe(out, hex, len);
	if (text_ends_nocase(name, ".r2rmap"))
		return set_perfmap(out, hex, 1); /* the version that there is */
	if (len % 2 == 0) /* as BugSplat has them, whatever they hold */
		return set_code(out, SYM_ELF, hex, SYM_IMAGE | SYM_COMPANION);
	return set_debug(out, SYM_PDB, hex, len);
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

static void set_key(struct key_asked *out, const char *name, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(spelled_keys); i++) {
		size_t head = strlen(spelled_keys[i].head);

		if (strncmp(key, spelled_keys[i].head, head) != 0)
			continue;
		if (set_code(out, spelled_keys[i].kind, key + head, spelled_keys[i].traits) &&
		    spelled_keys[i].nameless)
			out->file[0] = '\0';
		return;
	}
	if (!(strncmp(key, "r2rmap-v", 8) == 0 ? set_perfmap_key(out, key) : set_hex(out, name, key)))
		out->id = (struct sym_identity){0};
}

/* ------------------------------------------------------------------- forms -- */

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

static void set_file(struct key_asked *out, const char *name)
{
	text_put(out->file, out->file + sizeof out->file, name);
}

/* XXXX/XXXX/XXXX/XXXX/XXXX/XXXXXXXXXXXX[.app] */
static bool lldb_form(const struct ending *e, struct key_asked *out)
{
	char hex[GUID_DIGITS + 1];
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
	return set_code(out, SYM_MACHO, hex, image ? SYM_IMAGE : SYM_COMPANION | SYM_DSYM) &&
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
	       set_code(out, SYM_ELF, e->at[1], part_of(e->at[0])) && take_path(out, e, 3);
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
	return set_code(out, SYM_ELF, hex, companion ? SYM_COMPANION : SYM_IMAGE) && take_path(out, e, 3);
}

/* module/ID/module.sym */
static bool breakpad_form(const struct ending *e, struct key_asked *out)
{
	size_t len;

	if (e->count < 3 || !text_ends_nocase(e->at[0], ".sym") || !key_name_is_safe(e->at[0]) ||
	    !key_name_is_safe(e->at[2]))
		return false;
	len = strlen(e->at[1]);
	if (len <= GUID_DIGITS || !is_hex(e->at[1], len) || !set_debug(out, SYM_BREAKPAD, e->at[1], len))
		return false;
	text_put(out->id.name, out->id.name + sizeof out->id.name, e->at[2]);
	text_put(out->id.written_id, out->id.written_id + sizeof out->id.written_id, e->at[1]);
	set_file(out, e->at[0]);
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
	set_file(out, whole.at[0]);
	set_key(out, e->at[2], e->at[1]);
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
	if (!is_hex(hex, len))
		return false;
	if (len % 2 == 0 && !sym ? !set_code(out, SYM_ELF, hex, part_of(e->at[0]))
				 : !set_debug(out, sym ? SYM_BREAKPAD : SYM_PDB, hex, len))
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

/* ------------------------------------------------------------------- words -- */

/* Digits as people write them: with dashes, in braces. */
static bool plain_hex(const char *id, char hex[KEY_ID_MAX])
{
	size_t len = 0;

	for (; *id; id++) {
		if (*id == '-' || *id == '{' || *id == '}')
			continue;
		if (text_hex_value(*id) < 0 || len + 1 == KEY_ID_MAX)
			return false;
		hex[len++] = *id;
	}
	hex[len] = '\0';
	return len >= BUILD_ID_DIGITS_MIN;
}

/* What minidumps and Breakpad's tools say of a module that is no PDB. */
static bool set_sym(struct key_asked *out, const char *name, const char *hex)
{
	if (!set_debug(out, SYM_BREAKPAD, hex, strlen(hex)))
		return false;
	text_put(out->id.name, out->id.name + sizeof out->id.name, name);
	snprintf(out->id.written_id, sizeof out->id.written_id, "%s", hex);
	text_upper_all(out->id.written_id);
	snprintf(out->file, sizeof out->file, "%.*s.sym", SYM_NAME_MAX - 4, name);
	out->reader = "breakpad";
	return true;
}

bool key_asked_pair(const char *name, const char *id, struct key_asked *out)
{
	char hex[KEY_ID_MAX];

	memset(out, 0, sizeof *out);
	if (!key_name_is_safe(name) || !plain_hex(id, hex))
		return false;
	if (strlen(hex) % 2 != 0 && strlen(hex) > GUID_DIGITS && !text_ends_nocase(name, ".pdb"))
		return set_sym(out, name, hex);
	set_file(out, name);
	if (!set_hex(out, name, hex))
		return false;
	out->reader = out->id.kind == SYM_ELF ? "debuginfod" : NULL;
	return true;
}

/* A build-id, or with dashes the UUID of a dSYM. */
static bool build_id(const char *text, struct key_asked *out)
{
	char hex[KEY_ID_MAX];
	bool uuid = strchr(text, '-') != NULL;

	memset(out, 0, sizeof *out);
	out->reader = uuid ? "lldb" : "debuginfod";
	return plain_hex(text, hex) && set_code(out, uuid ? SYM_MACHO : SYM_ELF, hex,
						SYM_COMPANION | (uuid ? SYM_DSYM : SYM_IMAGE));
}

static const char *past_blanks(const char *text)
{
	return text + strspn(text, " \t\"'");
}

/* Passes over what a log says before: "SYMSRV:  UNC: ". */
static const char *past_labels(const char *text)
{
	text = past_blanks(text);
	for (;;) {
		size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (len < 2 || text[len] != ':' || (text[len + 1] != ' ' && text[len + 1] != '\t'))
			return text;
		text = past_blanks(text + len + 1);
	}
}

/* Cuts what a log says behind. */
static void cut_verdict(char *text)
{
	static const char *const verdicts[] = {" - path not found", " - file not found",
					       " - mismatched pdb", " not found", " - OK"};
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r\n\"'", text[len - 1]))
		text[--len] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (text_ends_nocase(text, verdicts[i])) {
			text[len - strlen(verdicts[i])] = '\0';
			return;
		}
}

/* An address has %XX for some characters, and may have a query. */
static void decode_address(char *text)
{
	char *to = text;

	text[strcspn(text, "?#")] = '\0';
	for (; *text; text++) {
		uint8_t byte;

		if (*text == '%' && text[1] && text_hex_bytes(text + 1, &byte, 1) && byte != 0) {
			*to++ = (char)byte;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* "name ID", or "name/ID". */
static bool two_words(char *text, struct key_asked *out)
{
	size_t len = strlen(text), at = len;

	while (at > 0 && !strchr(" \t/", text[at - 1]))
		at--;
	if (at < 2)
		return false;
	text[at - 1] = '\0';
	for (size_t end = at - 1; end > 0 && strchr(" \t", text[end - 1]); end--)
		text[end - 1] = '\0';
	return key_asked_pair(text, text + at, out);
}

enum sym_status key_asked_words(const char *text, struct key_asked *out, struct sym_err *err)
{
	char plain[TEXT_MAX];
	size_t len;

	text = past_labels(text);
	len = strlen(text);
	if (len >= sizeof plain)
		return err_set(err, SYM_USAGE, "it is longer than any path");
	memcpy(plain, text, len + 1);
	for (char *c = plain; *c; c++)
		*c = *c == '\\' ? '/' : *c;
	cut_verdict(plain);
	if (strstr(plain, "://"))
		decode_address(plain);
	if (key_asked_path(plain, out) || build_id(plain, out) || two_words(plain, out))
		return SYM_OK;
	return err_set(err, SYM_USAGE,
		       "it is no file here, and no path, name with identifier, or build-id that a reader "
		       "asks for");
}
