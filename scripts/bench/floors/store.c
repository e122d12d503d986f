/* SPDX-License-Identifier: MIT
 * usage: floor-store FOLDER STORE
 *
 * The floor of filling a store: walk; for each symbol file one read of 4 KiB (where a
 * key would come from), the two folders of its path, and a copy by the kernel, or through
 * a buffer where the kernel cannot. Nothing is safe, nothing is checked. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int store;
static int kernel_copies = 1;

static void make_folder(const char *path)
{
	if (mkdirat(store, path, 0777) < 0 && errno != EEXIST)
		die(path);
}

/* False where these two file systems cannot. */
static int copy_by_kernel(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)size, 0);

		if (n <= 0)
			return 0;
		size -= n;
	}
	return 1;
}

static void copy_by_hand(int from, int to)
{
	static char piece[256 << 10];
	ssize_t n;

	while ((n = read(from, piece, sizeof piece)) > 0)
		if (write(to, piece, (size_t)n) != n)
			die("write");
	if (n < 0)
		die("read");
}

/* FNV-1a of the first 4 KiB: as good a key as any. */
static uint64_t key_of(int file)
{
	static unsigned char head[4096];
	ssize_t n = pread(file, head, sizeof head, 0);
	uint64_t hash = 0xcbf29ce484222325u;

	for (ssize_t i = 0; i < n; i++)
		hash = (hash ^ head[i]) * 0x100000001b3u;
	return hash;
}

static void put(const char *path, const char *name)
{
	char folder[512], file[1024];
	struct stat st;
	int from = open(path, O_RDONLY | O_CLOEXEC), to;
	uint64_t key;

	if (from < 0 || fstat(from, &st) < 0)
		die(path);
	key = key_of(from);
	make_folder(name);
	snprintf(folder, sizeof folder, "%s/%016llX%016llX1", name, (unsigned long long)key,
		 (unsigned long long)(key * 0x100000001b3u));
	make_folder(folder);
	snprintf(file, sizeof file, "%s/%s", folder, name);
	to = openat(store, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (to < 0)
		die(file);
	kernel_copies = kernel_copies && copy_by_kernel(from, to, st.st_size);
	if (!kernel_copies)
		copy_by_hand(from, to);
	close(to);
	close(from);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (mkdir(argv[2], 0777) < 0 && errno != EEXIST)
		die(argv[2]);
	store = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store < 0)
		die(argv[2]);
	printf("%zu files\n", walk(argv[1], 0, put));
	return 0;
}
