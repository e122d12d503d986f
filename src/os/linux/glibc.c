/* SPDX-License-Identifier: MIT
 * What glibc has beyond other C libraries, since 2.34. */
#include "os/linux/linux.h"

#include <malloc.h>
#include <unistd.h>

void close_from(int first)
{
	closefrom(first);
}

int spawn_closes_from(posix_spawn_file_actions_t *actions, int first)
{
	return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

void os_keep_memory(size_t bytes)
{
	mallopt(M_MMAP_THRESHOLD, (int)bytes);
	mallopt(M_TRIM_THRESHOLD, (int)(2 * bytes));
}
