/* SPDX-License-Identifier: MIT
 * Folders on Windows: each step of a path is opened below the one before and looked at,
 * so that no link is gone through unseen. */
#include "os/windows/nt.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { LIST_BYTES = 64 << 10 };

struct walk {
	bool make;   /* missing folders */
	bool follow; /* links */
};

/* One step: opens the folder named by `len` units below `at`, and closes `at`. */
static NTSTATUS step_into(HANDLE *at, const wchar_t *name, size_t len, bool last, struct walk walk)
{
	struct nt_how how = {
		.access = FILE_TRAVERSE | (last ? FILE_LIST_DIRECTORY : 0),
		.disposition = walk.make ? FILE_OPEN_IF : FILE_OPEN,
		.options = FILE_DIRECTORY_FILE | (walk.follow ? 0 : FILE_OPEN_REPARSE_POINT),
	};
	HANDLE next;
	NTSTATUS got = nt_open(*at, name, len, &how, &next);

	CloseHandle(*at);
	*at = NULL;
	if (!NT_SUCCESS(got))
		return got;
	if (!walk.follow && nt_is_link(next)) {
		CloseHandle(next);
		return STATUS_STOPPED_ON_SYMLINK;
	}
	*at = next;
	return STATUS_SUCCESS;
}

/* Opens where the walk begins: the volume of an absolute name, else the folder itself. */
static NTSTATUS first_step(const struct nt_name *n, HANDLE *out)
{
	struct nt_how how = {
		.access = FILE_TRAVERSE | FILE_LIST_DIRECTORY,
		.disposition = FILE_OPEN,
		.options = FILE_DIRECTORY_FILE,
	};

	return nt_open(n->root, n->text, n->root ? 0 : n->root_len, &how, out);
}

static NTSTATUS walk_along(const struct nt_name *n, struct walk walk, HANDLE *out)
{
	const wchar_t *at = n->text + (n->root ? 0 : n->root_len);
	NTSTATUS got = first_step(n, out);

	for (at += wcsspn(at, L"\\"); NT_SUCCESS(got) && *at;) {
		size_t len = wcscspn(at, L"\\");
		const wchar_t *next = at + len + wcsspn(at + len, L"\\");

		if (len != 1 || *at != L'.')
			got = step_into(out, at, len, *next == L'\0', walk);
		at = next;
	}
	return got;
}

static enum sym_status open_folder(struct os_dir *at, const char *path, struct walk walk,
				   struct os_dir **out, struct sym_err *err)
{
	struct os_dir *dir = calloc(1, sizeof *dir);
	struct nt_name n = {0};
	enum sym_status status;
	NTSTATUS got;

	if (!dir)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = nt_name_init(&n, at, path, err);
	if (status == SYM_OK) {
		got = walk_along(&n, walk, &dir->handle);
		if (got == STATUS_STOPPED_ON_SYMLINK ||
		    (walk.make && !walk.follow && got == STATUS_NOT_A_DIRECTORY))
			status = err_set(err, SYM_REFUSED,
					 "a link or a file stands where a folder belongs");
		else if (!NT_SUCCESS(got))
			status = nt_refused(err, got, "cannot open the folder");
	}
	nt_name_release(&n);
	if (status == SYM_OK)
		*out = dir;
	else
		free(dir);
	return status;
}

enum sym_status os_dir_open(struct os_dir *at, const char *path, enum os_follow follow,
			    struct os_dir **out, struct sym_err *err)
{
	return open_folder(at, path, (struct walk){.follow = follow == OS_FOLLOW}, out, err);
}

enum sym_status os_dir_make(struct os_dir *at, const char *path, struct os_dir **out,
			    struct sym_err *err)
{
	return open_folder(at, path, (struct walk){.make = true}, out, err);
}

/* Names are opened one by one here, whether they are new or not. */
bool os_dir_make_new(struct os_dir *at, const char *path)
{
	(void)at;
	(void)path;
	return false;
}

enum sym_status os_mkdirs(const char *path, struct sym_err *err)
{
	struct os_dir *dir = NULL;
	enum sym_status status = open_folder(NULL, path, (struct walk){true, true}, &dir, err);

	os_dir_close(dir);
	return status;
}

void os_dir_close(struct os_dir *dir)
{
	if (!dir)
		return;
	if (dir->lock)
		CloseHandle(dir->lock);
	CloseHandle(dir->handle);
	free(dir);
}

/* --------------------------------------------------------------- listing -- */

static enum os_type type_of(const FILE_ID_BOTH_DIR_INFO *entry)
{
	/* EaSize holds the tag of a reparse point. */
	if ((entry->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) &&
	    IsReparseTagNameSurrogate(entry->EaSize))
		return OS_LINK;
	return entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY ? OS_DIR : OS_FILE;
}

static enum sym_status tell(const FILE_ID_BOTH_DIR_INFO *entry, os_each_fn *each, void *ctx)
{
	char name[4 * SYM_NAME_MAX + 1];
	int units = (int)(entry->FileNameLength / sizeof(wchar_t));
	int n = WideCharToMultiByte(CP_UTF8, 0, entry->FileName, units, name, sizeof name - 1, NULL,
				    NULL);

	if (n < 0)
		n = 0;
	name[n] = '\0';
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return SYM_OK;
	return each(ctx, name, type_of(entry));
}

/* Tells one buffer full of entries. */
static enum sym_status tell_all(const uint8_t *bytes, os_each_fn *each, void *ctx)
{
	for (;;) {
		const FILE_ID_BOTH_DIR_INFO *entry = (const void *)bytes;
		enum sym_status status = tell(entry, each, ctx);

		if (status != SYM_OK || entry->NextEntryOffset == 0)
			return status;
		bytes += entry->NextEntryOffset;
	}
}

enum sym_status os_dir_list(struct os_dir *dir, os_each_fn *each, void *ctx, struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	struct os_dir *again; /* a handle of its own, which begins at the start */
	uint8_t *bytes = malloc(LIST_BYTES);

	if (!bytes)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = os_dir_open(dir, ".", OS_NOFOLLOW, &again, err);
	if (status != SYM_OK) {
		free(bytes);
		return status;
	}
	while (status == SYM_OK) {
		if (GetFileInformationByHandleEx(again->handle, FileIdBothDirectoryInfo, bytes,
						 LIST_BYTES)) {
			status = tell_all(bytes, each, ctx);
			continue;
		}
		if (GetLastError() != ERROR_NO_MORE_FILES && GetLastError() != ERROR_FILE_NOT_FOUND)
			status = win_refused(err, "cannot read the folder");
		break;
	}
	os_dir_close(again);
	free(bytes);
	return status;
}

/* ------------------------------------------------------------------ lock -- */

/* The path of the lock of `dir` in the kernel's form, allocated: beside the folder, so that
 * who holds the lock can remove the folder. NULL where it cannot be told. */
static wchar_t *lock_path(struct os_dir *dir)
{
	static const wchar_t mark[] = L".symbol-upload-lock-";
	DWORD units = GetFinalPathNameByHandleW(dir->handle, NULL, 0, FILE_NAME_NORMALIZED);
	wchar_t *path = units ? malloc((units + ARRAY_LEN(mark)) * sizeof *path) : NULL;
	wchar_t *name;

	if (!path)
		return NULL;
	if (GetFinalPathNameByHandleW(dir->handle, path, units, FILE_NAME_NORMALIZED) >= units) {
		free(path);
		return NULL;
	}
	path[1] = L'?'; /* \\?\ to \??\ */
	name = wcsrchr(path, L'\\') + 1;
	memmove(name + ARRAY_LEN(mark) - 1, name, (wcslen(name) + 1) * sizeof *name);
	memcpy(name, mark, (ARRAY_LEN(mark) - 1) * sizeof *name);
	return path;
}

static bool is_held(NTSTATUS got)
{
	return got == STATUS_SHARING_VIOLATION || got == STATUS_DELETE_PENDING;
}

/* The lock is a hidden file that one handle alone may have open, and that goes with it:
 * the kernel closes the handles of a process that dies, on a server too. */
enum sym_status os_dir_lock(struct os_dir *dir, bool wait, struct sym_err *err)
{
	static const struct nt_how how = {
		.access = DELETE,
		.disposition = FILE_OPEN_IF,
		.options = FILE_NON_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE | FILE_OPEN_REPARSE_POINT,
		.attributes = FILE_ATTRIBUTE_HIDDEN,
		.alone = true,
	};
	wchar_t *path;
	NTSTATUS got;

	if (dir->lock)
		return SYM_OK;
	path = lock_path(dir);
	if (!path)
		return err_set(err, SYM_UNSUPPORTED, "cannot lock the folder");
	while (is_held(got = nt_open(NULL, path, wcslen(path), &how, &dir->lock)) && wait)
		Sleep(10); /* Windows has no wait for this */
	free(path);
	if (NT_SUCCESS(got))
		return SYM_OK;
	dir->lock = NULL;
	if (is_held(got))
		return err_set(err, SYM_EXISTS, "somebody else holds the lock");
	(void)nt_refused(err, got, "cannot lock the folder");
	return err->status = SYM_UNSUPPORTED;
}

/* Its lock is a file already, which servers know of. */
enum sym_status os_dir_claim(struct os_dir *dir, struct sym_err *err)
{
	return os_dir_lock(dir, false, err);
}

void os_dir_disclaim(struct os_dir *dir)
{
	(void)dir;
}
