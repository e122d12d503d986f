/* SPDX-License-Identifier: MIT */
#include "floor.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void die(const char *what)
{
	perror(what);
	exit(1);
}

static int is_symbol_file(const char *name)
{
	static const char *const ends[] = {".pdb", ".dll", ".exe", ".elf", ".sym", ".dylib"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof ends / sizeof ends[0]; i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return 1;
	return 0;
}

size_t walk(const char *folder, int all, each_fn *each)
{
	char *roots[] = {(char *)folder, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	size_t count = 0;

	if (!tree)
		die(folder);
	while ((entry = fts_read(tree))) {
		if (entry->fts_info != FTS_F && entry->fts_info != FTS_NSOK)
			continue;
		if (!all && !is_symbol_file(entry->fts_name))
			continue;
		each(entry->fts_path, entry->fts_name);
		count++;
	}
	fts_close(tree);
	return count;
}
