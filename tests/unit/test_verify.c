/* SPDX-License-Identifier: MIT
 * Whoever hears of the files of a store hears of one thing at a time, whatever the number of
 * threads: files and progress go to one terminal. */
#include "pipeline/verify/verify.h"

#include "scratch.h"
#include "tap.h"

#include <stdatomic.h>
#include <time.h>

enum { FILES = 400 };

static atomic_uint speaking;
static atomic_bool clash;
static unsigned files, lines;

static void speak(unsigned *count)
{
	static const struct timespec a_while = {.tv_nsec = 500000};

	if (atomic_fetch_add(&speaking, 1) > 0)
		clash = true;
	nanosleep(&a_while, NULL);
	++*count;
	atomic_fetch_sub(&speaking, 1);
}

static void told(void *ctx, const struct verified *v)
{
	(void)ctx;
	(void)v;
	speak(&files);
}

static void progress(void *ctx, const struct run_progress *p)
{
	(void)ctx;
	(void)p;
	speak(&lines);
}

static void fill(struct os_dir *dir)
{
	for (unsigned i = 0; i < FILES; i++) {
		char name[16];
		os_file file;
		struct sym_err err;

		snprintf(name, sizeof name, "%u.txt", i);
		must(os_create(dir, name, &file, &err), &err);
		must(os_close(file, &err), &err);
	}
}

int main(void)
{
	char name[32];
	struct os_dir *dir = scratch_open(name);
	struct source_options all = {0};
	struct verify_options options = {
		.store = name, .select = &all, .workers = 4, .told = told, .progress = progress};
	struct verify_counts counts;
	struct sym_err err;

	fill(dir);
	is_u64(run_verify(&options, &counts, &err), SYM_OK, "a folder of other files is gone through");
	is_u64(files, FILES, "each is told of");
	ok(lines > 0, "and so is how far it is");
	ok(!clash, "one thing at a time");
	scratch_close(dir, name);
	return done();
}
