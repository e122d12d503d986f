/* SPDX-License-Identifier: MIT
 * Files on Windows. Everything is opened so that others may read, rename and remove it
 * meanwhile, as on other systems. */
#include "os/windows/nt.h"

#include "base/err.h"
#include "os/common.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Classes of information of Windows 10 that mingw's winternl.h does not name. */
#define NT_DISPOSITION_EX ((FILE_INFORMATION_CLASS)64)
#define NT_RENAME_EX ((FILE_INFORMATION_CLASS)65)

enum { NT_REPLACE = 1, NT_POSIX = 2, NT_REPLACE_READONLY = 64 };
enum { NT_DELETE = 1, NT_IGNORE_READONLY = 16 };

static HANDLE handle_of(os_file file)
{
	return (HANDLE)_get_osfhandle(file);
}

/* Makes a file of a handle, which goes with it. */
static enum sym_status file_from(HANDLE handle, int flags, os_file *out, struct sym_err *err)
{
	int fd = _open_osfhandle((intptr_t)handle, flags | _O_BINARY | _O_NOINHERIT);

	if (fd < 0) {
		CloseHandle(handle);
		return err_sys(err, SYM_IO, errno, "cannot open it");
	}
	*out = fd;
	return SYM_OK;
}

/* --------------------------------------------------- what stands there -- */

/* From 100 ns since 1601. */
static int64_t nanoseconds(int64_t filetime)
{
	return (filetime - INT64_C(116444736000000000)) * 100;
}

static enum os_type type_of(HANDLE handle, DWORD attributes)
{
	if (nt_is_link(handle))
		return OS_LINK;
	return attributes & FILE_ATTRIBUTE_DIRECTORY ? OS_DIR : OS_FILE;
}

static enum sym_status stat_of(HANDLE handle, struct os_stat *out, struct sym_err *err)
{
	BY_HANDLE_FILE_INFORMATION info;
	FILE_BASIC_INFO times;

	memset(out, 0, sizeof *out);
	out->type = OS_OTHER;
	if (GetFileType(handle) != FILE_TYPE_DISK)
		return SYM_OK;
	if (!GetFileInformationByHandle(handle, &info) ||
	    !GetFileInformationByHandleEx(handle, FileBasicInfo, &times, sizeof times))
		return win_refused(err, "cannot look at it");
	out->type = type_of(handle, info.dwFileAttributes);
	out->size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	out->device = info.dwVolumeSerialNumber;
	out->inode = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
	out->links = info.nNumberOfLinks;
	out->mtime_ns = nanoseconds(times.LastWriteTime.QuadPart);
	out->ctime_ns = nanoseconds(times.ChangeTime.QuadPart);
	return SYM_OK;
}

enum sym_status os_stat(struct os_dir *at, const char *name, enum os_follow follow,
			struct os_stat *out, struct sym_err *err)
{
	struct nt_how how = {
		.disposition = FILE_OPEN,
		.options = follow == OS_FOLLOW ? 0 : FILE_OPEN_REPARSE_POINT,
	};
	HANDLE handle;
	enum sym_status status = nt_open_name(at, name, &how, "cannot look at it", &handle, err);

	if (status != SYM_OK)
		return status;
	status = stat_of(handle, out, err);
	CloseHandle(handle);
	return status;
}

enum sym_status os_dir_stat(struct os_dir *dir, struct os_stat *out, struct sym_err *err)
{
	return stat_of(dir->handle, out, err);
}

enum sym_status os_file_stat(os_file file, struct os_stat *out, struct sym_err *err)
{
	return stat_of(handle_of(file), out, err);
}

/* ---------------------------------------------------- reading, writing -- */

/* Refuses a link; a file behind another kind of reparse point is opened as such, since
 * its bytes are not where FILE_OPEN_REPARSE_POINT looks. */
static enum sym_status open_not_following(struct os_dir *at, const char *name, struct nt_how how,
					  HANDLE *out, struct sym_err *err)
{
	enum sym_status status;
	bool is_link;

	how.options |= FILE_OPEN_REPARSE_POINT;
	status = nt_open_name(at, name, &how, "cannot open it", out, err);
	if (status != SYM_OK)
		return status;
	is_link = nt_is_link(*out);
	CloseHandle(*out);
	if (is_link)
		return nt_refuse_link(err, "cannot open it");
	how.options &= ~(ULONG)FILE_OPEN_REPARSE_POINT;
	return nt_open_name(at, name, &how, "cannot open it", out, err);
}

enum sym_status os_open(struct os_dir *at, const char *name, enum os_follow follow, os_file *out,
			struct os_stat *st, struct sym_err *err)
{
	static const struct nt_how how = {.access = FILE_READ_DATA, .disposition = FILE_OPEN, .patient = true};
	HANDLE handle;
	enum sym_status status =
		follow == OS_FOLLOW ? nt_open_name(at, name, &how, "cannot open it", &handle, err)
				    : open_not_following(at, name, how, &handle, err);

	if (status != SYM_OK)
		return status;
	status = stat_of(handle, st, err);
	if (status == SYM_OK && st->type != OS_FILE)
		status = err_set(err, SYM_REFUSED, "not a regular file");
	if (status != SYM_OK) {
		CloseHandle(handle);
		return status;
	}
	return file_from(handle, _O_RDONLY, out, err);
}

enum sym_status os_create(struct os_dir *at, const char *name, os_file *out, struct sym_err *err)
{
	static const struct nt_how how = {
		.access = FILE_WRITE_DATA,
		.disposition = FILE_CREATE,
		.options = FILE_NON_DIRECTORY_FILE,
	};
	HANDLE handle;
	enum sym_status status =
		nt_open_name(at, name, &how, "cannot create the file", &handle, err);

	return status == SYM_OK ? file_from(handle, _O_WRONLY, out, err) : status;
}

enum sym_status os_spool(os_file *out, struct sym_err *err)
{
	wchar_t folder[MAX_PATH + 1], path[MAX_PATH];
	DWORD how = FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE;
	HANDLE handle;

	/* GetTempFileNameW makes an empty file; opened to be deleted, it goes with the handle. */
	if (!GetTempPathW(MAX_PATH + 1, folder) || !GetTempFileNameW(folder, L"sym", 0, path))
		return err_set(err, SYM_IO, "cannot make a temporary file (Windows error %lu)",
			       GetLastError());
	handle = CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_DELETE, NULL,
			     OPEN_EXISTING, how, NULL);
	if (handle == INVALID_HANDLE_VALUE) {
		DWORD error = GetLastError();

		DeleteFileW(path);
		return err_set(err, SYM_IO, "cannot make a temporary file (Windows error %lu)", error);
	}
	return file_from(handle, _O_RDWR, out, err);
}

enum sym_status os_cut(os_file file, uint64_t size, struct sym_err *err)
{
	if (_chsize_s(file, (int64_t)size) != 0 || _lseeki64(file, (int64_t)size, SEEK_SET) < 0)
		return err_sys(err, SYM_IO, errno, "cannot cut the file");
	return SYM_OK;
}

enum sym_status os_close(os_file file, struct sym_err *err)
{
	if (_close(file) < 0)
		return err_sys(err, SYM_IO, errno, "cannot finish writing");
	return SYM_OK;
}

void os_close_quietly(os_file file)
{
	if (file != OS_NO_FILE)
		_close(file);
}

enum sym_status os_read_at(os_file file, uint64_t offset, void *to, size_t n, size_t *got,
			   struct sym_err *err)
{
	*got = 0;
	while (*got < n) {
		uint64_t at = offset + *got;
		OVERLAPPED where = {.Offset = (DWORD)(at & UINT32_MAX),
				    .OffsetHigh = (DWORD)(at >> 32)};
		DWORD read = 0, want = (DWORD)min_u64(n - *got, INT_MAX);

		if (!ReadFile(handle_of(file), (char *)to + *got, want, &read, &where)) {
			if (GetLastError() == ERROR_HANDLE_EOF)
				break;
			return win_refused(err, "cannot read");
		}
		if (read == 0)
			break;
		*got += read;
	}
	return SYM_OK;
}

enum sym_status os_write(os_file file, const void *bytes, size_t n, struct sym_err *err)
{
	const char *at = bytes;

	while (n > 0) {
		/* Behind the end: here os_read_at moves the file's position. */
		OVERLAPPED end = {.Offset = UINT32_MAX, .OffsetHigh = UINT32_MAX};
		DWORD written, want = (DWORD)min_u64(n, INT_MAX);

		if (!WriteFile(handle_of(file), at, want, &written, &end))
			return win_refused(err, "cannot write");
		at += written;
		n -= written;
	}
	return SYM_OK;
}

enum sym_status os_copy(os_file from, uint64_t offset, uint64_t size, os_file to, uint64_t *copied,
			struct sym_err *err)
{
	*copied = 0;
	return copy_by_hand(from, offset, size, to, copied, err);
}

/* --------------------------------------------------------------- names -- */

/* Did the system, or the driver or server of this volume, not know the class of information that it
 * was asked for? Each says so in its own way. */
static bool is_unknown(NTSTATUS got)
{
	return got == STATUS_INVALID_INFO_CLASS || got == STATUS_INVALID_PARAMETER ||
	       got == STATUS_NOT_SUPPORTED || got == STATUS_NOT_IMPLEMENTED ||
	       got == STATUS_INVALID_DEVICE_REQUEST;
}

/* What FileRenameInformation and FileLinkInformation begin with. */
struct new_name {
	ULONG flags;
	HANDLE root;
	ULONG bytes;
	wchar_t text[];
};

static NTSTATUS set_name(HANDLE handle, const struct nt_name *to, FILE_INFORMATION_CLASS what,
			 ULONG flags)
{
	size_t bytes = to->len * sizeof *to->text;
	size_t size = sizeof(struct new_name) + bytes + sizeof(wchar_t);
	struct new_name *name = calloc(1, size);
	IO_STATUS_BLOCK io;
	NTSTATUS got;

	if (!name)
		return STATUS_NO_MEMORY;
	name->flags = flags;
	name->root = to->root;
	name->bytes = (ULONG)bytes;
	memcpy(name->text, to->text, bytes);
	got = NtSetInformationFile(handle, &io, name, (ULONG)size, what);
	free(name);
	return got;
}

/* In one step, and though the old file is read-only or somebody reads it, on Windows 10; else as
 * far as the older call goes. */
static NTSTATUS set_name_replacing(HANDLE handle, const struct nt_name *to)
{
	NTSTATUS got = set_name(handle, to, NT_RENAME_EX, NT_REPLACE | NT_POSIX | NT_REPLACE_READONLY);

	return is_unknown(got) ? set_name(handle, to, FileRenameInformation, NT_REPLACE) : got;
}

static NTSTATUS set_name_alone(HANDLE handle, const struct nt_name *to)
{
	return set_name(handle, to, FileRenameInformation, 0);
}

static NTSTATUS set_second_name(HANDLE handle, const struct nt_name *to)
{
	return set_name(handle, to, FileLinkInformation, 0);
}

typedef NTSTATUS set_name_fn(HANDLE handle, const struct nt_name *to);

static enum sym_status name_file(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
				 const char *to, set_name_fn *set, const char *what,
				 struct sym_err *err)
{
	static const struct nt_how how = {
		.access = DELETE | FILE_WRITE_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = FILE_OPEN_REPARSE_POINT,
		.patient = true,
	};
	struct nt_name name;
	HANDLE handle;
	NTSTATUS got;
	enum sym_status status = nt_open_name(from_dir, from, &how, what, &handle, err);

	if (status != SYM_OK)
		return status;
	status = nt_name_init(&name, to_dir, to, err);
	if (status == SYM_OK) {
		got = set(handle, &name);
		if (!NT_SUCCESS(got))
			status = nt_refused(err, got, what);
	}
	nt_name_release(&name);
	CloseHandle(handle);
	return status;
}

enum sym_status os_publish(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err)
{
	return name_file(from_dir, from, to_dir, to, set_name_alone,
			 "cannot give the file its name", err);
}

enum sym_status os_replace(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err)
{
	return name_file(from_dir, from, to_dir, to, set_name_replacing, "cannot replace the file",
			 err);
}

enum sym_status os_link(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			const char *to, struct sym_err *err)
{
	enum sym_status status =
		name_file(from_dir, from, to_dir, to, set_second_name, "cannot link", err);

	if (status == SYM_IO && (err->sys == EMLINK || err->sys == EXDEV || err->sys == ENOTSUP ||
				 err->sys == EACCES)) /* some servers have no other word for it */
		err->status = status = SYM_UNSUPPORTED;
	return status;
}

/* At once, though somebody has it open, on Windows 10; else when the last handle goes. */
static NTSTATUS mark_deleted(HANDLE handle)
{
	ULONG flags = NT_DELETE | NT_POSIX | NT_IGNORE_READONLY;
	BOOLEAN deleted = TRUE;
	IO_STATUS_BLOCK io;
	NTSTATUS got = NtSetInformationFile(handle, &io, &flags, sizeof flags, NT_DISPOSITION_EX);

	return is_unknown(got) ? NtSetInformationFile(handle, &io, &deleted, sizeof deleted,
						      FileDispositionInformation)
			       : got;
}

static enum sym_status delete_it(struct os_dir *at, const char *name, ULONG kind, const char *what,
				 struct sym_err *err)
{
	struct nt_how how = {
		.access = DELETE,
		.disposition = FILE_OPEN,
		.options = FILE_OPEN_REPARSE_POINT | kind,
		.patient = true,
	};
	HANDLE handle;
	NTSTATUS got;
	enum sym_status status = nt_open_name(at, name, &how, what, &handle, err);

	if (status != SYM_OK)
		return status;
	got = mark_deleted(handle);
	CloseHandle(handle);
	return NT_SUCCESS(got) ? SYM_OK : nt_refused(err, got, what);
}

enum sym_status os_unlink(struct os_dir *at, const char *name, struct sym_err *err)
{
	return delete_it(at, name, FILE_NON_DIRECTORY_FILE, "cannot remove the file", err);
}

enum sym_status os_rmdir(struct os_dir *at, const char *name, struct sym_err *err)
{
	return delete_it(at, name, FILE_DIRECTORY_FILE, "cannot remove the folder", err);
}

enum sym_status os_touch(struct os_dir *at, const char *name, struct sym_err *err)
{
	static const struct nt_how how = {
		.access = FILE_WRITE_ATTRIBUTES,
		.disposition = FILE_OPEN_IF,
		.options = FILE_NON_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
	};
	HANDLE handle;
	FILETIME now;
	enum sym_status status =
		nt_open_name(at, name, &how, "cannot touch the file", &handle, err);

	if (status != SYM_OK)
		return status;
	GetSystemTimePreciseAsFileTime(&now);
	if (nt_is_link(handle))
		status = nt_refuse_link(err, "cannot touch the file");
	else if (!SetFileTime(handle, NULL, NULL, &now))
		status = win_refused(err, "cannot touch the file");
	CloseHandle(handle);
	return status;
}

/* --------------------------------------------------------------- flush -- */

bool os_syncs_all(void)
{
	return false;
}

enum sym_status os_sync_all(struct os_dir *dir, bool (*stop)(void), struct sym_err *err)
{
	(void)dir;
	(void)stop;
	return err_set(err, SYM_UNSUPPORTED, "only an administrator can flush a volume of Windows");
}

enum sym_status os_sync_file(os_file file, struct sym_err *err)
{
	if (!FlushFileBuffers(handle_of(file)))
		return win_refused(err, "cannot flush to the disk");
	return SYM_OK;
}

enum sym_status os_sync_dir(struct os_dir *dir, struct sym_err *err)
{
	/* NTFS and ReFS keep names in a journal; a folder has nothing to flush. */
	(void)dir;
	(void)err;
	return SYM_OK;
}

bool os_takes_nothing(int sys)
{
	return sys == ENOSPC || sys == EROFS;
}
