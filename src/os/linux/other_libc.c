/* SPDX-License-Identifier: MIT
 * The same without what glibc has beyond other C libraries, such as musl. */
#include "os/linux/linux.h"

#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Kernels before 5.9 do not know close_range, and those before 5.11 not its flag. */
static void each_from(int first, unsigned flag, void (*one)(int fd))
{
	if (syscall(SYS_close_range, (unsigned)first, ~0u, flag) == 0)
		return;
	for (unsigned fd = (unsigned)first; fd < os_handle_limit(); fd++)
		one((int)fd);
}

static void close_one(int fd)
{
	close(fd);
}

static void close_one_on_exec(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void close_from(int first)
{
	each_from(first, 0, close_one);
}

/* No file action does that: here, in the process that spawns. No other program of ours needs them. */
int spawn_closes_from(posix_spawn_file_actions_t *actions, int first)
{
	(void)actions;
	each_from(first, CLOSE_RANGE_CLOEXEC, close_one_on_exec);
	return 0;
}

void os_keep_memory(size_t bytes)
{
	(void)bytes;
}
