/* SPDX-License-Identifier: MIT
 * Folders on Linux: *at() calls throughout, openat2 to refuse links. */
#include "os/linux/linux.h"

#include "base/err.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum sym_status dir_from_fd(int fd, struct os_dir **out, struct sym_err *err)
{
	struct os_dir *dir;

	if (fd < 0)
		return refused(err, "cannot open the folder");
	dir = malloc(sizeof *dir);
	if (!dir) {
		close(fd);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	*dir = (struct os_dir){.fd = fd, .claim = -1};
	*out = dir;
	return SYM_OK;
}

static const int open_folder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

void close_keeping_errno(int fd)
{
	int keep = errno;

	close(fd);
	errno = keep;
}

/* One step of a walk through no link: makes the folder `name` below `fd` where `make`
 * asks for it, and opens it. */
static int step_into(int fd, const char *name, bool make)
{
	struct stat st;
	int next;

	if (make && mkdirat(fd, name, 0777) < 0 && errno != EEXIST)
		return -1;
	next = openat(fd, name, open_folder | O_NOFOLLOW);
	/* O_DIRECTORY comes first and calls a link no folder: say that it is a link. */
	if (next < 0 && errno == ENOTDIR)
		errno = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)
				? ELOOP
				: ENOTDIR;
	return next;
}

int walk_nofollow(int at, const char *path, size_t len, bool make)
{
	const char *end = path + len;
	int fd = *path == '/' ? openat(at, "/", open_folder) : at;

	for (path += strspn(path, "/"); fd != -1 && path < end; path += strspn(path, "/")) {
		char name[SYM_NAME_MAX + 1];
		size_t n = strcspn(path, "/");
		int next = -1;

		errno = ENAMETOOLONG;
		if (n <= SYM_NAME_MAX) {
			memcpy(name, path, n);
			name[n] = '\0';
			next = step_into(fd, name, make);
		}
		if (fd != at)
			close_keeping_errno(fd);
		fd = next;
		path += n;
	}
	return fd == at ? openat(at, ".", open_folder) : fd;
}

/* Opens the folder `path` below `at` through no link: openat2 is one call; kernels and
 * sandboxes without it get a walk. */
static int open_nofollow(int at, const char *path)
{
	struct open_how how = {.flags = (uint64_t)open_folder, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof how);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	return walk_nofollow(at, path, strlen(path), false);
}

enum sym_status os_dir_open(struct os_dir *at, const char *path, enum os_follow follow,
			    struct os_dir **out, struct sym_err *err)
{
	int fd = follow == OS_FOLLOW ? openat(fd_of(at), path, open_folder)
				     : open_nofollow(fd_of(at), path);

	return dir_from_fd(fd, out, err);
}

bool os_dir_make_new(struct os_dir *at, const char *path)
{
	char upto[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof upto)
		return false;
	memcpy(upto, path, len + 1);
	for (char *slash = strchr(upto + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(fd_of(at), upto, 0777) < 0)
			return false;
		*slash = '/';
	}
	return mkdirat(fd_of(at), upto, 0777) == 0;
}

enum sym_status os_dir_make(struct os_dir *at, const char *path, struct os_dir **out,
			    struct sym_err *err)
{
	int fd = walk_nofollow(fd_of(at), path, strlen(path), true);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_sys(err, SYM_REFUSED, errno,
			       "a link or a file stands where a folder of the store belongs");
	if (fd < 0)
		return refused(err, "cannot make the folder");
	return dir_from_fd(fd, out, err);
}

enum sym_status os_mkdirs(const char *path, struct sym_err *err)
{
	char *copy = strdup(path);
	enum sym_status status = SYM_OK;

	if (!copy)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (char *at = copy + 1; *copy && status == SYM_OK; at++) {
		char was = *at;

		if (was != '/' && was != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST && errno != EISDIR)
			status = refused(err, "cannot make the folder");
		*at = was;
		if (was == '\0')
			break;
	}
	free(copy);
	return status;
}

void os_dir_close(struct os_dir *dir)
{
	if (!dir)
		return;
	os_close_quietly(dir->claim);
	close(dir->fd);
	free(dir);
}

static enum os_type type_of_dirent(unsigned char type)
{
	switch (type) {
	case DT_REG:
		return OS_FILE;
	case DT_DIR:
		return OS_DIR;
	case DT_LNK:
		return OS_LINK;
	case DT_UNKNOWN:
		return OS_UNKNOWN;
	default:
		return OS_OTHER;
	}
}

/* Calls `each` for the entries of one buffer of getdents64. */
static enum sym_status each_entry(const char *entries, size_t size, os_each_fn *each, void *ctx)
{
	enum sym_status status = SYM_OK;

	for (size_t at = 0; at < size && status == SYM_OK;) {
		const struct dirent64 *entry = (const struct dirent64 *)(const void *)(entries + at);

		at += entry->d_reclen;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = each(ctx, entry->d_name, type_of_dirent(entry->d_type));
	}
	return status;
}

/* getdents64 on the handle itself: readdir would want a second one, and a tree of small
 * folders would cost twice the system calls. */
enum sym_status os_dir_list(struct os_dir *dir, os_each_fn *each, void *ctx, struct sym_err *err)
{
	_Alignas(struct dirent64) char entries[32 << 10];
	enum sym_status status = SYM_OK;

	if (dir->listed && lseek(dir->fd, 0, SEEK_SET) < 0)
		return refused(err, "cannot read the folder");
	dir->listed = true;
	while (status == SYM_OK) {
		ssize_t size = getdents64(dir->fd, (void *)entries, sizeof entries);

		if (size < 0)
			return refused(err, "cannot read the folder");
		if (size == 0)
			break;
		status = each_entry(entries, (size_t)size, each, ctx);
	}
	return status;
}

enum sym_status os_dir_stat(struct os_dir *dir, struct os_stat *out, struct sym_err *err)
{
	return os_file_stat(dir->fd, out, err);
}
