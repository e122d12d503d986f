/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef OS_LINUX_LINUX_H
#define OS_LINUX_LINUX_H

#include "os/os.h"

#include <fcntl.h>
#include <spawn.h>

struct os_dir {
	int fd;
	int claim;   /* os_dir_claim's file, or -1 */
	bool listed; /* the next listing must go back to the start */
};

/* For the *at() calls. */
static inline int fd_of(struct os_dir *at)
{
	return at ? at->fd : AT_FDCWD;
}

/* Opens the folder that the first `len` bytes of `path` name below `at`, and goes through no link.
 * `make`: makes the folders that are missing. -1 with errno where it cannot. */
int walk_nofollow(int at, const char *path, size_t len, bool make);

void close_keeping_errno(int fd);

/* Fills `err` for a system call that failed: `what` says what could not be done, errno why. */
enum sym_status refused(struct sym_err *err, const char *what);

/* Closes all descriptors from `first` on. Safe behind a fork beside threads. */
void close_from(int first);

/* Sees to it that the process to be spawned gets none from `first` on, but for those that `actions` give
 * it. Answers errno's value. */
int spawn_closes_from(posix_spawn_file_actions_t *actions, int first);

#endif
