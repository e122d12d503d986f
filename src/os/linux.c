/* SPDX-License-Identifier: MIT
 * Linux: *at() calls throughout, openat2 to refuse links, copy_file_range and
 * reflinks, renameat2 to publish without replacing. */
#include "os/os.h"

#include "base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct os_dir {
	int fd;
};

static int fd_of(struct os_dir *at)
{
	return at ? at->fd : AT_FDCWD;
}

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
		return SYM_REFUSED;
	case ENOMEM:
		return SYM_NOMEM;
	default:
		return SYM_IO;
	}
}

static enum sym_status refused(struct sym_err *err, const char *verb)
{
	int sys = errno;

	return err_sys(err, status_of(sys), sys, "%s", verb);
}

/* ------------------------------------------------------------- folders -- */

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
	dir->fd = fd;
	*out = dir;
	return SYM_OK;
}

/* Opens the folder `path` below `at` through no link. openat2 is one call; kernels
 * and sandboxes without it get a walk of one component at a time. */
static int open_dir_nofollow(int at, const char *path)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
	struct open_how how = {.flags = (uint64_t)flags, .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof how);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	fd = openat(at, *path == '/' ? "/" : ".", flags);
	while (fd >= 0 && *path) {
		char name[SYM_NAME_MAX + 1];
		size_t len;
		int next;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0)
			break;
		if (len > SYM_NAME_MAX) {
			close(fd);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		next = openat(fd, name, flags);
		if (next < 0 && errno == ENOTDIR) {
			struct stat st;

			/* O_DIRECTORY wins over O_NOFOLLOW: say that it is a link. */
			if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
				errno = ELOOP;
			else
				errno = ENOTDIR;
		}
		len = (size_t)errno;
		close(fd);
		errno = (int)len;
		fd = next;
	}
	return fd;
}

enum sym_status os_dir_open(struct os_dir *at, const char *path, enum os_follow follow,
			    struct os_dir **out, struct sym_err *err)
{
	int fd;

	if (follow == OS_NOFOLLOW)
		fd = open_dir_nofollow(fd_of(at), path);
	else
		fd = openat(fd_of(at), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_from_fd(fd, out, err);
}

/* One level of os_dir_make: makes `name` below `fd` if need be, opens it, closes `fd`. */
static int step_into(int fd, const char *name)
{
	int next, keep;

	next = mkdirat(fd, name, 0777) < 0 && errno != EEXIST ? -1 : open_dir_nofollow(fd, name);
	keep = errno;
	close(fd);
	errno = keep;
	return next;
}

enum sym_status os_dir_make(struct os_dir *at, const char *path, struct os_dir **out,
			    struct sym_err *err)
{
	char name[SYM_NAME_MAX + 1];
	int fd = open_dir_nofollow(fd_of(at), path);
	enum sym_status status;

	if (fd < 0 && errno == ENOENT) {
		fd = openat(fd_of(at), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		while (fd >= 0 && *path) {
			size_t len = strcspn(path, "/");

			if (len > SYM_NAME_MAX) {
				close(fd);
				errno = ENAMETOOLONG;
				fd = -1;
				break;
			}
			memcpy(name, path, len);
			name[len] = '\0';
			path += len + (path[len] == '/');
			fd = step_into(fd, name);
		}
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_sys(err, SYM_REFUSED, errno, "a link or a file stands where a folder of the store belongs");
	status = dir_from_fd(fd, out, err);
	return status;
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

enum sym_status os_dir_list(struct os_dir *dir, os_each_fn *each, void *ctx, struct sym_err *err)
{
	int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	enum sym_status status = SYM_OK;

	if (!stream) {
		status = refused(err, "cannot read the folder");
		if (fd >= 0)
			close(fd);
		return status;
	}
	while (status == SYM_OK) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(stream);
		if (!entry) {
			if (errno)
				status = refused(err, "cannot read the folder");
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		status = each(ctx, entry->d_name, type_of_dirent(entry->d_type));
	}
	closedir(stream);
	return status;
}

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

enum sym_status os_dir_stat(struct os_dir *dir, struct os_stat *out, struct sym_err *err)
{
	return os_file_stat(dir->fd, out, err);
}

/* --------------------------------------------------------------- files -- */

enum sym_status os_open(struct os_dir *at, const char *name, enum os_follow follow, os_file *out,
			struct os_stat *st, struct sym_err *err)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = openat(fd_of(at), name, flags | (follow == OS_FOLLOW ? 0 : O_NOFOLLOW));
	enum sym_status status;

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
	int fd = openat(fd_of(at), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

	if (fd < 0)
		return refused(err, "cannot create the file");
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

enum sym_status os_file_stat(os_file file, struct os_stat *out, struct sym_err *err)
{
	struct stat st;

	if (fstat(file, &st) < 0)
		return refused(err, "cannot look at it");
	*out = stat_from(&st);
	return SYM_OK;
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

/* Reading and writing, for file systems between which the kernel cannot copy. */
static enum sym_status copy_by_hand(os_file from, uint64_t offset, uint64_t size, os_file to,
				    uint64_t *copied, struct sym_err *err)
{
	enum { PIECE = 256 << 10 };
	char *piece = malloc(PIECE);
	enum sym_status status = SYM_OK;

	if (!piece)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (*copied < size && status == SYM_OK) {
		size_t want = (size_t)min_u64(size - *copied, PIECE), got = 0;

		status = os_read_at(from, offset + *copied, piece, want, &got, err);
		if (status != SYM_OK || got == 0)
			break;
		status = os_write(to, piece, got, err);
		*copied += got;
	}
	free(piece);
	return status;
}

enum sym_status os_copy(os_file from, uint64_t offset, uint64_t size, os_file to, uint64_t *copied,
			struct sym_err *err)
{
	/* copy_file_range shares blocks itself where the file system can (XFS, btrfs, NFS 4.2). */
	enum { AT_ONCE = 1 << 30 };

	*copied = 0;
	while (*copied < size) {
		off_t at = (off_t)(offset + *copied);
		ssize_t n = copy_file_range(from, &at, to, NULL, (size_t)min_u64(size - *copied, AT_ONCE), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
			return refused(err, "cannot write");
		if (n <= 0) /* the two cannot do it, or the source ended (some file systems say so for /proc too) */
			return copy_by_hand(from, offset, size, to, copied, err);
		*copied += (uint64_t)n;
	}
	return SYM_OK;
}

enum sym_status os_publish(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err)
{
	int from_fd = fd_of(from_dir), to_fd = fd_of(to_dir);

	if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
		return SYM_OK;
	if (errno != EINVAL && errno != ENOSYS)
		return refused(err, "cannot give the file its name");
	/* NFS and some others: a link refuses to replace everywhere. */
	if (linkat(from_fd, from, to_fd, to, 0) < 0)
		return refused(err, "cannot give the file its name");
	if (unlinkat(from_fd, from, 0) < 0)
		return refused(err, "cannot remove the staged name");
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
	if (errno == EMLINK || errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS)
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
	int fd = openat(fd_of(at), name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
	enum sym_status status = SYM_OK;

	if (fd < 0)
		return refused(err, "cannot touch the file");
	if (futimens(fd, NULL) < 0)
		status = refused(err, "cannot touch the file");
	close(fd);
	return status;
}

/* ------------------------------------------------------ locks and flush -- */

enum sym_status os_dir_lock(struct os_dir *dir, bool wait, struct sym_err *err)
{
	while (flock(dir->fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EWOULDBLOCK)
			return err_set(err, SYM_EXISTS, "somebody else holds the lock");
		return err_sys(err, SYM_UNSUPPORTED, errno, "cannot lock the folder");
	}
	return SYM_OK;
}

enum sym_status os_sync_all(struct os_dir *dir, struct sym_err *err)
{
	if (syncfs(dir->fd) < 0)
		return refused(err, "cannot flush to the disk");
	return SYM_OK;
}

enum sym_status os_sync_file(os_file file, struct sym_err *err)
{
	if (fsync(file) < 0)
		return refused(err, "cannot flush to the disk");
	return SYM_OK;
}

enum sym_status os_sync_dir(struct os_dir *dir, struct sym_err *err)
{
	/* Some file systems cannot fsync a folder and need not. */
	if (fsync(dir->fd) < 0 && errno != EINVAL && errno != ENOSYS)
		return refused(err, "cannot flush the folder to the disk");
	return SYM_OK;
}

/* -------------------------------------------------------- the machine -- */

char *os_absolute(const char *path)
{
	return realpath(path, NULL);
}

unsigned os_cpu_count(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && (n = CPU_COUNT(&set)) > 0)
		return (unsigned)n;
	return 1;
}

uint64_t os_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t os_time_s(void)
{
	return (int64_t)time(NULL);
}

void os_random(void *to, size_t n)
{
	char *at = to;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0) /* interrupted; the pool is ready since boot */
			continue;
		at += got;
		n -= (size_t)got;
	}
}

bool os_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

unsigned os_terminal_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

unsigned long os_process_id(void)
{
	return (unsigned long)getpid();
}

static void (*stop_call)(int exit_status);

static void on_signal(int number)
{
	stop_call(number == SIGINT ? 130 : 143);
}

void os_on_stop(void (*stop)(int exit_status))
{
	/* SA_RESETHAND: the second signal has its default effect. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	stop_call = stop;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}
