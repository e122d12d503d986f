/* SPDX-License-Identifier: MIT
 * Names, handles and errors of the NT kernel. */
#include "os/windows/nt.h"

#include "base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ERROR_DISK_QUOTA_EXCEEDED 1295L /* which mingw's winerror.h does not name */

enum { PATIENCE_MS = 2000, LOOK_MS = 10 };

/* ---------------------------------------------------------------- errors -- */

/* What a refusal means, as errno, and in words where the C library has none that help. All others:
 * SYM_IO, EIO. */
static const struct meaning {
	DWORD code;
	int sys;
	enum sym_status status;
	const char *words; /* NULL: strerror's */
} meanings[] = {
	{ERROR_FILE_NOT_FOUND, ENOENT, SYM_NOT_FOUND},
	{ERROR_PATH_NOT_FOUND, ENOENT, SYM_NOT_FOUND},
	{ERROR_BAD_NETPATH, ENOENT, SYM_NOT_FOUND},
	{ERROR_BAD_NET_NAME, ENOENT, SYM_NOT_FOUND},
	{ERROR_DIRECTORY, ENOTDIR, SYM_NOT_FOUND},
	{ERROR_FILE_EXISTS, EEXIST, SYM_EXISTS},
	{ERROR_ALREADY_EXISTS, EEXIST, SYM_EXISTS},
	{ERROR_DIR_NOT_EMPTY, ENOTEMPTY, SYM_EXISTS},
	{ERROR_INVALID_NAME, EINVAL, SYM_REFUSED},
	{ERROR_CANT_RESOLVE_FILENAME, ELOOP, SYM_REFUSED, "its links lead nowhere"},
	{ERROR_NOT_ENOUGH_MEMORY, ENOMEM, SYM_NOMEM},
	{ERROR_OUTOFMEMORY, ENOMEM, SYM_NOMEM},
	{ERROR_ACCESS_DENIED, EACCES, SYM_IO},
	{ERROR_SHARING_VIOLATION, EBUSY, SYM_IO, "another program has it open, and shares it with nobody"},
	{ERROR_LOCK_VIOLATION, EBUSY, SYM_IO, "another program has locked a part of it"},
	{ERROR_DISK_FULL, ENOSPC, SYM_IO},
	{ERROR_HANDLE_DISK_FULL, ENOSPC, SYM_IO},
	{ERROR_DISK_QUOTA_EXCEEDED, ENOSPC, SYM_IO, "the quota is used up"},
	{ERROR_WRITE_PROTECT, EROFS, SYM_IO},
	{ERROR_FILE_TOO_LARGE, EFBIG, SYM_IO},
	{ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG, SYM_IO},
	{ERROR_TOO_MANY_OPEN_FILES, EMFILE, SYM_IO},
	{ERROR_NOT_SAME_DEVICE, EXDEV, SYM_IO},
	{ERROR_TOO_MANY_LINKS, EMLINK, SYM_IO},
	{ERROR_NOT_SUPPORTED, ENOTSUP, SYM_IO, "this file system cannot do that"},
	{ERROR_INVALID_FUNCTION, ENOTSUP, SYM_IO, "this file system cannot do that"},
};

static enum sym_status refused_with(struct sym_err *err, DWORD code, const char *what)
{
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if (m->code != code)
			continue;
		err_set(err, m->status, "%s: %s", what, m->words ? m->words : strerror(m->sys));
		err->sys = m->sys;
		return err->status;
	}
	return err_sys(err, SYM_IO, EIO, "%s (Windows error %lu)", what, code);
}

enum sym_status win_refused(struct sym_err *err, const char *what)
{
	return refused_with(err, GetLastError(), what);
}

enum sym_status nt_refused(struct sym_err *err, NTSTATUS why, const char *what)
{
	return refused_with(err, RtlNtStatusToDosError(why), what);
}

enum sym_status nt_refuse_link(struct sym_err *err, const char *what)
{
	err_set(err, SYM_REFUSED, "%s: it is a link", what);
	err->sys = ELOOP;
	return err->status;
}

/* ----------------------------------------------------------------- names -- */

/* UTF-16, allocated; NULL where `text` is not UTF-8 or memory ran out (then *status says which). */
static wchar_t *wide(const char *text, enum sym_status *status)
{
	int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
	wchar_t *to;

	*status = SYM_REFUSED;
	if (units <= 0)
		return NULL;
	*status = SYM_NOMEM;
	to = malloc((size_t)units * sizeof *to);
	if (to)
		MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, to, units);
	return to;
}

static size_t behind_components(const wchar_t *text, size_t at, unsigned components)
{
	for (; components > 0 && text[at]; at++)
		components -= text[at] == L'\\';
	return at;
}

/* A path as users write it, in the kernel's form: \??\C:\…, \??\UNC\server\share\…
 * No limit of 260 units applies to that. */
static wchar_t *absolute(const wchar_t *path, size_t *root_len)
{
	static const wchar_t dos[] = L"\\??\\", unc[] = L"\\??\\UNC\\";
	DWORD units = GetFullPathNameW(path, 0, NULL, NULL);
	wchar_t *full = malloc((units + ARRAY_LEN(unc)) * sizeof *full);
	const wchar_t *prefix = dos;
	size_t skip = 0, len;

	if (!full)
		return NULL;
	full[0] = L'\0'; /* what an empty path leaves */
	len = GetFullPathNameW(path, units, full, NULL);
	if (wcsncmp(full, L"\\\\?\\", 4) == 0 || wcsncmp(full, L"\\\\.\\", 4) == 0) {
		skip = 4;
	} else if (wcsncmp(full, L"\\\\", 2) == 0) {
		prefix = unc;
		skip = 2;
	}
	memmove(full + wcslen(prefix), full + skip, (len - skip + 1) * sizeof *full);
	memcpy(full, prefix, wcslen(prefix) * sizeof *full);
	*root_len = behind_components(full, 4, wcsncmp(full, unc, 8) == 0 ? 3 : 1);
	return full;
}

enum sym_status nt_name_init(struct nt_name *n, struct os_dir *at, const char *name,
			     struct sym_err *err)
{
	enum sym_status status;
	wchar_t *text;

	*n = (struct nt_name){.root = at ? at->handle : NULL};
	text = wide(name, &status);
	if (text && !at) {
		n->text = absolute(text, &n->root_len);
		status = SYM_NOMEM;
		free(text);
	} else {
		n->text = text;
	}
	if (!n->text)
		return err_set(err, status,
			       status == SYM_NOMEM ? "out of memory" : "the name is not UTF-8");
	for (wchar_t *c = n->text; *c; c++)
		if (*c == L'/')
			*c = L'\\';
	if (wcschr(n->text + n->root_len, L':')) {
		nt_name_release(n);
		return err_set(err, SYM_REFUSED, "the name holds a colon");
	}
	if (wcscmp(n->text, L".") == 0) /* to the kernel a name like any other */
		n->text[0] = L'\0';
	n->len = wcslen(n->text);
	return SYM_OK;
}

void nt_name_release(struct nt_name *n)
{
	free(n->text);
	n->text = NULL;
}

/* --------------------------------------------------------------- handles -- */

NTSTATUS nt_open(HANDLE root, const wchar_t *text, size_t len, const struct nt_how *how,
		 HANDLE *out)
{
	UNICODE_STRING name = {
		.Length = (USHORT)(len * sizeof *text),
		.MaximumLength = (USHORT)(len * sizeof *text),
		.Buffer = (wchar_t *)(uintptr_t)text, /* only read */
	};
	OBJECT_ATTRIBUTES attributes = {
		.Length = sizeof attributes,
		.RootDirectory = root,
		.ObjectName = &name,
		.Attributes = OBJ_CASE_INSENSITIVE,
	};
	IO_STATUS_BLOCK io;

	if (len > USHRT_MAX / sizeof *text)
		return STATUS_NAME_TOO_LONG;
	return NtCreateFile(out, how->access | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attributes, &io,
			    NULL, how->attributes ? how->attributes : FILE_ATTRIBUTE_NORMAL,
			    how->alone ? 0 : FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
			    how->disposition, how->options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

enum sym_status nt_open_name(struct os_dir *at, const char *name, const struct nt_how *how,
			     const char *what, HANDLE *out, struct sym_err *err)
{
	struct nt_name n;
	enum sym_status status = nt_name_init(&n, at, name, err);
	NTSTATUS got;

	if (status != SYM_OK)
		return status;
	got = nt_open(n.root, n.text, n.len, how, out);
	for (unsigned ms = 0; got == STATUS_SHARING_VIOLATION && how->patient && ms < PATIENCE_MS; ms += LOOK_MS) {
		Sleep(LOOK_MS); /* Windows has no wait for this */
		got = nt_open(n.root, n.text, n.len, how, out);
	}
	nt_name_release(&n);
	return NT_SUCCESS(got) ? SYM_OK : nt_refused(err, got, what);
}

bool nt_is_link(HANDLE handle)
{
	FILE_ATTRIBUTE_TAG_INFO info;

	return GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof info) &&
	       (info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
	       IsReparseTagNameSurrogate(info.ReparseTag);
}
