/* SPDX-License-Identifier: MIT
 * A folder for one test: made in the current folder, and removed with all that is in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tests below this line cannot go on when their own set-up fails. */
static inline void must(enum sym_status status, const struct sym_err *err)
{
	if (status == SYM_OK)
		return;
	printf("Bail out! %s\n", err->text);
	exit(99);
}

static inline struct os_dir *scratch_open(char name[32])
{
	struct os_dir *dir;
	struct sym_err err;
	unsigned long long number;

	os_random(&number, sizeof number);
	snprintf(name, 32, "scratch-%016llx", number);
	must(os_mkdirs(name, &err), &err);
	must(os_dir_open(NULL, name, OS_NOFOLLOW, &dir, &err), &err);
	return dir;
}

static inline void scratch_empty(struct os_dir *dir);

static inline enum sym_status scratch_remove(void *ctx, const char *name, enum os_type type)
{
	struct os_dir *dir = ctx, *sub;
	struct sym_err err;

	if (type != OS_DIR)
		return os_unlink(dir, name, &err);
	must(os_dir_open(dir, name, OS_NOFOLLOW, &sub, &err), &err);
	scratch_empty(sub);
	os_dir_close(sub);
	return os_rmdir(dir, name, &err);
}

static inline void scratch_empty(struct os_dir *dir)
{
	struct sym_err err = {.text = "cannot empty the scratch folder"};

	must(os_dir_list(dir, scratch_remove, dir, &err), &err);
}

static inline void scratch_close(struct os_dir *dir, const char *name)
{
	struct sym_err err;

	scratch_empty(dir);
	os_dir_close(dir);
	must(os_rmdir(NULL, name, &err), &err);
}

/* Makes a file that holds `text`. */
static inline void scratch_file(struct os_dir *dir, const char *name, const char *text)
{
	struct sym_err err;
	os_file file;

	must(os_create(dir, name, &file, &err), &err);
	must(os_write(file, text, strlen(text), &err), &err);
	must(os_close(file, &err), &err);
}

/* What a file holds (at most 255 bytes), or NULL where there is none. Valid until the next call. */
static inline const char *scratch_text(struct os_dir *dir, const char *name)
{
	static char text[256];
	struct os_stat st;
	struct sym_err err;
	os_file file;
	size_t got;

	if (os_open(dir, name, OS_NOFOLLOW, &file, &st, &err) != SYM_OK)
		return NULL;
	must(os_read_at(file, 0, text, sizeof text - 1, &got, &err), &err);
	os_close_quietly(file);
	text[got] = '\0';
	return text;
}

#endif
