/* SPDX-License-Identifier: MIT */
#include "pipeline/verify/pointer.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* Its first line, without what may stand around it and before it. */
static char *path_in(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	if (text_starts_nocase(text, "PATH:"))
		text += strlen("PATH:");
	len = strcspn(text, "\r\n");
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

enum sym_status pointer_check(os_file file, struct sym_err *err)
{
	char text[SOURCE_PATH_BYTES_MAX + 1], shown[120];
	char *path;
	struct os_stat st;
	size_t size;
	enum sym_status status = os_read_at(file, 0, text, sizeof text - 1, &size, err);

	if (status != SYM_OK)
		return status;
	text[size] = '\0';
	if (text_starts_nocase(text, "MSG:"))
		return SYM_OK;
	path = path_in(text);
	if (!*path)
		return err_set(err, SYM_MALFORMED, "a file.ptr that names no path");
	text_shown(shown, sizeof shown, path, strlen(path));
	os_path_settle(path);
	if (os_root_len(path) == 0)
		return err_set(err, SYM_UNSUPPORTED, "it leads to %s, which cannot be followed here", shown);
	status = os_stat(NULL, path, OS_FOLLOW, &st, err);
	if (status == SYM_NOT_FOUND || (status == SYM_OK && st.type != OS_FILE))
		return err_set(err, SYM_NOT_FOUND, "it leads to %s, where there is no file", shown);
	return status == SYM_OK ? SYM_OK : err_prefix(err, "it leads to %s", shown);
}
