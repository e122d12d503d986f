/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef OS_LINUX_LINUX_H
#define OS_LINUX_LINUX_H

#include "os/os.h"

#include <fcntl.h>

struct os_dir {
	int fd;
	bool listed; /* the next listing must go back to the start */
};

/* For the *at() calls. */
static inline int fd_of(struct os_dir *at)
{
	return at ? at->fd : AT_FDCWD;
}

/* Opens the folder of the first `len` bytes of `path`, below `at`, through no link; `make`:
 * with the folders that are missing. -1 and errno. */
int walk_nofollow(int at, const char *path, size_t len, bool make);

/* Says that the system refused to do what `what` names, by errno. */
enum sym_status refused(struct sym_err *err, const char *what);

#endif
