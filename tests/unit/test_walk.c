/* SPDX-License-Identifier: MIT
 * What is found, in which order, and what is said of what cannot be: each case builds a
 * tree, walks it, and holds a log of everything the walk said against the one wanted. */
#include "scratch.h"
#include "tap.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "source/walk.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sym_err err;
static struct buf said = BUF_MAX(8u << 20);
static struct source_counts counts;

/* ------------------------------------------------------------- the log -- */

static enum sym_status on_found(void *ctx, const struct source_file *file, struct sym_err *why)
{
	(void)ctx;
	(void)why;
	buf_printf(&said, "%s%s%s", file->by_hand ? "hand " : "", file->by_pattern ? "" : "- ",
		   file->path);
	if (file->bundle)
		buf_printf(&said, " in %s", file->bundle);
	buf_add_char(&said, '\n');
	return SYM_OK;
}

static void on_warn(void *ctx, const struct source_file *at, const struct sym_err *why)
{
	(void)ctx;
	buf_printf(&said, "%swarn %s: %s\n", at->by_hand ? "hand " : "", at->path, why->text);
}

static void on_left_out(void *ctx, const char *path)
{
	(void)ctx;
	buf_printf(&said, "left out %s\n", path);
}

static const struct source_sink sink = {NULL, on_found, on_warn, on_left_out};

/* Runs, and compares the log. */
static void finds(const struct source_options *o, const char *want, const char *what)
{
	enum sym_status status;

	buf_clear(&said);
	buf_add_text(&said, "");
	status = source_find(o, &sink, &counts, &err);
	ok(status == SYM_OK, "%s: no error", what);
	is_str(said.data, want, "%s", what);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__})
#define PATTERNS(...) .patterns = LIST(__VA_ARGS__), .pattern_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define FOLDERS(...) .folders = LIST(__VA_ARGS__), .folder_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define EXCLUDES(...) .excludes = LIST(__VA_ARGS__), .exclude_count = ARRAY_LEN(LIST(__VA_ARGS__))
#define NAMED(...)                                                                                 \
	.named = (const struct source_named[]){__VA_ARGS__},                                       \
	.named_count = ARRAY_LEN(((const struct source_named[]){__VA_ARGS__}))
#define FIND(want, what, ...) finds(&(struct source_options){__VA_ARGS__}, want, what)

/* ----------------------------------------------------------- the trees -- */

/* Makes the file `path` with the folders on its way; a path that ends in `/` is a folder. */
static void make(const char *path, const char *text)
{
	char copy[512];
	FILE *file;

	snprintf(copy, sizeof copy, "%s", path);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0777);
		*slash = '/';
	}
	if (copy[strlen(copy) - 1] == '/')
		return;
	file = fopen(copy, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		printf("Bail out! cannot make %s\n", path);
}

static void make_all(const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		make(paths[i], "");
}

#define MAKE(...) make_all(LIST(__VA_ARGS__), ARRAY_LEN(LIST(__VA_ARGS__)))

static void make_link(const char *target, const char *path)
{
	if (symlink(target, path) != 0)
		printf("Bail out! cannot link %s\n", path);
}

/* ------------------------------------------------------ order and names -- */

static void test_order(void)
{
	MAKE("order/b.pdb", "order/a/z.pdb", "order/a.pdb", "order/a/b/c.pdb", "order/B.pdb",
	     "order/c/d.pdb", "order/a.d/x.pdb", "order/a/A.pdb");
	FIND("order/B.pdb\norder/a.pdb\norder/b.pdb\n"
	     "order/a/A.pdb\norder/a/z.pdb\norder/a/b/c.pdb\norder/a.d/x.pdb\norder/c/d.pdb\n",
	     "a folder's files come before its folders, both in byte order", PATTERNS("**/*.pdb"),
	     FOLDERS("order"));
	is_u64(counts.found, 8, "all are counted");
	is_u64(counts.folders, 5, "and so are the folders");
	FIND("hand - order/b.pdb\nhand - order/a.pdb\norder/B.pdb\norder/c/d.pdb\n",
	     "what is named by hand comes first, as given, and once",
	     NAMED({SOURCE_PATH, "order/b.pdb"}, {SOURCE_PATH, "order/a.pdb"},
		   {SOURCE_PATH, "./order/../order/b.pdb"}),
	     PATTERNS("*.pdb", "c/*"), FOLDERS("order"));
	FIND("order/B.pdb\norder/a.pdb\norder/b.pdb\norder/c/d.pdb\n",
	     "folders that overlap name each file once", PATTERNS("*.pdb"),
	     FOLDERS("order", "order/c", "./order//", "order/a/.."));
	FIND("- order/a/A.pdb\n- order/a/z.pdb\n- order/a/b/c.pdb\n",
	     "a folder named by hand is everything in it", NAMED({SOURCE_PATH, "order/a/"}));
	FIND("", "no match is no error", PATTERNS("*.nope"), FOLDERS("order"));
	is_u64(counts.found, 0, "and counts as none");
	FIND("", "nor is a pattern that names folders which are not there",
	     PATTERNS("nope/*.pdb", "a.pdb/*.pdb"), FOLDERS("order"));
	FIND("order/c/../a.pdb\n", "a pattern may lead upwards", PATTERNS("../a.pdb"),
	     FOLDERS("order/c"));
}

static void test_here(void)
{
	if (chdir("order") != 0)
		return;
	FIND("B.pdb\na.pdb\nb.pdb\n", "paths in the current folder are bare", PATTERNS("*.pdb"));
	FIND("- c/d.pdb\n", "and below a named one", NAMED({SOURCE_PATH, "c"}));
	FIND("- B.pdb\n- a.pdb\n- b.pdb\n- a/A.pdb\n- a/z.pdb\n- a/b/c.pdb\n- a.d/x.pdb\n- "
	     "c/d.pdb\n",
	     "also where that is the current one", NAMED({SOURCE_PATH, "."}));
	FIND("B.pdb\na.pdb\nb.pdb\n", "-d \"\" is the current folder, not the root",
	     PATTERNS("*.pdb"), FOLDERS(""));
	if (chdir("..") != 0)
		printf("Bail out! lost\n");
}

static void test_literal_folder(void)
{
	MAKE("b[1]/x.pdb", "b1/y.pdb", "back\\slash/z.pdb", "*/s.pdb");
	FIND("b[1]/x.pdb\n", "-d is text: brackets", PATTERNS("*.pdb"), FOLDERS("b[1]"));
	FIND("back\\slash/z.pdb\n", "a backslash", PATTERNS("*.pdb"), FOLDERS("back\\slash"));
	FIND("*/s.pdb\n", "a star", PATTERNS("*.pdb"), FOLDERS("*"));
	FIND("hand warn nope: cannot look at it: No such file or directory\nb1/y.pdb\n",
	     "a folder that is not there is said, and the next is searched", PATTERNS("*.pdb"),
	     FOLDERS("nope", "b1"));
	FIND("hand warn b1/y.pdb: it is not a folder\n", "so is a file", PATTERNS("*.pdb"),
	     FOLDERS("b1/y.pdb"));
}

static void test_dots(void)
{
	MAKE("dots/.a.pdb", "dots/.git/b.pdb", "dots/c.pdb");
	FIND("dots/c.pdb\n", "patterns leave hidden files alone", PATTERNS("**/*"),
	     FOLDERS("dots"));
	FIND("- dots/.a.pdb\n- dots/c.pdb\n- dots/.git/b.pdb\n", "a named folder is all of it",
	     NAMED({SOURCE_PATH, "dots"}));
}

/* ------------------------------------------------------ lists, excludes -- */

static void test_lists(void)
{
	MAKE("lists/a.pdb", "lists/b c.pdb", "lists/d/e.pdb", "lists/n\nl.pdb");
	make("list.txt", "lists/a.pdb\nlists/b c.pdb\r\n\nlists/d\nlists/nope\nlists/a.pdb");
	FIND("hand - lists/a.pdb\nhand - lists/b c.pdb\n- lists/d/e.pdb\n"
	     "hand warn lists/nope: cannot look at it: No such file or directory\n",
	     "a list holds files and folders, one on a line, as any system writes lines",
	     NAMED({SOURCE_LIST, "list.txt"}));
	{
		FILE *file = fopen("list0.txt", "w");

		if (file && fwrite("lists/n\nl.pdb\0lists/a.pdb\0", 1, 26, file) == 26)
			fclose(file);
	}
	FIND("hand - lists/n\nl.pdb\nhand - lists/a.pdb\n",
	     "with NUL, a line break is part of a name", NAMED({SOURCE_LIST, "list0.txt"}),
	     .nul_lists = true);
	ok(source_find(&(struct source_options){NAMED({SOURCE_LIST, "list0.txt"})}, &sink, &counts,
		       &err) == SYM_USAGE,
	   "without, a NUL is an error: all names but the first would be lost");
	is_str(err.text, "the list list0.txt holds a NUL; names that end in NUL want -0",
	       "which says what to do");
	FIND("hand - lists/d/e.pdb\nhand - lists/a.pdb\nhand - lists/b c.pdb\n"
	     "hand warn lists/nope: cannot look at it: No such file or directory\n",
	     "lists stand in their place among names",
	     NAMED({SOURCE_PATH, "lists/d/e.pdb"}, {SOURCE_LIST, "list.txt"}));
	ok(source_find(&(struct source_options){NAMED({SOURCE_LIST, "nope.txt"})}, &sink, &counts,
		       &err) == SYM_NOT_FOUND,
	   "a list that is not there is an error");
	is_str(err.text, "cannot open the list nope.txt: No such file or directory",
	       "with its name");
}

static void test_long_line(void)
{
	char *line = malloc(3 * SOURCE_PATH_BYTES_MAX);

	if (!line)
		return;
	memset(line, 'x', 3 * SOURCE_PATH_BYTES_MAX);
	memcpy(line + 2 * SOURCE_PATH_BYTES_MAX, "\nlists/a.pdb\n", 14);
	make("long.txt", line);
	buf_clear(&said);
	ok(source_find(&(struct source_options){NAMED({SOURCE_LIST, "long.txt"})}, &sink, &counts,
		       &err) == SYM_OK &&
		   strstr(said.data, "a path in the list is longer than 4095 bytes\n"),
	   "a line that can be no path is said");
	ok(strstr(said.data, "hand - lists/a.pdb\n") != NULL, "and the next is taken");
	free(line);
}

static void test_excludes(void)
{
	MAKE("ex/a.pdb", "ex/vc140.pdb", "ex/tmp/b.pdb", "ex/sub/tmp/c.pdb", "ex/sub/vc141.pdb",
	     "ex/sub/d.pdb", "ex/sub/.tmp.pdb");
	FIND("ex/a.pdb\nex/sub/d.pdb\n", "without a slash: any name on the way",
	     PATTERNS("**/*.pdb"), FOLDERS("ex"), EXCLUDES("vc*.pdb", "tmp"));
	FIND("ex/a.pdb\nex/vc140.pdb\nex/sub/d.pdb\nex/sub/vc141.pdb\nex/sub/tmp/c.pdb\n",
	     "with one: the path from -d", PATTERNS("**/*.pdb"), FOLDERS("ex"), EXCLUDES("tmp/**"));
	FIND("ex/a.pdb\nex/vc140.pdb\nex/tmp/b.pdb\n", "a slash at the end: folders",
	     PATTERNS("**/*.pdb"), FOLDERS("ex"), EXCLUDES("sub/", "a.pdb/"));
	FIND("- ex/sub/d.pdb\n", "hidden files, too", NAMED({SOURCE_PATH, "ex/sub"}),
	     EXCLUDES("*tmp*", "vc*"));
	FIND("hand - ex/a.pdb\n", "and what was named by hand",
	     NAMED({SOURCE_PATH, "ex/a.pdb"}, {SOURCE_PATH, "./ex/vc140.pdb"}), EXCLUDES("vc*"));
	FIND("ex/sub/d.pdb\n", "also where the pattern begins further in", PATTERNS("sub/*.pdb"),
	     FOLDERS("ex"), EXCLUDES("sub/vc*"));
	FIND("ex/a.pdb\n", "in any letter case, if asked", PATTERNS("*.PDB"), FOLDERS("ex"),
	     EXCLUDES("VC*"), .ignore_case = true);
}

/* Whatever was to be kept out is: what cannot be told of a name counts as yes, and is said. */
static void test_slow_exclude(void)
{
#define SLOW "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	MAKE("slow/" SLOW ".pdb", "slow/b.pdb", "slow/" SLOW "xb/c.pdb");
	FIND("warn slow/" SLOW ".pdb: the exclude `+(a|aa|aaa)b` takes too long on this name; it is left out\n"
	     "slow/b.pdb\n", "a file that an exclude gave up on is left out, with a word",
	     PATTERNS("*.pdb"), FOLDERS("slow"), EXCLUDES("vc*", "+(a|aa|aaa)b", "tmp"));
	FIND("warn slow/" SLOW "xb/: the exclude `+(a|aa|aaa)b` takes too long on this name; it is left out\n",
	     "so is a folder", PATTERNS("*/c.pdb"), FOLDERS("slow"), EXCLUDES("+(a|aa|aaa)b"));
	FIND("warn slow/" SLOW ".pdb: the exclude `+(a|aa|aaa)b` takes too long on this name; it is left out\n",
	     "and what was named by hand", NAMED({SOURCE_PATH, "slow/" SLOW ".pdb"}), EXCLUDES("+(a|aa|aaa)b"));
	MAKE("long/" SLOW ".pdb", "long/b.pdb");
	FIND("warn long/" SLOW ".pdb: the pattern `+(a|aa|aaa)b` takes too long on this name; it is left out\n"
	     "long/b.pdb\n", "of several patterns the one that gave up is named",
	     PATTERNS("b*", "+(a|aa|aaa)b", "*c"), FOLDERS("long"));
	FIND("warn long/" SLOW ".pdb: the pattern `long/+(a|aa|aaa)b` takes too long on this name; it is left out\n"
	     "long/b.pdb\n", "also below a folder that all of them share",
	     PATTERNS("long/b*", "long/+(a|aa|aaa)b"));
}

/* ------------------------------------------------------- odd entries -- */

static void test_links(void)
{
	MAKE("links/real/r.pdb", "links/real/sub/s.pdb", "links/a/own.pdb", "links/deep/x/y.pdb");
	make_link("../real", "links/a/link");
	make_link("../real/r.pdb", "links/a/file.pdb");
	make_link("nowhere", "links/a/gone.pdb");
	make_link("self.pdb", "links/a/self.pdb");
	make_link("nowhere", "links/a/gone.txt");
	make_link("..", "links/deep/up");
	make_link(".", "links/deep/x/here");
	FIND("links/a/file.pdb\n"
	     "warn links/a/gone.pdb: the link leads nowhere: cannot look at it: No such file or "
	     "directory\n"
	     "links/a/own.pdb\n"
	     "warn links/a/self.pdb: the link leads nowhere: cannot look at it: Too many levels of "
	     "symbolic links\n"
	     "links/a/link/r.pdb\nlinks/deep/x/y.pdb\nlinks/real/r.pdb\nlinks/real/sub/s.pdb\n",
	     "links lead to files and one folder on, never round, and what is broken is named",
	     PATTERNS("**/*.pdb"), FOLDERS("links"));
	FIND("links/a/link/r.pdb\nlinks/a/link/sub/s.pdb\n",
	     "a link named in the pattern is a folder", PATTERNS("a/link/**/*.pdb"),
	     FOLDERS("links"));
	FIND("links/a/link/r.pdb\nlinks/a/link/sub/s.pdb\n", "so it is in -d", PATTERNS("**/*.pdb"),
	     FOLDERS("links/a/link"));
}

static void test_devices(void)
{
	MAKE("odd/a.pdb");
	if (mkfifo("odd/fifo.pdb", 0666) != 0)
		printf("Bail out! no FIFO\n");
	FIND("odd/a.pdb\nwarn odd/fifo.pdb: it is not a regular file\n",
	     "a FIFO that matches is named", PATTERNS("*.pdb"), FOLDERS("odd"));
	FIND("odd/a.pdb\n", "one that does not is nobody's business", PATTERNS("a*"),
	     FOLDERS("odd"));
	FIND("hand warn odd/fifo.pdb: it is not a regular file\n"
	     "hand warn /dev/null: it is not a regular file\n",
	     "and so it is by hand",
	     NAMED({SOURCE_PATH, "odd/fifo.pdb"}, {SOURCE_PATH, "/dev/null"}));
}

static void test_closed_folder(void)
{
	MAKE("closed/a.pdb", "closed/no/b.pdb", "closed/z/c.pdb");
	chmod("closed/no", 0);
	if (geteuid() == 0 && seteuid(65534) != 0) {
		skip("the user cannot be changed");
		return;
	}
	if (access("closed/z", R_OK) == 0)
		FIND("closed/a.pdb\nwarn closed/no: cannot open the folder: Permission "
		     "denied\nclosed/z/c.pdb\n",
		     "a folder that cannot be read is named, and the walk goes on",
		     PATTERNS("**/*.pdb"), FOLDERS("closed"));
	else
		skip("the scratch folder is closed to others");
	if (seteuid(getuid()) != 0)
		printf("Bail out! lost the user\n");
	chmod("closed/no", 0777);
}

static void test_targets(void)
{
	struct source_folder target;
	struct os_stat st;

	MAKE("own/a.pdb", "own/store/b.pdb", "own/z/c.pdb");
	make_link("../store", "own/z/link");
	must(os_stat(NULL, "own/store", OS_FOLLOW, &st, &err), &err);
	target = (struct source_folder){st.device, st.inode};
	FIND("own/a.pdb\nleft out own/store\nown/z/c.pdb\n",
	     "a target of the run is not searched, by whatever way, and that is said once",
	     PATTERNS("**/*.pdb"), FOLDERS("own"), .targets = &target, .target_count = 1);
	FIND("left out own/store\n", "nor where it is named", NAMED({SOURCE_PATH, "own/store"}),
	     .targets = &target, .target_count = 1);
}

/* --------------------------------------------------------------- bundles -- */

static void test_dsym(void)
{
	MAKE("mac/app.dSYM/Contents/Info.plist", "mac/app.dSYM/Contents/Resources/DWARF/app",
	     "mac/app.dSYM/Contents/Resources/DWARF/helper", "mac/empty.dSYM/Contents/",
	     "mac/app.pdb");
	FIND("- mac/app.dSYM/Contents/Resources/DWARF/app in mac/app.dSYM\n"
	     "- mac/app.dSYM/Contents/Resources/DWARF/helper in mac/app.dSYM\n"
	     "warn mac/empty.dSYM: there is no file in its Contents/Resources/DWARF\n",
	     "a pattern that matches a .dSYM means its DWARF files", PATTERNS("*.dSYM"),
	     FOLDERS("mac"));
	FIND("mac/app.pdb\n- mac/app.dSYM/Contents/Resources/DWARF/app in mac/app.dSYM\n"
	     "- mac/app.dSYM/Contents/Resources/DWARF/helper in mac/app.dSYM\n",
	     "once, also where it matches the files", PATTERNS("**/*"), FOLDERS("mac"),
	     EXCLUDES("empty*"));
	FIND("mac/app.dSYM/Contents/Resources/DWARF/app\n", "a file inside is a file",
	     PATTERNS("*.dSYM/**/app"), FOLDERS("mac"));
	FIND("- mac/app.dSYM/Contents/Resources/DWARF/app in mac/app.dSYM\n"
	     "- mac/app.dSYM/Contents/Resources/DWARF/helper in mac/app.dSYM\n"
	     "hand warn mac/empty.dSYM: there is no file in its Contents/Resources/DWARF\n",
	     "by hand, with a slash or not",
	     NAMED({SOURCE_PATH, "mac/app.dSYM/"}, {SOURCE_PATH, "mac/empty.dSYM"}));
}

static void test_other_bundles(void)
{
	MAKE("A.xcarchive/Info.plist", "A.xcarchive/dSYMs/a.app.dSYM/Contents/Resources/DWARF/a",
	     "A.xcarchive/dSYMs/readme.txt", "A.xcarchive/Products/Applications/a.app/a",
	     "A.xcarchive/Products/Applications/a.app/Frameworks/F.framework/F",
	     "apps/F.framework/Versions/A/F", "apps/b.app/Contents/MacOS/b", "apps/b.app/.hidden",
	     "apps/none.app/");
	make_link("Versions/Current/F", "apps/F.framework/F");
	make_link("A", "apps/F.framework/Versions/Current");
	FIND("- A.xcarchive/Products/Applications/a.app/a in A.xcarchive\n"
	     "- A.xcarchive/Products/Applications/a.app/Frameworks/F.framework/F in A.xcarchive\n"
	     "- A.xcarchive/dSYMs/a.app.dSYM/Contents/Resources/DWARF/a in A.xcarchive\n",
	     "an archive is its symbols and its products", PATTERNS("*.xcarchive"));
	FIND("- apps/F.framework/Versions/A/F in apps/F.framework\n"
	     "- apps/b.app/.hidden in apps/b.app\n- apps/b.app/Contents/MacOS/b in apps/b.app\n"
	     "warn apps/none.app: the bundle is empty\n",
	     "links inside of a framework lead to what is found anyway", PATTERNS("*"),
	     FOLDERS("apps"));
	MAKE("plugs/a.appex/a", "plugs/b.bundle/Contents/MacOS/b", "plugs/k.kext/k", "plugs/x.xpc/x",
	     "plugs/folder/f");
	FIND("- plugs/a.appex/a in plugs/a.appex\n- plugs/b.bundle/Contents/MacOS/b in plugs/b.bundle\n"
	     "- plugs/k.kext/k in plugs/k.kext\n- plugs/x.xpc/x in plugs/x.xpc\n",
	     "what apps and the kernel load are bundles as well", PATTERNS("plugs/*"));
	FIND("apps/b.app/Contents/MacOS/b\n", "a file in an app is a file", PATTERNS("*.app/**/b"),
	     FOLDERS("apps"));
}

/* -------------------------------------------------------- large and deep -- */

enum { DEPTH = 1100 };

/* d/d/d/…, each with a file before the way down and a folder behind it. */
static void make_deep(void)
{
	for (int i = 0; i < DEPTH; i++) {
		MAKE("f.pdb", "z/g.pdb");
		if (mkdir("d", 0777) != 0 || chdir("d") != 0)
			printf("Bail out! cannot go deeper than %d\n", i);
	}
}

static void unmake_deep(void)
{
	for (int i = 0; i < DEPTH; i++) {
		if (chdir("..") != 0)
			return;
		rmdir("d");
		unlink("f.pdb");
		unlink("z/g.pdb");
		rmdir("z");
	}
}

static size_t lines_with(const char *needle)
{
	size_t n = 0;

	for (const char *at = said.data; (at = strstr(at, needle)); at++)
		n++;
	return n;
}

static void test_deep(void)
{
	struct rlimit few = {64, 0}, was;
	struct source_options o = {PATTERNS("**/*.pdb")};

	MAKE("deep/");
	if (chdir("deep") != 0 || getrlimit(RLIMIT_NOFILE, &was) != 0)
		return;
	make_deep();
	for (int i = 0; i < DEPTH; i++) {
		if (chdir("..") != 0)
			return;
	}
	few.rlim_max = was.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	buf_clear(&said);
	ok(source_find(&o, &sink, &counts, &err) == SYM_OK,
	   "1,100 folders deep, with 64 files open at once");
	setrlimit(RLIMIT_NOFILE, &was);
	is_u64(counts.folders, 2 * DEPTH + 1, "every folder is read, also those on the way back");
	is_u64(counts.found, 2 * DEPTH, "every file is found");
	ok(strstr(said.data, "warn") == NULL, "and nothing is wrong");
	for (int i = 0; i < DEPTH; i++) {
		if (chdir("d") != 0)
			return;
	}
	unmake_deep();
	if (chdir("..") != 0)
		printf("Bail out! lost\n");
}

static void test_too_long(void)
{
	enum { NAME = 200, LEVELS = 25 };
	char name[NAME + 1];
	int made = 0;

	memset(name, 'n', NAME);
	name[NAME] = '\0';
	MAKE("long/");
	if (chdir("long") != 0)
		return;
	for (; made < LEVELS; made++) {
		MAKE("f.pdb");
		if (mkdir(name, 0777) != 0 || chdir(name) != 0)
			break;
	}
	for (int i = 0; i < made; i++) {
		if (chdir("..") != 0)
			return;
	}
	buf_clear(&said);
	ok(source_find(&(struct source_options){PATTERNS("**/*.pdb")}, &sink, &counts, &err) ==
		   SYM_OK,
	   "paths longer than the system opens");
	is_u64(counts.found, 23, "what can be opened is found");
	is_u64(lines_with("f.pdb: the path is longer than the 4095 bytes that can be opened\n"), 4,
	       "and the rest is named");
	for (int i = 0; i < made; i++) {
		if (chdir(name) != 0)
			return;
	}
	for (int i = 0; i < made; i++) {
		if (chdir("..") != 0)
			return;
		rmdir(name);
		unlink("f.pdb");
	}
	if (chdir("..") != 0)
		printf("Bail out! lost\n");
}

/* ------------------------------------------------------------ the caller -- */

static enum sym_status cancel(void *ctx, const struct source_file *file, struct sym_err *why)
{
	unsigned *left = ctx;

	(void)file;
	return --*left > 0 ? SYM_OK : err_set(why, SYM_CANCELLED, "enough");
}

static void test_caller(void)
{
	unsigned left = 3;
	struct source_sink stop = {&left, cancel, on_warn, on_left_out};

	ok(source_find(&(struct source_options){PATTERNS("**/*.pdb"), FOLDERS("order")}, &stop,
		       &counts, &err) == SYM_CANCELLED,
	   "the caller can stop the walk");
	is_u64(counts.found, 3, "at once");
	ok(source_find(&(struct source_options){PATTERNS("*.pdb", "[z-a]")}, &sink, &counts,
		       &err) == SYM_USAGE,
	   "a pattern that is wrong is an error");
	is_str(err.text, "pattern `[z-a]`: nothing can match its class [z-a]", "that names it");
}

int main(void)
{
	char name[32];
	struct os_dir *dir = scratch_open(name);

	if (chdir(name) != 0)
		return 99;
	test_order();
	test_here();
	test_literal_folder();
	test_dots();
	test_lists();
	test_long_line();
	test_excludes();
	test_slow_exclude();
	test_links();
	test_devices();
	test_closed_folder();
	test_targets();
	test_dsym();
	test_other_bundles();
	test_caller();
	test_too_long();
	test_deep();
	buf_release(&said);
	if (chdir("..") != 0)
		return 99;
	scratch_close(dir, name);
	return done();
}
