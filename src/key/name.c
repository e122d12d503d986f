/* SPDX-License-Identifier: MIT
 * Names out of files are data: which of them may become part of a path. */
#include "key/key.h"

#include "base/err.h"
#include "base/text.h"

#include <string.h>

/* What may follow COM and LPT: the digits 1 to 9, also the three raised ones. */
static bool is_port_number(const char *text)
{
	if (text[0] >= '1' && text[0] <= '9')
		return text[1] == '\0';
	return strcmp(text, "\xc2\xb9") == 0 || strcmp(text, "\xc2\xb2") == 0 ||
	       strcmp(text, "\xc2\xb3") == 0;
}

/* Reserved by Windows with any ending: `nul.pdb` opens the null device. */
static bool is_device(const char *name)
{
	static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
	size_t len = strcspn(name, ". ");
	char stem[8];

	if (len == 0 || len >= sizeof stem)
		return false;
	memcpy(stem, name, len);
	stem[len] = '\0';
	text_lower_all(stem);
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (strcmp(stem, devices[i]) == 0)
			return true;
	return (strncmp(stem, "com", 3) == 0 || strncmp(stem, "lpt", 3) == 0) &&
	       is_port_number(stem + 3);
}

bool key_is_the_stores_own(const char *name)
{
	static const char *const own[] = {"000admin",   "pingme.txt", "index.txt",
					  "index2.txt", "refs.ptr",   "file.ptr"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (text_same_nocase(name, own[i]))
			return true;
	return text_starts_nocase(name, ".symbol-upload");
}

static enum sym_status refuse(struct sym_err *err, const char *name, const char *why)
{
	char shown[100];

	text_shown(shown, sizeof shown, name, strlen(name));
	return err_set(err, SYM_REFUSED, "the name \"%s\" cannot be used in a key: %s", shown, why);
}

/* Most characters of most names: nothing more needs to be asked of them. */
static bool is_ordinary(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
	       c == '_' || c == '-';
}

enum sym_status key_name_check(const char *name, struct sym_err *err)
{
	size_t len = strlen(name);
	const char *c = name;
	char last;

	if (len == 0)
		return refuse(err, name, "it is empty");
	if (len > SYM_NAME_MAX)
		return refuse(err, name, "it is longer than 255 bytes");
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return refuse(err, name, "it names a folder");
	while (is_ordinary(*c))
		c++;
	if (*c && !text_is_utf8(name, len))
		return refuse(err, name, "it is not UTF-8");
	for (; *c; c++) {
		if (is_ordinary(*c))
			continue;
		if (text_is_control(c))
			return refuse(err, name, "it holds a control character");
		if (*c == '/' || *c == '\\')
			return refuse(err, name, "it holds a path separator");
		if (strchr("\":*?<>|", *c))
			return refuse(err, name, "it holds one of \" : * ? < > |");
	}
	last = name[len - 1];
	if (last == '.' || last == ' ')
		return refuse(err, name, "Windows drops the dot or blank at its end");
	if (is_device(name))
		return refuse(err, name, "it is a device on Windows");
	if (key_is_the_stores_own(name))
		return refuse(err, name, "it is a file of the store itself");
	return SYM_OK;
}

bool key_name_is_safe(const char *name)
{
	struct sym_err ignored;

	return key_name_check(name, &ignored) == SYM_OK;
}

void key_pdb_of(const char *file, char out[KEY_PDB_NAME_MAX])
{
	const char *dot = strrchr(file, '.');
	size_t stem = dot && dot > file ? (size_t)(dot - file) : strnlen(file, SYM_NAME_MAX);

	stem = stem > SYM_NAME_MAX ? SYM_NAME_MAX : stem;
	memcpy(out, file, stem);
	memcpy(out + stem, ".pdb", sizeof ".pdb");
}
