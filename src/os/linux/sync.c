/* SPDX-License-Identifier: MIT
 * Flushing to the disk on Linux. */
#include "os/linux/linux.h"

#include "base/err.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 100 }; /* between two looks at `stop` */

bool os_syncs_all(void)
{
	return true;
}

/* All that the other process does: only what is safe behind a fork beside threads. What we hold, such as
 * locks, and what whoever started us reads to its end, it must not keep. */
_Noreturn static void sync_and_end(int fs, int to)
{
	int sys;

	if (dup2(fs, 0) != 0 || dup2(to, 1) != 1)
		_exit(1);
	close_from(2);
	sys = syncfs(0) < 0 ? errno : 0;
	_exit(write(1, &sys, sizeof sys) == sizeof sys ? 0 : 1);
}

/* Waits for what the other process writes; false where `stop` came first. */
static bool await(int from, bool (*stop)(void))
{
	struct pollfd p = {.fd = from, .events = POLLIN};

	while (poll(&p, 1, LOOK_MS) <= 0)
		if (stop())
			return false;
	return true;
}

/* Who waits in syncfs can neither be interrupted nor killed, for as long as a slow disk takes. So another
 * process waits there, which is left behind where `stop` comes first (*sys: ECANCELED). False: it told
 * nothing. */
static bool sync_apart(int fs, bool (*stop)(void), int *sys)
{
	bool told = false;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	child = fork();
	if (child == 0)
		sync_and_end(fs, ends[1]);
	close(ends[1]);
	if (child > 0 && !await(ends[0], stop)) {
		*sys = ECANCELED;
		told = true;
	} else if (child > 0) {
		told = read(ends[0], sys, sizeof *sys) == sizeof *sys;
		waitpid(child, NULL, 0);
	}
	close(ends[0]);
	return told;
}

enum sym_status os_sync_all(struct os_dir *dir, bool (*stop)(void), struct sym_err *err)
{
	int sys = 0;

	if (!stop || !sync_apart(dir->fd, stop, &sys))
		sys = syncfs(dir->fd) < 0 ? errno : 0;
	if (sys == ECANCELED)
		return err_set(err, SYM_CANCELLED, "stopped");
	errno = sys;
	return sys ? refused(err, "cannot flush to the disk") : SYM_OK;
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
