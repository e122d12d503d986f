/* SPDX-License-Identifier: MIT
 * What people have at hand when a debugger does not find a file: a line of its log, an address,
 * a name with an identifier. */
#include "key/asked.h"

#include "base/err.h"
#include "base/text.h"
#include "key/asked_id.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_BYTES_MAX = 4096 };

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
	return len >= ASKED_ID_DIGITS_MIN;
}

/* What minidumps and Breakpad's tools say of a module that is no PDB. */
static bool set_sym(struct key_asked *out, const char *name, const char *hex)
{
	if (!asked_debug(out, SYM_BREAKPAD, hex, strlen(hex)))
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
	if (strlen(hex) % 2 != 0 && strlen(hex) > ASKED_GUID_DIGITS && !text_ends_nocase(name, ".pdb"))
		return set_sym(out, name, hex);
	asked_file(out, name);
	if (!asked_hex(out, name, hex))
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
	return plain_hex(text, hex) && asked_code(out, uuid ? SYM_MACHO : SYM_ELF, hex,
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

static void cut_blanks(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r\n\"'", text[len - 1]))
		text[--len] = '\0';
}

/* Cuts what a log says behind. */
static void cut_verdict(char *text)
{
	static const char *const verdicts[] = {" - path not found", " - file not found",
					       " - mismatched pdb", " not found", " - OK"};

	cut_blanks(text);
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (text_ends_nocase(text, verdicts[i])) {
			text[strlen(text) - strlen(verdicts[i])] = '\0';
			break;
		}
	cut_blanks(text);
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
	char plain[WORDS_BYTES_MAX];
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
