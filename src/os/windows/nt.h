/* SPDX-License-Identifier: MIT
 * What the files of this folder share: the calls of the NT kernel that open a name below
 * an open folder, as Linux' *at() calls do. Win32 itself knows paths only. */
#ifndef OS_WINDOWS_NT_H
#define OS_WINDOWS_NT_H

#define _WIN32_WINNT 0x0A00
#define WIN32_NO_STATUS /* ntstatus.h has them all */
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#include <winternl.h>

#include "os/os.h"

struct os_dir {
	HANDLE handle;
	HANDLE lock; /* os_dir_lock's, or NULL */
};

/* A name as the kernel takes it. */
struct nt_name {
	HANDLE root;     /* the folder below which it lies; NULL: it is absolute */
	wchar_t *text;   /* `\` between components, ended by NUL; owned */
	size_t len;      /* UTF-16 units */
	size_t root_len; /* absolute: the units that name the volume, with the `\` behind it */
};

/* `at` NULL: `name` is a path as users write it. SYM_REFUSED for what is not UTF-8 or
 * names a stream (`a:b`). */
enum sym_status nt_name_init(struct nt_name *n, struct os_dir *at, const char *name,
			     struct sym_err *err);
void nt_name_release(struct nt_name *n);

/* What NtCreateFile is asked for. */
struct nt_how {
	ACCESS_MASK access; /* beyond reading attributes */
	ULONG disposition;
	ULONG options;      /* beyond synchronous reading and writing */
	ULONG attributes;
	bool alone;         /* nobody else may have it open */
	bool patient;       /* waits a moment for who does: linkers, and scanners of new files, soon are done
			     * (nt_open_name) */
};

/* Opens the first `len` units of `text` below `root`. */
NTSTATUS nt_open(HANDLE root, const wchar_t *text, size_t len, const struct nt_how *how,
		 HANDLE *out);

/* The same for a name in UTF-8. */
enum sym_status nt_open_name(struct os_dir *at, const char *name, const struct nt_how *how,
			     const char *what, HANDLE *out, struct sym_err *err);

/* Is it a symbolic link, junction or mount point? `how.options` must have held
 * FILE_OPEN_REPARSE_POINT. Other reparse points (files of OneDrive, of a deduplicated
 * volume) are files like any other. */
bool nt_is_link(HANDLE handle);

/* Fills `err` for a call that failed: `what` says what could not be done, `why` the reason. */
enum sym_status nt_refused(struct sym_err *err, NTSTATUS why, const char *what);
enum sym_status win_refused(struct sym_err *err, const char *what); /* by GetLastError */
enum sym_status nt_refuse_link(struct sym_err *err, const char *what); /* SYM_REFUSED */

#endif
