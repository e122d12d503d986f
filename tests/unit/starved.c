/* SPDX-License-Identifier: MIT
 * To be preloaded: the allocation of the number STARVED_AT fails, counted from the start, any look at
 * the file that STARVED_STAT names, or at what is open and has the name STARVED_FSTAT, and the lock of
 * the number STARVED_LOCK. The disk takes STARVED_SYNC seconds, for the flush of the number STARVED_SYNC_AT
 * alone where that is given. Below the folder that STARVED_FOLDED names all names are in lower case, however
 * they are written, as on a file system that ignores the case; what is opened by its path alone is not. How
 * many allocations there were is written to STARVED_COUNT. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_long taken;
static long at;

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("STARVED_AT");

	at = number ? strtol(number, NULL, 10) : 0;
	atomic_store(&taken, 0);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("STARVED_COUNT");
	char digits[32];
	int len = snprintf(digits, sizeof digits, "%ld", atomic_load(&taken));
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;

	if (fd >= 0 && write(fd, digits, (size_t)len) == len)
		close(fd);
}

static int fails(void)
{
	if (atomic_fetch_add(&taken, 1) + 1 != at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

int flock(int fd, int how)
{
	static atomic_long tried;
	const char *number = getenv("STARVED_LOCK");

	if (number && strtol(number, NULL, 10) == atomic_fetch_add(&tried, 1) + 1) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, how);
}

int syncfs(int fd)
{
	static atomic_long tried;
	const char *seconds = getenv("STARVED_SYNC"), *number = getenv("STARVED_SYNC_AT");
	long now = atomic_fetch_add(&tried, 1) + 1;
	sigset_t all, before;

	if (number && strtol(number, NULL, 10) != now)
		seconds = NULL;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* no signal ends such a wait */
	for (unsigned left = seconds ? (unsigned)strtoul(seconds, NULL, 10) : 0; left > 0;)
		left = sleep(left);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return (int)syscall(SYS_syncfs, fd);
}

/* `path` as it is to be written below the open folder `dir`. */
static const char *folded(int dir, const char *path, char to[PATH_MAX])
{
	const char *root = getenv("STARVED_FOLDED");
	char link[32], folder[PATH_MAX] = "";
	size_t i = 0;

	snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	if (!root || dir < 0 || readlink(link, folder, sizeof folder - 1) <= 0 ||
	    strncmp(folder, root, strlen(root)) != 0)
		return path;
	for (; path[i] && i < PATH_MAX - 1; i++)
		to[i] = (char)(path[i] >= 'A' && path[i] <= 'Z' ? path[i] - 'A' + 'a' : path[i]);
	to[i] = '\0';
	return to;
}

int openat(int dir, const char *path, int flags, ...)
{
	char name[PATH_MAX];
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(more, mode_t) : 0;
	va_end(more);
	return (int)syscall(SYS_openat, dir, folded(dir, path, name), flags, mode);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	char name[PATH_MAX];

	return (int)syscall(SYS_mkdirat, dir, folded(dir, path, name), mode);
}

int unlinkat(int dir, const char *path, int flags)
{
	char name[PATH_MAX];

	return (int)syscall(SYS_unlinkat, dir, folded(dir, path, name), flags);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	char one[PATH_MAX], other[PATH_MAX];

	return (int)syscall(SYS_renameat, from_dir, folded(from_dir, from, one), to_dir, folded(to_dir, to, other));
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	char one[PATH_MAX], other[PATH_MAX];

	return (int)syscall(SYS_linkat, from_dir, folded(from_dir, from, one), to_dir, folded(to_dir, to, other),
			    flags);
}

int fstatat(int dir, const char *path, struct stat *st, int flags)
{
	char folded_path[PATH_MAX];
	const char *name = getenv("STARVED_STAT");

	if (name && strcmp(path, name) == 0) {
		errno = ESTALE;
		return -1;
	}
	return (int)syscall(SYS_newfstatat, dir, folded(dir, path, folded_path), st, flags);
}

int fstat(int fd, struct stat *st)
{
	char link[32], path[4096] = "";
	const char *name = getenv("STARVED_FSTAT"), *last;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	last = name && readlink(link, path, sizeof path - 1) > 0 ? strrchr(path, '/') : NULL;
	if (last && strcmp(last + 1, name) == 0) {
		errno = ESTALE;
		return -1;
	}
	return (int)syscall(SYS_fstat, fd, st);
}
