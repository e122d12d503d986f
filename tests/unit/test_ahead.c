/* SPDX-License-Identifier: MIT
 * Walks with threads that read ahead say what walks without them say: one tree with everything
 * that a walk can meet, and a log of all that each walk said of it. */
#include "scratch.h"
#include "tap.h"

#include "base/buf.h"
#include "base/err.h"
#include "source/walk.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WIDE = 3000, /* files, whose paths are more than is kept of a walk ahead */
	DEEP = 50,   /* folders, more than a walk holds open, and many more than one ahead does */
	TURNS = 5,   /* for threads are never twice the same */
};

static struct sym_err err;
static struct source_counts counts;

/* ------------------------------------------------------------- the log -- */

static struct buf said = BUF_MAX(8u << 20);
static uint64_t stop_at;     /* cancels when so many were found; 0: never */
static const char *vanishes; /* a folder that is removed when the first file is found, or NULL */

static enum sym_status on_found(void *ctx, const struct source_file *file, struct sym_err *why)
{
	(void)ctx;
	buf_printf(&said, "%s%s%s", file->by_hand ? "hand " : "", file->by_pattern ? "" : "- ",
		   file->path);
	buf_printf(&said, " in %s\n", file->bundle ? file->bundle : "-");
	if (vanishes)
		rmdir(vanishes);
	return counts.found == stop_at ? err_set(why, SYM_CANCELLED, "enough") : SYM_OK;
}

static void on_warn(void *ctx, const struct source_file *at, const struct sym_err *why)
{
	(void)ctx;
	buf_printf(&said, "%swarn %s in %s: %s\n", at->by_hand ? "hand " : "", at->path,
		   at->bundle ? at->bundle : "-", why->text);
}

static void on_left_out(void *ctx, const char *path)
{
	(void)ctx;
	buf_printf(&said, "left out %s\n", path);
}

static const struct source_sink sink = {NULL, on_found, on_warn, on_left_out};

/* ------------------------------------------------------------ the tree -- */

/* Makes a file with the folders on its way; a path that ends in `/` is a folder. */
TAP_FORMAT(1, 2) static void make(const char *format, ...)
{
	char path[512], *slash;
	va_list args;
	FILE *file;

	va_start(args, format);
	vsnprintf(path, sizeof path, format, args);
	va_end(args);
	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	if (path[strlen(path) - 1] == '/')
		return;
	file = fopen(path, "w");
	if (!file || fclose(file) != 0)
		printf("Bail out! cannot make %s\n", path);
}

/* A hundred and some folders with nothing special, of which those that need a place take some. */
static void make_plain(void)
{
	for (int a = 0; a < 12; a++)
		for (int m = 0; m < 10; m++) {
			make("big/a%02d/m%d/x.pdb", a, m);
			make("big/a%02d/m%d/x.obj", a, m);
			for (int p = 0; p < 5; p++)
				make("big/a%02d/m%d/p%d/%s", a, m, p, p % 3 ? "" : "y.pdb");
		}
}

static void make_special(void)
{
	struct buf deep = BUF_MAX(4096);

	for (int i = 0; i < WIDE; i++)
		make("big/a09/wide/a-name-that-takes-some-memory-%04d.pdb", i);
	for (int i = 0; i < 200; i++)
		make("big/a09/wide/%03d/f.pdb", i);
	buf_add_text(&deep, "big/a08/deep/");
	for (int i = 0; i < DEEP; i++) {
		buf_add_text(&deep, "d/");
		make("%sf.pdb", deep.data);
		make("%se/f.pdb", deep.data);
	}
	buf_release(&deep);
	make("big/a05/m1/in.app/f.pdb");
	make("big/a05/m1/in.app/sub/in.framework/f.pdb");
	make("big/a05/m3/empty.dSYM/");
	make("big/a05/whole.dSYM/Contents/Resources/DWARF/f");
	make("big/a07/m5/no/f.pdb");
	mkfifo("big/a06/m4/pipe.pdb", 0777);
	if (symlink("nothing", "big/a03/gone.pdb") != 0 || symlink("../..", "big/a04/m2/up") != 0 ||
	    symlink("../../a01/m1", "big/a04/m3/over") != 0 ||
	    symlink("x.pdb", "big/a04/m4/same.pdb") != 0)
		printf("Bail out! cannot make links\n");
	chmod("big/a07/m5/no", 0);
}

/* ----------------------------------------------------------- the walks -- */

static enum sym_status walk(const struct source_options *o, unsigned threads)
{
	struct source_options now = *o;

	now.ahead = threads;
	buf_clear(&said);
	buf_add_text(&said, "");
	return source_find(&now, &sink, &counts, &err);
}

/* Walks alone, and then with each number of threads. */
static void same(const struct source_options *o, enum sym_status want, const char *what)
{
	enum sym_status status = walk(o, 0);
	struct source_counts alone = counts;
	char *log = strdup(said.data);

	ok(status == want && log, "%s: alone", what);
	for (unsigned threads = 1; log && threads <= 4; threads *= 2) {
		bool good = true;

		for (int turn = 0; turn < TURNS && good; turn++) {
			good = walk(o, threads) == want && strcmp(log, said.data) == 0 &&
			       (want != SYM_OK || (counts.seen == alone.seen &&
						   counts.folders == alone.folders)) &&
			       counts.found == alone.found;
		}
		ok(good, "%s: the same with %u threads", what, threads);
	}
	free(log);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__})
#define PATTERNS(...) .patterns = LIST(__VA_ARGS__), .pattern_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define FOLDERS(...) .folders = LIST(__VA_ARGS__), .folder_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define EXCLUDES(...) .excludes = LIST(__VA_ARGS__), .exclude_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define SAME(what, ...) same(&(struct source_options){__VA_ARGS__}, SYM_OK, what)

static void test_same(void)
{
	static const struct source_named named[] = {{SOURCE_PATH, "big/a05"}, {SOURCE_PATH, "big"}};
	struct source_folder targets[2];
	struct os_stat st;

	must(os_stat(NULL, "big/a10/m1", OS_FOLLOW, &st, &err), &err);
	targets[0] = (struct source_folder){st.device, st.inode};
	must(os_stat(NULL, "big/a01/m1/p1", OS_FOLLOW, &st, &err), &err);
	targets[1] = (struct source_folder){st.device, st.inode};

	SAME("a pattern", PATTERNS("**/*.pdb"));
	ok(strstr(said.data, "warn big/a03/gone.pdb") && strstr(said.data, "warn big/a06/m4/pipe.pdb"),
	   "which meets files that cannot be used");
	SAME("a pattern that nothing matches", PATTERNS("**/*.nothing"));
	SAME("a pattern of folders that go through", PATTERNS("big/*/m[3-5]/**/*"));
	SAME("what is named, twice", .named = named, .named_count = 2);
	ok(strstr(said.data, "x.pdb in big/a05") == NULL && strstr(said.data, "f.pdb in big/a05/m1/in.app") &&
		   strstr(said.data, "warn big/a05/m3/empty.dSYM"),
	   "which meets bundles");
	SAME("folders within each other", PATTERNS("**/*.pdb"), FOLDERS("big/a04", "big", "big/a09/wide"));
	SAME("excludes", PATTERNS("**/*"), EXCLUDES("m7/", "*.obj", "big/a09/wide/1*/"));
	SAME("folders that the run writes to", PATTERNS("**/*.pdb"), FOLDERS("big", "big/a10"),
	     .targets = targets, .target_count = 2);
	SAME("a store", PATTERNS("**/*"), .store = true);
}

static void test_few_handles(void)
{
	struct rlimit few = {128, 0}, was;

	if (getrlimit(RLIMIT_NOFILE, &was) != 0)
		return;
	few.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	SAME("128 files open at once", PATTERNS("**/*"));
	setrlimit(RLIMIT_NOFILE, &was);
}

static void test_early_end(void)
{
	static const uint64_t after[] = {1, 40, 400, 2000};

	for (size_t i = 0; i < ARRAY_LEN(after); i++) {
		stop_at = after[i];
		same(&(struct source_options){PATTERNS("**/*.pdb")}, SYM_CANCELLED,
		     "the caller stops the walk");
		is_u64(counts.found, after[i], "at once");
	}
	stop_at = 0;
}

/* Whether the walk had been there is not told. */
static void test_vanishes(void)
{
	uint64_t all;

	ok(walk(&(struct source_options){PATTERNS("**/*.pdb")}, 0) == SYM_OK, "a walk");
	all = counts.found;
	vanishes = "big/a11/m9/p4";
	for (unsigned threads = 0; threads <= 2; threads++) {
		mkdir(vanishes, 0777);
		ok(walk(&(struct source_options){PATTERNS("**/*.pdb")}, threads) == SYM_OK,
		   "a folder vanishes before its turn, with %u threads", threads);
		is_u64(counts.found, all, "nothing else is lost");
	}
	vanishes = NULL;
}

int main(void)
{
	char name[32];
	struct os_dir *dir = scratch_open(name);

	if (chdir(name) != 0)
		return 99;
	make_plain();
	make_special();
	if (geteuid() == 0 && seteuid(65534) != 0)
		printf("# root may read any folder\n");
	test_same();
	test_few_handles();
	test_early_end();
	if (seteuid(getuid()) != 0)
		return 99;
	test_vanishes();
	chmod("big/a07/m5/no", 0777);
	buf_release(&said);
	if (chdir("..") != 0)
		return 99;
	scratch_close(dir, name);
	return done();
}
