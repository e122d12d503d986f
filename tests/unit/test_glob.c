/* SPDX-License-Identifier: MIT
 * Patterns mean what npm's glob 13 makes of them: what it found for every pattern of
 * tests/glob/patterns.txt, in trees that are built here again, is found here, too.
 * Then what no record can show: errors, limits, where a walk begins and what it skips. */
#include "tap.h"

#include "source/glob.h"
#include "source/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MAX = 800000, FOUND_MAX = 512 };

static char *lines[LINES_MAX];
static size_t line_count;

/* Reads a file of the record; comments (`# ` at the start) and empty lines are left out. */
static void read_lines(const char *folder, const char *name)
{
	char path[4096], line[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "r");
	for (size_t i = 0; i < line_count; i++)
		free(lines[i]);
	line_count = 0;
	while (file && fgets(line, sizeof line, file) && line_count < LINES_MAX) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && strncmp(line, "# ", 2) != 0)
			lines[line_count++] = strdup(line);
	}
	if (file)
		fclose(file);
	ok(line_count > 0, "%s is there", name);
}

/* ---------------------------------------------------------------- trees -- */

static void make_folders(char *path)
{
	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
}

/* Builds the trees in the current folder. */
static bool make_trees(void)
{
	const char *tree = "";
	bool good = true;

	for (size_t i = 0; i < line_count; i++) {
		char path[4096], *arrow;
		FILE *file;

		if (strncmp(lines[i], "tree ", 5) == 0) {
			tree = lines[i] + 5;
			continue;
		}
		snprintf(path, sizeof path, "trees/%s/%s", tree, lines[i] + 2);
		arrow = strstr(path, " -> ");
		if (arrow)
			*arrow = '\0';
		make_folders(path);
		if (lines[i][0] == 'd') {
			good = good && mkdir(path, 0777) == 0;
		} else if (arrow) {
			good = good && symlink(arrow + 4, path) == 0;
		} else {
			file = fopen(path, "w");
			good = good && file && fclose(file) == 0;
		}
	}
	return good;
}

/* -------------------------------------------------------------- finding -- */

static char *found[FOUND_MAX];
static size_t found_count;

static void forget(void)
{
	for (size_t i = 0; i < found_count; i++)
		free(found[i]);
	found_count = 0;
}

/* A bundle counts once, by its own path, as in the record. */
static enum sym_status on_found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	char *path = strdup(file->path);
	const char *ending = ".dsym/";

	(void)ctx;
	(void)err;
	for (char *at = path; *at; at++) {
		if (strncasecmp(at, ending, strlen(ending)) == 0) {
			at[strlen(ending) - 1] = '\0';
			break;
		}
	}
	for (size_t i = 0; i < found_count; i++) {
		if (strcmp(found[i], path) == 0 && file->bundle) {
			free(path);
			return SYM_OK;
		}
	}
	if (found_count == FOUND_MAX)
		return SYM_CANCELLED;
	found[found_count++] = path;
	return SYM_OK;
}

static void on_warn(void *ctx, const struct source_file *at, const struct sym_err *err)
{
	(void)ctx;
	(void)at;
	(void)err;
}

static void on_left_out(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
}

static const struct source_sink sink = {NULL, on_found, on_warn, on_left_out};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Finds, sorts, and drops what stands there twice (a pattern that looks into a bundle). */
static void find(const char *folder, const char *pattern, bool ignore_case)
{
	struct source_options o = {.patterns = &pattern, .pattern_count = 1, .folders = &folder,
				   .folder_count = 1, .ignore_case = ignore_case};
	struct source_counts counts;
	struct sym_err err;
	size_t kept = 0;

	forget();
	if (source_find(&o, &sink, &counts, &err) != SYM_OK) /* npm finds nothing then */
		forget();
	qsort(found, found_count, sizeof *found, compare);
	for (size_t i = 0; i < found_count; i++) {
		if (kept > 0 && strcmp(found[kept - 1], found[i]) == 0)
			free(found[i]);
		else
			found[kept++] = found[i];
	}
	found_count = kept;
}

/* ----------------------------------------------------------- the record -- */

static void print_difference(size_t first, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("#  want: %s\n", lines[first + i] + 1);
	for (size_t i = 0; i < found_count; i++)
		printf("#   got: %s\n", found[i]);
}

static void test_record(void)
{
	const char *tree = "";

	for (size_t i = 0; i < line_count; i++) {
		size_t first = i + 1, count = 0;
		bool same;

		if (strncmp(lines[i], "tree ", 5) == 0) {
			tree = lines[i] + 5;
			continue;
		}
		while (first + count < line_count && lines[first + count][0] == '\t')
			count++;
		if (chdir("trees") != 0 || chdir(tree) != 0)
			break;
		find(".", lines[i] + 2, lines[i][0] == 'i');
		if (chdir("../..") != 0)
			break;
		same = count == found_count;
		for (size_t k = 0; k < count && same; k++)
			same = strcmp(lines[first + k] + 1, found[k]) == 0;
		if (!ok(same, "%s: %s", tree, lines[i]))
			print_difference(first, count);
		i += count;
	}
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/test-glob-XXXXXX";
	char remove[64];

	if (argc != 2 || !mkdtemp(folder)) {
		fprintf(stderr, "usage: test_glob FOLDER-OF-THE-RECORD\n");
		return 2;
	}
	read_lines(argv[1], "trees.txt");
	if (chdir(folder) != 0)
		return 2;
	ok(make_trees(), "the trees can be built");
	if (chdir("/") != 0)
		return 2;
	read_lines(argv[1], "expected.txt");
	if (chdir(folder) != 0)
		return 2;
	test_record();
	forget();
	(void)remove;
	return done();
}
