/* SPDX-License-Identifier: MIT
 * Patterns mean what npm's glob 13 makes of them: what it found for every pattern of
 * tests/glob/patterns.txt, in trees that are built here again, is found here, too.
 * Then what no record can show: errors, limits, where a walk begins and what it skips. */
#include "scratch.h"
#include "tap.h"

#include "base/limits.h"
#include "base/text.h"
#include "source/glob.h"
#include "source/walk.h"

#include <pthread.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MAX = 8192, FOUND_MAX = 512 };

static char *lines[LINES_MAX];
static size_t line_count;

static void forget_lines(void)
{
	for (size_t i = 0; i < line_count; i++)
		free(lines[i]);
	line_count = 0;
}

/* Reads a file of the record; comments (`# ` at the start) and empty lines are left out. */
static void read_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[4096];

	forget_lines();
	while (file && fgets(line, sizeof line, file) && line_count < LINES_MAX) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && strncmp(line, "# ", 2) != 0)
			lines[line_count++] = strdup(line);
	}
	if (file)
		fclose(file);
	ok(line_count > 0, "%s is there", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
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
	struct source_options o = {.patterns = &pattern,
				   .pattern_count = 1,
				   .folders = &folder,
				   .folder_count = 1,
				   .ignore_case = ignore_case};
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

/* ------------------------------------------------------- what it means -- */

static struct sym_err err;

/* Compiles one pattern, which must work and be one glob. */
static struct glob_set compiled(const char *pattern, unsigned flags)
{
	struct glob_set set;

	must(glob_set_init(&set, &pattern, 1, flags, &err), &err);
	return set;
}

/* `path` is relative to the start. */
static void match(const char *pattern, unsigned flags, const char *path, enum glob_answer want)
{
	struct glob_set set = compiled(pattern, flags);
	enum glob_answer got = set.count ? glob_match(set.at[0], path, strlen(path)) : GLOB_NO;
	char shown[64], shown_path[64];

	text_shown(shown, sizeof shown, pattern, strlen(pattern));
	text_shown(shown_path, sizeof shown_path, path, strlen(path));
	ok(got == want, "`%s` %s %s", shown,
	   want == GLOB_YES  ? "matches"
	   : want == GLOB_NO ? "does not match"
			     : "gives up on",
	   shown_path);
	glob_set_release(&set);
}

static void test_own_meaning(void)
{
	match("[[:print:]].pdb", 0, "a.pdb", GLOB_YES);
	match("[[:graph:]]b", 0, ".b", GLOB_NO);
	match("!(!(a))", 0, "a", GLOB_YES);
	match("!(!(a))", 0, "b", GLOB_NO);
	match("x{1..3..0}", 0, "x2", GLOB_YES);
	match("{\\a,b}.*", 0, "a.pdb", GLOB_YES);
	match("*\\.pdb", 0, "a.pdb", GLOB_YES);
	match("*/", 0, "a.pdb", GLOB_NO);
	match("*/", 0, "a/", GLOB_YES);
	match("?.pdb", 0, "\xf0\x9f\x98\x80.pdb", GLOB_YES);
	match("{/a,b}", 0, "a", GLOB_YES);
	match("{,a/}b", 0, "b", GLOB_YES);
	match("@(a|@(b|@(c|@(d|@(e)))))", 0, "e", GLOB_YES);
	match("[!a/]b", 0, "x]b", GLOB_NO);
	match("a\nb", 0, "a\nb", GLOB_YES);
	match("*", 0, "a\n", GLOB_YES);
	match("a", 0, "a\n", GLOB_NO);
}

static void test_links(void)
{
	match("**/*.pdb", 0, "a/b/c.pdb", GLOB_YES);
	match("**/*.pdb", 0, "a/link//c.pdb", GLOB_YES);
	match("**/*.pdb", 0, "a/link//b/c.pdb", GLOB_NO);
	match("**/*.pdb", 0, "link//", GLOB_NO);
	match("**/x/*.pdb", 0, "link//x/c.pdb", GLOB_YES);
	match("a/*/**/*.pdb", 0, "link//b/c.pdb", GLOB_YES);
	match("**", 0, "link//c.pdb", GLOB_NO);
	match("*/*", 0, "a//b", GLOB_YES);
	match("*/*/*", 0, "a//b", GLOB_NO);
}

static void test_flags(void)
{
	match("**/*", 0, ".a/b", GLOB_NO);
	match("**/*", GLOB_DOT, ".a/.b", GLOB_YES);
	match("*", GLOB_DOT, ".b", GLOB_YES);
	match("*.tmp", GLOB_DOT | GLOB_BASE_NAME, "a/.b/c.tmp", GLOB_YES);
	match("tmp/", GLOB_DOT | GLOB_BASE_NAME, "a/tmp/", GLOB_YES);
	match("tmp/", GLOB_DOT | GLOB_BASE_NAME, "a/tmp", GLOB_NO);
	match("a/*.tmp", GLOB_DOT | GLOB_BASE_NAME, "b.tmp", GLOB_YES); /* the start is `a` */
	match("*.{a,b/c}", GLOB_DOT | GLOB_BASE_NAME, "x/y.a", GLOB_YES);
	match("*.{a,b/c}", GLOB_DOT | GLOB_BASE_NAME, "x/y.b/c", GLOB_NO);
	match("STRASSE", GLOB_IGNORE_CASE, "strasse", GLOB_YES);
	match("a/\xc3\x89", GLOB_IGNORE_CASE, "A/\xc3\xa9", GLOB_YES);
}

/* Names are bytes on Linux; what is no UTF-8 matches as node shows it. */
static void test_bytes(void)
{
	match("*.pdb", 0, "caf\xe9.pdb", GLOB_YES);
	match("caf?.pdb", 0, "caf\xe9.pdb", GLOB_YES);
	match("caf[a-z].pdb", 0, "caf\xe9.pdb", GLOB_NO);
	match("\xef\xbf\xbd*", 0, "\xff\xfe", GLOB_YES);
}

/* ------------------------------------------------- where a walk may go -- */

static void start(const char *pattern, unsigned flags, const char *want)
{
	struct glob_set set = compiled(pattern, flags);

	is_str(set.count == 1 ? glob_start(set.at[0]) : NULL, want, "`%s` begins there", pattern);
	glob_set_release(&set);
}

static void test_start(void)
{
	start("*.pdb", 0, "");
	start("build/**/*.pdb", 0, "build");
	start("build/x64/{Debug,Release}/*.pdb", 0, "build/x64");
	start("{build,out}/*.pdb", 0, "");
	start("build/{x,x/y}/*.pdb", 0, "build/x");
	start("build/app.pdb", 0, "build");
	start("build\\[1]/[a]/*.pdb", 0, "build[1]/a");
	start("a/../b/./c//*.pdb", 0, "b/c");
	start("../out/*.pdb", 0, "../out");
	start("../../*.pdb", 0, "../..");
	start("/usr/lib/*.so", 0, "/usr/lib");
	start("/*.so", 0, "/");
	start("/../*.so", 0, "/");
	start("build/*.pdb", GLOB_IGNORE_CASE, "");
	start("../build/*.pdb", GLOB_IGNORE_CASE, "..");
}

static void descend(const char *pattern, const char *folder, bool want)
{
	struct glob_set set = compiled(pattern, 0);
	bool got = glob_may_descend(set.at[0], folder, strlen(folder));

	ok(got == want, "`%s` %s %s", pattern, want ? "can match in" : "never looks into", folder);
	glob_set_release(&set);
}

static void test_descend(void)
{
	descend("*.pdb", "a/", false);
	descend("**/*.pdb", "a/", true);
	descend("**/*.pdb", ".git/", false);
	descend("**/*.pdb", "a/link//", true);
	descend("**/*.pdb", "a/link//b/", false);
	descend("{build,out}/**/*.pdb", "build/x/", true);
	descend("{build,out}/**/*.pdb", "src/", false);
	descend("*/x/*.pdb", "a/", true);
	descend("*/x/*.pdb", "a/x/", true);
	descend("*/x/*.pdb", "a/y/", false);
	descend("*/x/*.pdb", "a/x/y/", false);
	descend("!(src)/*.pdb", "src/", false);
	descend("[ab]*/**", "a1/b/", true);
	descend("[ab]*/**", "c1/", false);
}

static void test_anchors(void)
{
	static const char *const patterns[] = {"**/*.pdb",    "../a/*.pdb", "/a/*.pdb",
					       "../../*.pdb", "../b/*.pdb", "build/*.exe"};
	struct glob_set set;

	must(glob_set_init(&set, patterns, ARRAY_LEN(patterns), 0, &err), &err);
	is_u64(set.count, 4, "six patterns begin in four places");
	is_str(glob_start(set.at[0]), "", "here");
	is_str(glob_start(set.at[1]), "/a", "in a folder of the root");
	is_str(glob_start(set.at[2]), "..", "above, where two share no folder");
	is_str(glob_start(set.at[3]), "../..", "and above that");
	glob_set_release(&set);
}

static void test_whole(void)
{
	static const char *const patterns[] = {"release/*", "/a/*", "../b"};
	static const struct {
		const char *path;
		enum glob_answer want;
	} rows[] = {{"release/1", GLOB_YES}, {"1", GLOB_NO}, {"/a/1", GLOB_YES}, {"//a/1", GLOB_YES}, {"a/1", GLOB_NO},
		    {"../b", GLOB_YES}, {"..b", GLOB_NO}, {"b", GLOB_NO}, {"", GLOB_NO}};
	struct glob_set set;

	must(glob_set_init(&set, patterns, ARRAY_LEN(patterns), GLOB_WHOLE, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_u64(glob_set_match(&set, rows[i].path, strlen(rows[i].path)), rows[i].want,
		       "of a set, `%s` as a whole", rows[i].path);
	glob_set_release(&set);
}

/* ----------------------------------------------------- what is refused -- */

static void refuse(const char *pattern, const char *want)
{
	struct glob_set set;
	enum sym_status status = glob_set_init(&set, &pattern, 1, 0, &err);

	if (ok(status == SYM_USAGE, "`%.40s` is refused", pattern))
		is_str(err.text, want, "and that is why");
	if (status == SYM_OK)
		glob_set_release(&set);
}

/* What is too much for PCRE2 alone is found when all are compiled together. */
static void test_too_complicated(void)
{
	char deep[8 + 3 * 300] = "*/";
	const char *const patterns[] = {"*.exe", deep, "*.pdb"};
	struct glob_set set;

	for (size_t i = 0; i < 300; i++)
		memcpy(deep + 2 + 3 * i, "?b/", 4);
	ok(glob_set_init(&set, patterns, ARRAY_LEN(patterns), 0, &err) == SYM_USAGE, "300 folders are too many");
	ok(strncmp(err.text, "pattern `*/?b/?b/", 17) == 0 && strstr(err.text, "`: it is too complicated"),
	   "and of three patterns that one is named");
}

static void test_refused(void)
{
	char *longest = malloc(GLOB_PATTERN_BYTES_MAX + 2);

	refuse("", "pattern ``: it is empty");
	refuse("a/**/../b", "pattern `a/**/../b`: `..` cannot stand behind `**`");
	refuse("[z-a].pdb", "pattern `[z-a].pdb`: nothing can match its class [z-a]");
	refuse("[a-[:digit:]]",
	       "pattern `[a-[:digit:]]`: nothing can match its class [a-[:digit:]]");
	refuse("{1..20000}", "pattern `{1..20000}`: its braces stand for more than 10000 patterns");
	refuse("{a,b}{1..100}{1..100}",
	       "pattern `{a,b}{1..100}{1..100}`: its braces stand for more than 10000 patterns");
	refuse("\xff*", "pattern `\xff*`: it is not UTF-8");
	refuse("{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{a,b},c}",
	       "pattern `{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{a,b},c}`: its braces are nested too "
	       "deeply");
	if (longest) {
		memset(longest, 'a', GLOB_PATTERN_BYTES_MAX + 1);
		longest[GLOB_PATTERN_BYTES_MAX + 1] = '\0';
		ok(glob_set_init(&(struct glob_set){0}, (const char *const *)&longest, 1, 0,
				 &err) == SYM_USAGE,
		   "a pattern beyond the ceiling is refused");
	}
	free(longest);
}

/* --------------------------------------------------------------- limits -- */

static void test_limits(void)
{
	char name[256];

	memset(name, 'a', 255);
	name[255] = '\0';
	match("*a*a*a*a*a*a*a*a*a*a*a*a*[bc]", 0, name, GLOB_LIMIT);
	match("**/*a*a*a/x.pdb", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaa/y.pdb", GLOB_NO);
	match("{0001..9999}.pdb", 0, "7777.pdb", GLOB_YES);
	match("{0001..9999}.pdb", 0, "0000.pdb", GLOB_NO);
}

static void test_deep_path(void)
{
	enum { DEPTH = 20000 };
	struct glob_set set = compiled("**/x/**/*.pdb", 0);
	char *path = malloc(2 * DEPTH + 8);

	if (path) {
		for (int i = 0; i < DEPTH; i++)
			memcpy(path + 2 * i, i == DEPTH / 2 ? "x/" : "d/", 2);
		memcpy(path + 2 * DEPTH, "y.pdb", 6);
		ok(glob_match(set.at[0], path, 2 * DEPTH + 5) == GLOB_YES,
		   "a path of 20000 folders matches: the JIT's stack is not the end");
	}
	free(path);
	glob_set_release(&set);
}

static void *match_often(void *ctx)
{
	const struct glob_set *set = ctx;
	size_t hits = 0;

	for (int i = 0; i < 2000; i++)
		hits += glob_match(set->at[0], "a/b/c.pdb", 9) == GLOB_YES;
	return hits == 2000 ? ctx : NULL;
}

static void test_threads(void)
{
	struct glob_set set = compiled("**/*.{pdb,exe}", 0);
	pthread_t threads[4];
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		good = good && pthread_create(&threads[i], NULL, match_often, &set) == 0;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *answer = NULL;

		pthread_join(threads[i], &answer);
		good = good && answer;
	}
	ok(good, "four threads share one glob");
	glob_set_release(&set);
}

int main(int argc, char **argv)
{
	char name[32];
	struct os_dir *dir;

	if (argc != 3) {
		fprintf(stderr, "usage: test_glob TREES EXPECTED\n");
		return 2;
	}
	test_own_meaning();
	test_links();
	test_flags();
	test_bytes();
	test_start();
	test_descend();
	test_anchors();
	test_whole();
	test_refused();
	test_too_complicated();
	test_limits();
	test_deep_path();
	test_threads();

	dir = scratch_open(name);
	read_lines(argv[1]);
	if (chdir(name) != 0)
		return 99;
	ok(make_trees(), "the trees can be built");
	if (chdir("..") != 0)
		return 99;
	read_lines(argv[2]);
	if (chdir(name) != 0)
		return 99;
	test_record();
	forget_lines();
	forget();
	if (chdir("..") != 0)
		return 99;
	scratch_close(dir, name);
	return done();
}
