/* SPDX-License-Identifier: MIT
 * usage: floor-read FOLDER STORE
 *
 * The floor of a run that finds everything present: reads the symbol files of a folder and
 * all files of its store, and compares nothing. */
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void read_all(const char *path, const char *name)
{
	static char piece[128 << 10];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	(void)name;
	if (file < 0)
		die(path);
	while ((n = read(file, piece, sizeof piece)) > 0)
		;
	if (n < 0)
		die(path);
	close(file);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	printf("%zu files\n", walk(argv[1], 0, read_all) + walk(argv[2], 1, read_all));
	return 0;
}
