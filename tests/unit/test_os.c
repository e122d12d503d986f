/* SPDX-License-Identifier: MIT
 * What os.h promises on every system. Links, signals and whatever else only one
 * system has are in test_os_SYSTEM.c. */
#include "os/os.h"

#include "base/err.h"

#include "scratch.h"
#include "tap.h"

#include <unistd.h>

static struct os_dir *dir; /* the scratch folder */
static char dir_name[32];
static struct sym_err err;

/* --------------------------------------------------------------- folders -- */

struct seen {
	unsigned files, folders, others;
	char last[64];
	enum sym_status answer;
};

static enum sym_status see(void *ctx, const char *name, enum os_type type)
{
	struct seen *seen = ctx;
	struct os_stat st;

	if (type == OS_UNKNOWN) { /* the file system does not tell */
		must(os_stat(dir, name, OS_NOFOLLOW, &st, &err), &err);
		type = st.type;
	}
	seen->files += type == OS_FILE;
	seen->folders += type == OS_DIR;
	seen->others += type != OS_FILE && type != OS_DIR;
	snprintf(seen->last, sizeof seen->last, "%s", name);
	return seen->answer;
}

static void folders(void)
{
	struct os_stat first, second;
	struct os_dir *a, *b;

	is_u64(os_dir_make(dir, "one/two/three", &a, &err), SYM_OK,
	       "three levels of folders are made");
	is_u64(os_dir_make(dir, "one/two/three", &b, &err), SYM_OK,
	       "and opened where they are there");
	must(os_dir_stat(a, &first, &err), &err);
	must(os_dir_stat(b, &second, &err), &err);
	ok(first.inode == second.inode && first.device == second.device && first.type == OS_DIR,
	   "it is the same folder");
	os_dir_close(b);
	is_u64(os_dir_open(dir, "one/two/three", OS_NOFOLLOW, &b, &err), SYM_OK,
	       "and can be opened");
	os_dir_close(b);
	is_u64(os_dir_open(dir, ".", OS_NOFOLLOW, &b, &err), SYM_OK, "a folder opens itself as .");
	os_dir_close(b);
	is_u64(os_dir_open(dir, "one/nothing", OS_NOFOLLOW, &b, &err), SYM_NOT_FOUND,
	       "a folder that is not there");
	is_u64(os_dir_open(dir, "one/nothing", OS_FOLLOW, &b, &err), SYM_NOT_FOUND,
	       "nor by following links");
	scratch_file(a, "file", "x");
	is_u64(os_dir_make(dir, "one/two/three/file/four", &b, &err), SYM_REFUSED,
	       "a file stands where a folder belongs");
	ok(os_dir_open(a, "file", OS_NOFOLLOW, &b, &err) != SYM_OK, "a file is no folder");
	is_u64(os_rmdir(dir, "one", &err), SYM_EXISTS,
	       "a folder that holds something is not removed");
	must(os_unlink(a, "file", &err), &err);
	ok(!os_dir_make_new(dir, "one/two/three"), "folders that are there are not new");
	is_u64(os_rmdir(a, "four", &err), SYM_NOT_FOUND, "nor was one made below them");
	os_dir_close(a);
	is_u64(os_rmdir(dir, "one/two/three", &err), SYM_OK, "an empty one is");
	is_u64(os_rmdir(dir, "one/two/three", &err), SYM_NOT_FOUND, "once");
	os_dir_close(NULL);
	ok(true, "closing no folder is fine");
}

static void listing(void)
{
	struct seen seen = {0}, again = {0}, stopped = {.answer = SYM_CANCELLED};
	struct os_dir *sub;
	char name[32];

	must(os_dir_make(dir, "list", &sub, &err), &err);
	os_dir_close(dir);
	dir = sub; /* `see` looks here */
	is_u64(os_dir_list(dir, see, &seen, &err), SYM_OK, "an empty folder is listed");
	ok(seen.files + seen.folders + seen.others == 0, "and . and .. are left out");
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "a-file-with-a-name-%u", i);
		scratch_file(dir, name, "");
	}
	must(os_dir_make(dir, "folder", &sub, &err), &err);
	os_dir_close(sub);
	is_u64(os_dir_list(dir, see, &seen, &err), SYM_OK, "a large one too");
	ok(seen.files == 1000 && seen.folders == 1 && seen.others == 0,
	   "each entry once, with its type");
	is_u64(os_dir_list(dir, see, &again, &err), SYM_OK, "and a second time");
	ok(again.files == 1000, "from the start");
	is_u64(os_dir_list(dir, see, &stopped, &err), SYM_CANCELLED,
	       "the callback's status ends the list");
	is_u64(stopped.files + stopped.folders, 1, "at once");
	os_dir_close(dir);
	must(os_dir_open(NULL, dir_name, OS_NOFOLLOW, &dir, &err), &err);
}

static void paths_of_the_user(void)
{
	char path[64], file[64], below[96];
	struct os_stat st;
	os_file fd;

	snprintf(path, sizeof path, "%s/user/a/b", dir_name);
	is_u64(os_mkdirs(path, &err), SYM_OK, "a path from the current folder is made");
	is_u64(os_mkdirs(path, &err), SYM_OK, "and is fine when it is there");
	snprintf(path, sizeof path, "%s/user//a/b/", dir_name);
	is_u64(os_mkdirs(path, &err), SYM_OK, "doubled slashes and one at the end do no harm");
	is_u64(os_stat(dir, "user/a/b", OS_NOFOLLOW, &st, &err), SYM_OK,
	       "it stands where it should");
	is_u64(st.type, OS_DIR, "as a folder");
	snprintf(file, sizeof file, "%s/user/a/file", dir_name);
	is_u64(os_create(NULL, file, &fd, &err), SYM_OK, "a file by its path");
	os_close_quietly(fd);
	is_u64(os_stat(NULL, file, OS_FOLLOW, &st, &err), SYM_OK, "is found by it");
	snprintf(below, sizeof below, "%s/x", file);
	ok(os_mkdirs(below, &err) != SYM_OK, "no folder is made below a file");
	ok(os_stat(NULL, "", OS_FOLLOW, &st, &err) != SYM_OK, "an empty path names nothing");
}

/* ----------------------------------------------------------------- files -- */

static void files(void)
{
	struct os_stat st;
	os_file file = OS_NO_FILE;
	char bytes[16];
	size_t got;

	is_u64(os_create(dir, "f", &file, &err), SYM_OK, "a new file");
	is_u64(os_write(file, "hello ", 6, &err), SYM_OK, "is written");
	is_u64(os_write(file, "world", 5, &err), SYM_OK, "one write after the other");
	is_u64(os_close(file, &err), SYM_OK, "and closed");
	is_u64(os_create(dir, "f", &file, &err), SYM_EXISTS, "it is not created twice");

	is_u64(os_open(dir, "f", OS_NOFOLLOW, &file, &st, &err), SYM_OK, "it can be read");
	ok(st.type == OS_FILE && st.size == 11 && st.links == 1, "its state is told");
	is_u64(os_read_at(file, 6, bytes, sizeof bytes, &got, &err), SYM_OK, "at an offset");
	ok(got == 5 && memcmp(bytes, "world", 5) == 0, "up to its end");
	is_u64(os_read_at(file, 0, bytes, 5, &got, &err), SYM_OK, "and back at the start");
	ok(got == 5 && memcmp(bytes, "hello", 5) == 0, "in any order");
	is_u64(os_read_at(file, 11, bytes, 5, &got, &err), SYM_OK, "the end");
	is_u64(got, 0, "has nothing");
	is_u64(os_read_at(file, UINT64_C(1) << 40, bytes, 5, &got, &err), SYM_OK, "far behind it");
	is_u64(got, 0, "neither");
	os_close_quietly(file);
	os_close_quietly(OS_NO_FILE);

	is_u64(os_open(dir, "nothing", OS_NOFOLLOW, &file, &st, &err), SYM_NOT_FOUND,
	       "a file that is not there");
	ok(err.sys != 0 && err.text[0], "the error says why");
	is_u64(os_open(dir, "nothing/f", OS_FOLLOW, &file, &st, &err), SYM_NOT_FOUND,
	       "nor its folder");
	is_u64(os_open(dir, ".", OS_NOFOLLOW, &file, &st, &err), SYM_REFUSED,
	       "a folder is not a file");
	is_u64(os_open(dir, "one/two", OS_NOFOLLOW, &file, &st, &err), SYM_REFUSED,
	       "wherever it is");
	is_u64(os_stat(dir, "nothing", OS_FOLLOW, &st, &err), SYM_NOT_FOUND, "nothing to look at");
	is_u64(os_unlink(dir, "f", &err), SYM_OK, "it is removed");
	is_u64(os_unlink(dir, "f", &err), SYM_NOT_FOUND, "once");
}

static void names(void)
{
	static const char *const kept[] = {
		"Foo Bar.pdb", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80.dll", "...", "[x]{y}~;%'#",
		".hidden",
	};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		scratch_file(dir, kept[i], kept[i]);
		is_str(scratch_text(dir, kept[i]), kept[i], "a file named %s", kept[i]);
		is_u64(os_unlink(dir, kept[i], &err), SYM_OK, "is removed");
	}
}

static void long_paths(void)
{
	char part[101], path[620];
	struct os_dir *deep;
	struct os_stat st;
	size_t used;

	memset(part, 'p', 100);
	part[100] = '\0';
	used = (size_t)snprintf(path, sizeof path, "%s", dir_name);
	for (int i = 0; i < 5; i++)
		used += (size_t)snprintf(path + used, sizeof path - used, "/%s", part);
	is_u64(os_mkdirs(path, &err), SYM_OK, "a path of over 500 bytes");
	is_u64(os_dir_open(NULL, path, OS_NOFOLLOW, &deep, &err), SYM_OK, "is opened");
	scratch_file(deep, "file", "deep down");
	is_str(scratch_text(deep, "file"), "deep down", "and holds a file");
	os_dir_close(deep);
	snprintf(path + used, sizeof path - used, "/file");
	is_u64(os_stat(NULL, path, OS_NOFOLLOW, &st, &err), SYM_OK, "which is found by its path");
}

/* --------------------------------------------------------- copy, publish -- */

static void copy_case(const char *name, uint64_t offset, uint64_t size, const char *want)
{
	struct os_stat st;
	os_file from, to;
	uint64_t copied = 99;

	must(os_open(dir, "source", OS_NOFOLLOW, &from, &st, &err), &err);
	must(os_create(dir, name, &to, &err), &err);
	is_u64(os_copy(from, offset, size, to, &copied, &err), SYM_OK, "copy %s", name);
	is_u64(copied, strlen(want), "copy %s: so many bytes", name);
	must(os_close(to, &err), &err);
	os_close_quietly(from);
	is_str(scratch_text(dir, name), want, "copy %s: these bytes", name);
}

static void copies(void)
{
	scratch_file(dir, "source", "0123456789");
	copy_case("whole", 0, 10, "0123456789");
	copy_case("slice", 3, 4, "3456");
	copy_case("nothing", 3, 0, "");
	copy_case("source ends early", 6, 100, "6789");
	copy_case("behind the source", 20, 5, "");
}

/* Bytes around 4 GiB in a file that is mostly a hole. */
static void four_gigabytes(void)
{
	static const uint64_t around = (UINT64_C(4) << 30) - 4;
	char bytes[9] = "";
	struct os_stat st;
	os_file big, slice;
	uint64_t copied;
	size_t got;

	must(os_create(dir, "big", &big, &err), &err);
	is_u64(os_cut(big, around, &err), SYM_OK, "a hole of 4 GiB less 4 bytes");
	is_u64(os_write(big, "ABCDEFGH", 8, &err), SYM_OK, "bytes across the line");
	must(os_close(big, &err), &err);
	is_u64(os_open(dir, "big", OS_NOFOLLOW, &big, &st, &err), SYM_OK, "opened");
	is_u64(st.size, around + 8, "its size has more than 32 bits");
	is_u64(os_read_at(big, around + 2, bytes, 4, &got, &err), SYM_OK, "read across the line");
	is_str(bytes, "CDEF", "the right bytes");
	must(os_create(dir, "big slice", &slice, &err), &err);
	is_u64(os_copy(big, around, 8, slice, &copied, &err), SYM_OK, "a slice of it is copied");
	must(os_close(slice, &err), &err);
	os_close_quietly(big);
	is_str(scratch_text(dir, "big slice"), "ABCDEFGH", "the right one");
	must(os_unlink(dir, "big", &err), &err);
}

static void publishing(void)
{
	struct os_dir *to;

	must(os_dir_make(dir, "store/key", &to, &err), &err);
	scratch_file(dir, "staged", "first");
	is_u64(os_publish(dir, "staged", to, "final", &err), SYM_OK, "a file gets its final name");
	is_str(scratch_text(to, "final"), "first", "and is there");
	ok(!scratch_text(dir, "staged"), "and no longer under the old one");
	scratch_file(dir, "staged", "second");
	is_u64(os_publish(dir, "staged", to, "final", &err), SYM_EXISTS,
	       "nothing is replaced by publishing");
	is_str(scratch_text(to, "final"), "first", "what stood there stays");
	is_str(scratch_text(dir, "staged"), "second", "and so does the staged file");
	is_u64(os_replace(dir, "staged", to, "final", &err), SYM_OK,
	       "replacing is a call of its own");
	is_str(scratch_text(to, "final"), "second", "which does it");
	ok(!scratch_text(dir, "staged"), "in one step");
	is_u64(os_publish(dir, "staged", to, "other", &err), SYM_NOT_FOUND,
	       "there is nothing to publish");
	os_dir_close(to);
}

static void second_names(void)
{
	struct os_stat one, two;

	scratch_file(dir, "name", "x");
	is_u64(os_link(dir, "name", dir, "second name", &err), SYM_OK, "a second name");
	must(os_stat(dir, "name", OS_NOFOLLOW, &one, &err), &err);
	must(os_stat(dir, "second name", OS_NOFOLLOW, &two, &err), &err);
	ok(one.inode == two.inode && one.device == two.device && one.links == 2,
	   "for the same file");
	scratch_file(dir, "third", "y");
	is_u64(os_link(dir, "name", dir, "third", &err), SYM_EXISTS, "replaces nothing");
	is_str(scratch_text(dir, "third"), "y", "what stood there stays");
	is_u64(os_link(dir, "not there", dir, "fourth", &err), SYM_NOT_FOUND, "a name for nothing");
}

static void touching(void)
{
	struct os_stat before, after;

	is_u64(os_touch(dir, "pingme", &err), SYM_OK, "touch makes a file");
	must(os_stat(dir, "pingme", OS_NOFOLLOW, &before, &err), &err);
	is_u64(before.size, 0, "an empty one");
	ok(before.mtime_ns / 1000000000 >= os_time_s() - 60, "of now");
	must(os_unlink(dir, "pingme", &err), &err);
	scratch_file(dir, "pingme", "text");
	must(os_stat(dir, "pingme", OS_NOFOLLOW, &before, &err), &err);
	usleep(30000);
	is_u64(os_touch(dir, "pingme", &err), SYM_OK, "touch again");
	must(os_stat(dir, "pingme", OS_NOFOLLOW, &after, &err), &err);
	ok(after.mtime_ns > before.mtime_ns, "makes it younger");
	is_str(scratch_text(dir, "pingme"), "text", "and leaves what it holds");
}

/* -------------------------------------------------------- locks and flush -- */

static void locks(void)
{
	struct os_dir *mine, *theirs;

	must(os_dir_make(dir, "locked", &mine, &err), &err);
	must(os_dir_open(dir, "locked", OS_NOFOLLOW, &theirs, &err), &err);
	is_u64(os_dir_lock(mine, false, &err), SYM_OK, "a folder is locked");
	is_u64(os_dir_lock(theirs, false, &err), SYM_EXISTS, "and then not by somebody else");
	scratch_file(theirs, "file", "x");
	is_str(scratch_text(mine, "file"), "x", "who can still work in it");
	must(os_unlink(mine, "file", &err), &err);
	is_u64(os_rmdir(dir, "locked", &err), SYM_OK, "its owner can remove it");
	os_dir_close(theirs);
	os_dir_close(mine);

	must(os_dir_make(dir, "locked", &mine, &err), &err);
	must(os_dir_open(dir, "locked", OS_NOFOLLOW, &theirs, &err), &err);
	must(os_dir_lock(mine, true, &err), &err);
	os_dir_close(mine);
	is_u64(os_dir_lock(theirs, true, &err), SYM_OK, "the lock goes with the handle");
	os_dir_close(theirs);
	ok(os_rmdir(dir, "locked", &err) == SYM_OK, "and leaves nothing behind");

	must(os_dir_make(dir, "claimed", &mine, &err), &err);
	must(os_dir_open(dir, "claimed", OS_NOFOLLOW, &theirs, &err), &err);
	is_u64(os_dir_claim(mine, &err), SYM_OK, "a folder is claimed");
	is_u64(os_dir_claim(theirs, &err), SYM_EXISTS, "and then not by somebody else");
	os_dir_disclaim(mine);
	ok(os_rmdir(dir, "claimed", &err) == SYM_OK, "it can be removed once it is disclaimed");
	os_dir_close(theirs);
	os_dir_close(mine);
}

static void flushing(void)
{
	enum sym_status all = os_sync_all(dir, NULL, &err);
	os_file file;

	is_u64(all, os_syncs_all() ? SYM_OK : SYM_UNSUPPORTED, "the file system is flushed, where one may");
	is_u64(os_sync_dir(dir, &err), SYM_OK, "the folder");
	must(os_create(dir, "flushed", &file, &err), &err);
	must(os_write(file, "x", 1, &err), &err);
	is_u64(os_sync_file(file, &err), SYM_OK, "the file");
	must(os_close(file, &err), &err);
}

/* ------------------------------------------------------------ the machine -- */

static void machine(void)
{
	uint64_t start = os_now_ms();
	uint8_t one[16] = {0}, two[16] = {0};

	ok(os_cpu_count() >= 1, "a processor");
	ok(os_handle_limit() >= 32, "files may be opened");
	for (int i = 0; i < 1000 && os_now_ms() < start + 15; i++)
		usleep(10000); /* wine's clock ticks late where the machine is busy */
	ok(os_now_ms() >= start + 15 && os_now_ms() < start + 60000, "time passes, in milliseconds");
	ok(os_time_s() > INT64_C(1700000000), "it is later than 2023");
	ok(os_time_ns() / 1000000000 - os_time_s() <= 1 && os_time_s() - os_time_ns() / 1000000000 <= 1,
	   "in nanoseconds, too");
	os_random(one, sizeof one);
	os_random(two, sizeof two);
	ok(memcmp(one, two, sizeof one) != 0, "two random numbers differ");
	ok(os_terminal_columns(1) >= 1, "a terminal has columns");
	ok(os_process_id() != 0, "a process has a number");
}

/* ------------------------------------------------------- without a name -- */

static void calendar(void)
{
	struct tm tm;

	ok(os_utc(951827696, &tm) && tm.tm_year == 100 && tm.tm_mon == 1 && tm.tm_mday == 29 && tm.tm_hour == 12 &&
	   tm.tm_min == 34 && tm.tm_sec == 56, "a leap day in UTC");
	is_u64((uint64_t)os_time_of_utc(&tm), 951827696, "and back");
	tm.tm_mon = 2;
	tm.tm_mday = 0;
	is_u64((uint64_t)os_time_of_utc(&tm), 951827696, "the day before March 1");
	ok(os_utc(-1, &tm) && tm.tm_year == 69 && tm.tm_mon == 11 && tm.tm_mday == 31 && tm.tm_hour == 23 &&
	   tm.tm_min == 59 && tm.tm_sec == 59 && tm.tm_wday == 3, "the second before 1970");
	ok(os_local_time(951827696, &tm) && tm.tm_year == 100, "the same here");
}

static void spools(void)
{
	char text[8] = "";
	size_t got = 0;
	os_file file;

	if (!ok(os_spool(&file, &err) == SYM_OK, "a temporary file without a name can be made"))
		return;
	ok(os_write(file, "abcdef", 6, &err) == SYM_OK, "it can be written");
	ok(os_read_at(file, 2, text, 3, &got, &err) == SYM_OK && got == 3, "and read");
	is_str(text, "cde", "with the bytes that were written");
	ok(os_write(file, "gh", 2, &err) == SYM_OK, "after that it can be written");
	ok(os_read_at(file, 5, text, 3, &got, &err) == SYM_OK && got == 3, "and read again");
	is_str(text, "fgh", "and what came last stands at the end");
	ok(os_close(file, &err) == SYM_OK, "and closed");
}

static void commands(void)
{
	struct buf out = BUF_MAX(64), little = BUF_MAX(4);

	ok(os_command("echo hello", 60, &out, &err) == SYM_OK && strncmp(out.data, "hello", 5) == 0,
	   "a command's output is read");
	ok(os_command("exit 3", 60, &out, &err) == SYM_IO, "a command that fails is told");
	is_str(err.text, "it ended with status 3", "with its status");
	ok(os_command("no-such-program-here", 60, &out, &err) == SYM_IO, "one that is not there, too");
	ok(os_command("echo much too much", 60, &little, &err) == SYM_TOO_BIG, "output has its limit");
	ok(os_command("sleep 5 || ping -n 5 127.0.0.1", 1, &out, &err) == SYM_IO,
	   "what takes too long is ended");
	is_str(err.text, "it did not end within 1 seconds", "and told");
	buf_release(&out);
	buf_release(&little);
}

/* ------------------------------------------------------- other programs -- */

static const char *self; /* the path of this program */

/* This program as one that os_run runs: what argv[1] says. */
static int act(int argc, char **argv)
{
	if (strcmp(argv[1], "say") == 0)
		for (int i = 2; i < argc; i++)
			printf("[%s]", argv[i]);
	if (strcmp(argv[1], "read") == 0)
		printf("%d", getchar());
	if (strcmp(argv[1], "fail") == 0) {
		for (int i = 0; i < 1000; i++)
			fprintf(stderr, "line %d\n", i);
		return 3;
	}
	if (strcmp(argv[1], "sleep") == 0)
		sleep(60);
	while (strcmp(argv[1], "flood") == 0)
		fwrite(argv[0], 1, 1, stdout);
	return 0;
}

static enum sym_status take_little(void *ctx, const void *bytes, size_t n, struct sym_err *e)
{
	struct buf *out = ctx;

	buf_add(out, bytes, n);
	return out->failed ? err_set(e, SYM_TOO_BIG, "enough") : SYM_OK;
}

static bool stop_now(void)
{
	return true;
}

static enum sym_status run_self(const char *const *args, struct os_run run, struct buf *out)
{
	const char *argv[8] = {self};

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	run.argv = argv;
	run.output = take_little;
	run.ctx = out;
	run.timeout_s = run.timeout_s ? run.timeout_s : 60;
	buf_clear(out);
	return os_run(&run, &err);
}

#define RUN(out, run, ...) run_self((const char *const[]){__VA_ARGS__, NULL}, (struct os_run)run, out)

static void runs(void)
{
	struct buf out = BUF_MAX(4096), said = BUF_MAX(16);
	const char *missing = "./no-such-program";

	is_u64(RUN(&out, {0}, "say", "a b", "", "q\"uo\\te\\", "*", "$x %x%"), SYM_OK, "a program is run");
	is_str(out.data, "[a b][][q\"uo\\te\\][*][$x %x%]", "with its arguments as they are, by no shell");
	is_u64(RUN(&out, {0}, "read"), SYM_OK, "it has a standard input");
	is_str(out.data, "-1", "with nothing in it");
	is_u64(RUN(&out, {.messages = &said}, "fail"), SYM_IO, "one that fails is told");
	is_str(err.text, "it ended with status 3", "with its status");
	ok(said.size == 16 && strstr(said.data, "line 999"), "and with its last words");
	is_u64(RUN(&out, {.timeout_s = 1}, "sleep"), SYM_IO, "what takes too long is ended");
	is_str(err.text, "it did not end within 1 seconds", "and that is said");
	is_u64(RUN(&out, {.timeout_s = 50}, "flood"), SYM_TOO_BIG, "whoever takes the output can end it");
	is_str(err.text, "enough", "with a reason");
	is_u64(RUN(&out, {.stop = stop_now}, "sleep"), SYM_CANCELLED, "and the user can");
	self = missing;
	is_u64(RUN(&out, {0}, "say"), SYM_IO, "a program that is not there");
	ok(strstr(err.text, missing), "is named");
	buf_release(&out);
	buf_release(&said);
}

static void programs(const char *own)
{
	char *path = os_find_program(own);

	ok(path, "a program is found by its path");
	free(path);
	path = os_find_program("no-such-program-here");
	ok(!path, "one that is nowhere is not found");
	free(path);
	scratch_file(dir, "no-program", "text");
	ok(!os_find_program("./no-such-folder/no-program"), "nor below a folder that is not there");
}

static void absolute_paths(void)
{
	char *here = os_absolute("."), *below = os_absolute(dir_name), *text;
	struct os_stat st, same;
	size_t len = here ? strlen(here) : 0;

	ok(here && (here[0] == '/' || here[1] == ':'), "the current folder has an absolute path");
	ok(below && len > 0 && strncmp(below, here, len) == 0 && strstr(below, dir_name),
	   "and what lies in it one below");
	ok(below && os_stat(NULL, below, OS_NOFOLLOW, &st, &err) == SYM_OK &&
		   os_stat(NULL, dir_name, OS_NOFOLLOW, &same, &err) == SYM_OK && st.inode == same.inode &&
		   st.type == OS_DIR,
	   "which leads to the same folder");
	text = os_absolute("no-such-folder-here");
	ok(!text, "what is not there has none");
	free(below);
	free(here);
}

static void cuts(void)
{
	os_file file;

	must(os_create(dir, "cut", &file, &err), &err);
	must(os_write(file, "abcdef", 6, &err), &err);
	is_u64(os_cut(file, 2, &err), SYM_OK, "what was written is cut");
	must(os_write(file, "x", 1, &err), &err);
	must(os_close(file, &err), &err);
	is_str(scratch_text(dir, "cut"), "abx", "and writing goes on there");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return act(argc, argv);
	self = argv[0];
	dir = scratch_open(dir_name);
	cuts();
	runs();
	programs(argv[0]);
	absolute_paths();
	folders();
	listing();
	paths_of_the_user();
	files();
	names();
	long_paths();
	copies();
	spools();
	four_gigabytes();
	publishing();
	second_names();
	touching();
	locks();
	flushing();
	machine();
	calendar();
	commands();
	scratch_close(dir, dir_name);
	return done();
}
