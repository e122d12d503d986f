/* SPDX-License-Identifier: MIT
 * Files on Linux: copy_file_range and reflinks, renameat2 to publish without
 * replacing, flock. */
#include "os/linux/linux.h"

#include "base/err.h"
#include "os/common.h"

#include <errno.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The outcome that an errno of a file operation means. */
static enum sym_status status_of(int sys)
{
	switch (sys) {
	case ENOENT:
	case ENOTDIR:
		return SYM_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return SYM_EXISTS;
	case ELOOP:
	case ENXIO: /* a socket, or a device without its driver */
		return SYM_REFUSED;
	case ENOMEM:
		return SYM_NOMEM;
	default:
		return SYM_IO;
	}
}

enum sym_status refused(struct sym_err *err, const char *what)
{
	int sys = errno;

	return err_sys(err, status_of(sys), sys, "%s", what);
}

/* --------------------------------------------------- what stands there -- */

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct os_stat stat_from(const struct stat *st)
{
	return (struct os_stat){
		.type = S_ISREG(st->st_mode)   ? OS_FILE
			: S_ISDIR(st->st_mode) ? OS_DIR
			: S_ISLNK(st->st_mode) ? OS_LINK
					       : OS_OTHER,
		.size = (uint64_t)st->st_size,
		.device = st->st_dev,
		.inode = st->st_ino,
		.links = st->st_nlink,
		.mtime_ns = nanoseconds(st->st_mtim),
		.ctime_ns = nanoseconds(st->st_ctim),
	};
}

enum sym_status os_stat(struct os_dir *at, const char *name, enum os_follow follow,
			struct os_stat *out, struct sym_err *err)
{
	struct stat st;

	if (fstatat(fd_of(at), name, &st, follow == OS_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
		return refused(err, "cannot look at it");
	*out = stat_from(&st);
	return SYM_OK;
}

enum sym_status os_file_stat(os_file file, struct os_stat *out, struct sym_err *err)
{
	struct stat st;

	if (fstat(file, &st) < 0)
		return refused(err, "cannot look at it");
	*out = stat_from(&st);
	return SYM_OK;
}

/* ---------------------------------------------------- reading, writing -- */

static const int open_to_read = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/* Opens the file `path` below `at` through no link. */
static int open_file_nofollow(int at, const char *path)
{
	struct open_how how = {.flags = (uint64_t)open_to_read, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof how);
	const char *slash = strrchr(path, '/');
	int dir;

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	dir = walk_nofollow(at, path, slash ? (size_t)(slash - path) : 0, false);
	if (dir < 0)
		return -1;
	fd = openat(dir, slash ? slash + 1 : path, open_to_read | O_NOFOLLOW);
	close_keeping_errno(dir);
	return fd;
}

enum sym_status os_open(struct os_dir *at, const char *name, enum os_follow follow, os_file *out,
			struct os_stat *st, struct sym_err *err)
{
	int fd = follow == OS_FOLLOW ? openat(fd_of(at), name, open_to_read)
				     : open_file_nofollow(fd_of(at), name);
	enum sym_status status;

	if (fd < 0 && errno == ELOOP && follow == OS_NOFOLLOW)
		return err_set(err, SYM_REFUSED, "a link, which is not followed");
	if (fd < 0)
		return refused(err, "cannot open it");
	status = os_file_stat(fd, st, err);
	if (status == SYM_OK && st->type != OS_FILE)
		status = err_set(err, SYM_REFUSED, "not a regular file");
	if (status != SYM_OK) {
		close(fd);
		return status;
	}
	*out = fd;
	return SYM_OK;
}

enum sym_status os_create(struct os_dir *at, const char *name, os_file *out, struct sym_err *err)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	int fd = openat(fd_of(at), name, flags, 0666);

	if (fd < 0)
		return refused(err, "cannot create the file");
	*out = fd;
	return SYM_OK;
}

enum sym_status os_spool(os_file *out, struct sym_err *err)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!folder || !*folder)
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		/* NFS and old overlays: there it has a name for a moment. */
		if (snprintf(path, sizeof path, "%s/symbol-upload-XXXXXX", folder) >= (int)sizeof path) {
			errno = ENAMETOOLONG;
		} else {
			fd = mkostemp(path, O_CLOEXEC);
			if (fd >= 0)
				unlink(path);
		}
	}
	if (fd < 0)
		return err_sys(err, SYM_IO, errno, "cannot make a temporary file in %s", folder);
	*out = fd;
	return SYM_OK;
}

enum sym_status os_close(os_file file, struct sym_err *err)
{
	if (close(file) < 0 && errno != EINTR)
		return refused(err, "cannot finish writing");
	return SYM_OK;
}

void os_close_quietly(os_file file)
{
	if (file != OS_NO_FILE)
		close(file);
}

enum sym_status os_read_at(os_file file, uint64_t offset, void *to, size_t n, size_t *got,
			   struct sym_err *err)
{
	*got = 0;
	while (*got < n) {
		ssize_t r = pread(file, (char *)to + *got, n - *got, (off_t)(offset + *got));

		if (r == 0)
			break;
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return refused(err, "cannot read");
		*got += (size_t)r;
	}
	return SYM_OK;
}

enum sym_status os_write(os_file file, const void *bytes, size_t n, struct sym_err *err)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t w = write(file, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return refused(err, "cannot write");
		at += w;
		n -= (size_t)w;
	}
	return SYM_OK;
}

enum sym_status os_cut(os_file file, uint64_t size, struct sym_err *err)
{
	if (ftruncate(file, (off_t)size) < 0 || lseek(file, (off_t)size, SEEK_SET) < 0)
		return refused(err, "cannot cut the file");
	return SYM_OK;
}

/* copy_file_range shares blocks itself where the file system can (XFS, btrfs, NFS 4.2), but
 * does not go from one file system to another of a different kind; sendfile does, without a
 * copy in user space. */
static ssize_t copy_in_kernel(os_file from, off_t *at, os_file to, size_t n, bool *same_kind)
{
	ssize_t done = -1;

	if (*same_kind)
		done = copy_file_range(from, at, to, NULL, n, 0);
	if (done >= 0 || (*same_kind && errno != EXDEV))
		return done;
	*same_kind = false;
	return sendfile(to, from, at, n);
}

enum sym_status os_copy(os_file from, uint64_t offset, uint64_t size, os_file to, uint64_t *copied,
			struct sym_err *err)
{
	enum { AT_ONCE = 1 << 30 };
	bool same_kind = true;

	*copied = 0;
	while (*copied < size) {
		off_t at = (off_t)(offset + *copied);
		ssize_t n = copy_in_kernel(from, &at, to, (size_t)min_u64(size - *copied, AT_ONCE),
					   &same_kind);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
			return refused(err, "cannot write");
		/* The two cannot do it, or the source ended (/proc says so of all its files). */
		if (n <= 0)
			return copy_by_hand(from, offset, size, to, copied, err);
		*copied += (uint64_t)n;
	}
	return SYM_OK;
}

/* --------------------------------------------------------------- names -- */

/* Does errno say that the file system has no links, or no more for this file? */
static bool lacks_links(void)
{
	return errno == EMLINK || errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP ||
	       errno == ENOSYS;
}

/* A look and a rename, under the folder's lock, which all who publish there hold. */
static enum sym_status publish_locked(struct os_dir *from_dir, const char *from,
				      struct os_dir *to_dir, const char *to, struct sym_err *err)
{
	struct stat st;
	enum sym_status status = os_dir_lock(to_dir, true, err);

	if (status == SYM_UNSUPPORTED)
		return err_set(err, SYM_IO, "this file system can neither rename without replacing, "
					    "nor link, nor lock");
	if (status != SYM_OK)
		return status;
	if (fstatat(fd_of(to_dir), to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		status = err_sys(err, SYM_EXISTS, EEXIST, "cannot give the file its name");
	else if (errno != ENOENT || renameat(fd_of(from_dir), from, fd_of(to_dir), to) < 0)
		status = refused(err, "cannot give the file its name");
	flock(fd_of(to_dir), LOCK_UN);
	return status;
}

enum sym_status os_publish(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err)
{
	int from_fd = fd_of(from_dir), to_fd = fd_of(to_dir);

	if (syscall(SYS_renameat2, from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
		return SYM_OK;
	if (errno != EINVAL && errno != ENOSYS)
		return refused(err, "cannot give the file its name");
	/* NFS and some others: a link refuses to replace everywhere. FUSE over exFAT and its
	 * kin have no links either. */
	if (linkat(from_fd, from, to_fd, to, 0) < 0)
		return lacks_links() ? publish_locked(from_dir, from, to_dir, to, err)
				     : refused(err, "cannot give the file its name");
	unlinkat(from_fd, from, 0); /* a name that is left goes with its folder: the file has the new one */
	return SYM_OK;
}

enum sym_status os_replace(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err)
{
	if (renameat(fd_of(from_dir), from, fd_of(to_dir), to) < 0)
		return refused(err, "cannot replace the file");
	return SYM_OK;
}

enum sym_status os_link(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			const char *to, struct sym_err *err)
{
	if (linkat(fd_of(from_dir), from, fd_of(to_dir), to, 0) == 0)
		return SYM_OK;
	if (lacks_links())
		return err_sys(err, SYM_UNSUPPORTED, errno, "cannot link");
	return refused(err, "cannot link");
}

enum sym_status os_unlink(struct os_dir *at, const char *name, struct sym_err *err)
{
	if (unlinkat(fd_of(at), name, 0) < 0)
		return refused(err, "cannot remove the file");
	return SYM_OK;
}

enum sym_status os_rmdir(struct os_dir *at, const char *name, struct sym_err *err)
{
	if (unlinkat(fd_of(at), name, AT_REMOVEDIR) < 0)
		return refused(err, "cannot remove the folder");
	return SYM_OK;
}

enum sym_status os_touch(struct os_dir *at, const char *name, struct sym_err *err)
{
	static const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = openat(fd_of(at), name, flags, 0666);
	enum sym_status status = SYM_OK;

	if (fd < 0)
		return refused(err, "cannot touch the file");
	if (futimens(fd, NULL) < 0)
		status = refused(err, "cannot touch the file");
	close(fd);
	return status;
}

/* --------------------------------------------------------------- locks -- */

/* What file systems and sandboxes without locks answer; anything else is an accident. */
static bool has_no_locks(int sys)
{
	return sys == ENOLCK || sys == EOPNOTSUPP || sys == ENOSYS || sys == EINVAL || sys == EPERM;
}

static enum sym_status lock(int fd, bool wait, struct sym_err *err)
{
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EWOULDBLOCK)
			return err_set(err, SYM_EXISTS, "somebody else holds the lock");
		return err_sys(err, has_no_locks(errno) ? SYM_UNSUPPORTED : SYM_IO, errno, "cannot lock the folder");
	}
	return SYM_OK;
}

enum sym_status os_dir_lock(struct os_dir *dir, bool wait, struct sym_err *err)
{
	return lock(dir->fd, wait, err);
}

#define CLAIM "lock" /* the file in a folder that is claimed */

enum sym_status os_dir_claim(struct os_dir *dir, struct sym_err *err)
{
	/* NFS gives the lock of a file only to who may write to it. */
	static const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	enum sym_status status = lock(dir->fd, false, err);

	if (status != SYM_OK)
		return status;
	dir->claim = openat(dir->fd, CLAIM, flags, 0666);
	if (dir->claim < 0 && (errno == EACCES || errno == EPERM || errno == EROFS || errno == EISDIR))
		return err_sys(err, SYM_UNSUPPORTED, errno, "cannot lock the folder");
	if (dir->claim < 0)
		return refused(err, "cannot lock the folder");
	status = lock(dir->claim, false, err);
	if (status == SYM_OK)
		return status;
	if (status != SYM_EXISTS)
		unlinkat(dir->fd, CLAIM, 0);
	close(dir->claim);
	dir->claim = -1;
	return status;
}

void os_dir_disclaim(struct os_dir *dir)
{
	if (dir->claim < 0)
		return;
	close(dir->claim); /* first: NFS keeps a file that is open under another name */
	dir->claim = -1;
	unlinkat(dir->fd, CLAIM, 0);
}

bool os_takes_nothing(int sys)
{
	return sys == ENOSPC || sys == EDQUOT || sys == EROFS;
}
