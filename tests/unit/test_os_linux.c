/* SPDX-License-Identifier: MIT
 * What only Linux has: links, FIFOs, umask, signals, a kill. */
#include "os/linux/linux.h"

#include "scratch.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct os_dir *dir; /* the scratch folder, which is the current folder too */
static struct sym_err err;

/* ------------------------------------------------------------------ links -- */

static void links_to_folders(void)
{
	struct os_dir *sub;
	struct os_stat st;

	must(os_dir_make(dir, "real/below", &sub, &err), &err);
	os_dir_close(sub);
	ok(symlink("real", "link") == 0, "a link to a folder");
	is_u64(os_dir_open(dir, "link", OS_NOFOLLOW, &sub, &err), SYM_REFUSED, "is not opened");
	is_u64(os_dir_open(dir, "link/below", OS_NOFOLLOW, &sub, &err), SYM_REFUSED,
	       "nor gone through");
	is_u64(os_dir_make(dir, "link", &sub, &err), SYM_REFUSED, "no folder is made of it");
	is_u64(os_dir_make(dir, "link/below", &sub, &err), SYM_REFUSED, "nor found below it");
	is_u64(os_dir_make(dir, "link/new/newer", &sub, &err), SYM_REFUSED, "nor made below it");
	ok(access("real/new", F_OK) < 0, "nothing was made through the link");
	is_u64(os_dir_open(dir, "link/below", OS_FOLLOW, &sub, &err), SYM_OK,
	       "who follows links gets there");
	os_dir_close(sub);
	ok(!os_dir_make_new(dir, "link/new/newer"), "what lies below a link is not new");
	ok(os_stat(dir, "real/below/new", OS_NOFOLLOW, &st, &err) == SYM_NOT_FOUND,
	   "and nothing was made below it");
	ok(os_dir_make_new(dir, "fresh/folder/here"), "folders of which none was there");
	ok(os_stat(dir, "fresh/folder/here", OS_NOFOLLOW, &st, &err) == SYM_OK && st.type == OS_DIR,
	   "are all made");
	ok(!os_dir_make_new(dir, "fresh/folder/there"), "one that is there is not");
	is_u64(os_mkdirs("link/by/user", &err), SYM_OK, "a user's path may go through links");
	ok(access("real/by/user", F_OK) == 0, "and does");
	ok(symlink("link", "link2") == 0 && symlink("loop", "loop") == 0,
	   "a link to a link, and a loop");
	is_u64(os_dir_open(dir, "loop", OS_FOLLOW, &sub, &err), SYM_REFUSED, "a loop is refused");
}

static void absolute_paths(void)
{
	char path[4000], many[4096];
	struct os_dir *sub;

	if (!getcwd(path, sizeof path))
		path[0] = '\0';
	is_u64(os_dir_open(NULL, path, OS_NOFOLLOW, &sub, &err), SYM_OK,
	       "an absolute path without links");
	os_dir_close(sub);
	is_u64(os_dir_open(dir, "/", OS_NOFOLLOW, &sub, &err), SYM_OK, "the root");
	os_dir_close(sub);
	snprintf(many, sizeof many, "%s//real///below/", path);
	is_u64(os_dir_open(NULL, many, OS_NOFOLLOW, &sub, &err), SYM_OK, "slashes may be many");
	os_dir_close(sub);
}

static void paths(void)
{
	char path[] = "a\\b";

	is_u64(os_root_len("/x"), 1, "there is one root");
	is_u64(os_root_len("C:/x"), 0, "a folder may be called C:");
	os_path_settle(path);
	is_str(path, "a\\b", "a backslash is part of a name");
}

static void links_to_files(void)
{
	struct os_stat st;
	os_file file;

	scratch_file(dir, "file", "text");
	ok(symlink("file", "to-file") == 0 && symlink("nowhere", "dangling") == 0,
	   "links to files");
	is_u64(os_open(dir, "to-file", OS_NOFOLLOW, &file, &st, &err), SYM_REFUSED,
	       "a link is not opened");
	is_u64(os_open(dir, "to-file", OS_FOLLOW, &file, &st, &err), SYM_OK, "but by who follows");
	os_close_quietly(file);
	is_u64(os_open(dir, "dangling", OS_FOLLOW, &file, &st, &err), SYM_NOT_FOUND,
	       "and leads nowhere");
	must(os_stat(dir, "to-file", OS_NOFOLLOW, &st, &err), &err);
	is_u64(st.type, OS_LINK, "a look at the link");
	must(os_stat(dir, "to-file", OS_FOLLOW, &st, &err), &err);
	is_u64(st.type, OS_FILE, "a look through it");
	is_u64(os_stat(dir, "dangling", OS_FOLLOW, &st, &err), SYM_NOT_FOUND, "a look at nothing");
	is_u64(os_create(dir, "dangling", &file, &err), SYM_EXISTS,
	       "nothing is created through a link");
	scratch_file(dir, "staged", "new");
	is_u64(os_publish(dir, "staged", dir, "dangling", &err), SYM_EXISTS,
	       "nor published over one");
	is_u64(os_publish(dir, "staged", dir, "to-file", &err), SYM_EXISTS, "whatever it names");
	is_str(scratch_text(dir, "file"), "text", "what it names is untouched");
	ok(access("nowhere", F_OK) < 0, "and nothing was made");
	is_u64(os_touch(dir, "to-file", &err), SYM_REFUSED, "touch follows none");
	is_u64(os_unlink(dir, "to-file", &err), SYM_OK, "a link is removed");
	is_str(scratch_text(dir, "file"), "text", "and not what it names");
}

/* A folder that is renamed while it is open stays the one that was opened. */
static void renamed_folder(void)
{
	struct os_dir *sub;

	must(os_dir_make(dir, "before", &sub, &err), &err);
	ok(rename("before", "after") == 0, "an open folder is renamed");
	scratch_file(sub, "file", "x");
	ok(access("after/file", F_OK) == 0, "what is made in it is there");
	os_dir_close(sub);
}

/* ------------------------------------------------------------ other kinds -- */

static void other_kinds(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct os_stat st;
	os_file file;

	ok(mkfifo("fifo", 0666) == 0, "a FIFO");
	is_u64(os_open(dir, "fifo", OS_FOLLOW, &file, &st, &err), SYM_REFUSED,
	       "is refused and does not block");
	must(os_stat(dir, "fifo", OS_NOFOLLOW, &st, &err), &err);
	is_u64(st.type, OS_OTHER, "it is neither file nor folder");
	is_u64(os_open(NULL, "/dev/null", OS_FOLLOW, &file, &st, &err), SYM_REFUSED,
	       "a device is refused");
	ok(bind(fd, (struct sockaddr *)&name, sizeof name) == 0, "a socket");
	is_u64(os_open(dir, "socket", OS_FOLLOW, &file, &st, &err), SYM_REFUSED, "is refused");
	close(fd);
}

static void modes(void)
{
	mode_t old = umask(027);
	struct os_dir *sub;
	struct stat st;

	scratch_file(dir, "masked", "");
	must(os_dir_make(dir, "masked folder", &sub, &err), &err);
	os_dir_close(sub);
	umask(old);
	ok(stat("masked", &st) == 0 && (st.st_mode & 07777) == 0640,
	   "a file has mode 0666 less umask");
	ok(stat("masked folder", &st) == 0 && (st.st_mode & 07777) == 0750,
	   "a folder 0777 less umask");
}

static void nothing_leaks_into_children(void)
{
	struct os_stat st;
	os_file file;
	char script[64];
	int status;

	must(os_open(dir, "file", OS_NOFOLLOW, &file, &st, &err), &err);
	snprintf(script, sizeof script, "test ! -e /proc/self/fd/%d", file);
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(99);
	}
	wait(&status);
	ok(status == 0, "a program that is started does not inherit open files");
	os_close_quietly(file);
}

/* A write that the system refuses is an error, and no signal. */
static void full_disk(void)
{
	struct rlimit old, small = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
	char bytes[8192] = "";
	os_file file;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	must(os_create(dir, "small", &file, &err), &err);
	setrlimit(RLIMIT_FSIZE, &small);
	is_u64(os_write(file, bytes, sizeof bytes, &err), SYM_IO, "a write past the limit fails");
	setrlimit(RLIMIT_FSIZE, &old);
	is_u64((uint64_t)err.sys, EFBIG, "with the system's reason");
	os_close_quietly(file);
}

static void replacing_what_is_read(void)
{
	struct os_stat st;
	os_file reader;
	char bytes[8] = "";
	size_t got;

	scratch_file(dir, "read", "old");
	scratch_file(dir, "new", "new");
	must(os_open(dir, "read", OS_NOFOLLOW, &reader, &st, &err), &err);
	is_u64(os_replace(dir, "new", dir, "read", &err), SYM_OK,
	       "a file that somebody reads is replaced");
	is_u64(os_read_at(reader, 0, bytes, 3, &got, &err), SYM_OK, "who reads it");
	is_str(bytes, "old", "reads on in the old one");
	os_close_quietly(reader);
	is_str(scratch_text(dir, "read"), "new", "the next one reads the new one");
}

/* ------------------------------------------------------------------ locks -- */

static void lock_of_a_dead_process(void)
{
	struct os_dir *mine;
	char held = 'n';
	int ready[2];
	pid_t child;

	must(os_dir_make(dir, "locked", &mine, &err), &err);
	if (pipe(ready) < 0 || (child = fork()) < 0)
		return;
	if (child == 0) {
		struct os_dir *theirs;

		must(os_dir_open(dir, "locked", OS_NOFOLLOW, &theirs, &err), &err);
		held = os_dir_lock(theirs, true, &err) == SYM_OK ? 'y' : 'n';
		if (write(ready[1], &held, 1) == 1)
			pause();
		_exit(0);
	}
	ok(read(ready[0], &held, 1) == 1 && held == 'y', "another process holds the lock");
	is_u64(os_dir_lock(mine, false, &err), SYM_EXISTS, "so that it cannot be had");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_u64(os_dir_lock(mine, false, &err), SYM_OK, "a kill drops it");
	os_dir_close(mine);
}

/* NFS and SMB keep the lock of a folder to themselves, and ask the server for that of a file. */
static void claim_on_another_machine(void)
{
	struct os_dir *mine, *theirs;

	must(os_dir_make(dir, "claimed", &mine, &err), &err);
	must(os_dir_claim(mine, &err), &err);
	ok(flock(fd_of(mine), LOCK_UN) == 0, "a claimed folder, of whose own lock nobody knows");
	must(os_dir_open(dir, "claimed", OS_NOFOLLOW, &theirs, &err), &err);
	is_u64(os_dir_claim(theirs, &err), SYM_EXISTS, "is not to be claimed again");
	os_dir_close(mine);
	is_u64(os_dir_claim(theirs, &err), SYM_OK, "but once its claimant is gone");
	os_dir_disclaim(theirs);
	is_u64(os_rmdir(dir, "claimed", &err), SYM_OK, "and nothing is left in it");
	os_dir_close(theirs);
}

/* ---------------------------------------------------------------- signals -- */

static volatile sig_atomic_t asked;

static void on_stop(int exit_status)
{
	asked = exit_status;
}

/* Runs a child that asks for stops and gets `first`, then `second`; answers its wait status.
 * It exits with what it was asked to exit with, if it lives. */
static int child_with_signals(int first, int second, bool ignored)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(first, ignored ? SIG_IGN : SIG_DFL);
		os_process_init();
		os_on_stop(on_stop);
		raise(first);
		if (second)
			raise(second);
		_exit(asked);
	}
	waitpid(child, &status, 0);
	return status;
}

static void signals(void)
{
	int status = child_with_signals(SIGINT, 0, false);

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 130, "an interrupt asks for 130");
	status = child_with_signals(SIGTERM, 0, false);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 143, "a termination asks for 143");
	status = child_with_signals(SIGHUP, 0, false);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 143, "a hang-up too");
	status = child_with_signals(SIGINT, SIGINT, false);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT,
	   "the second interrupt ends it at once");
	status = child_with_signals(SIGHUP, 0, true);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "under nohup a hang-up asks for nothing");
	status = child_with_signals(SIGPIPE, 0, false);
	ok(WIFEXITED(status), "a reader that went away kills nobody");
}

/* ---------------------------------------------------------- other programs -- */

static enum sym_status keep_output(void *ctx, const void *bytes, size_t n, struct sym_err *e)
{
	(void)e;
	buf_add(ctx, bytes, n);
	return SYM_OK;
}

static enum sym_status run_shell(const char *script, unsigned timeout_s, struct buf *out)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	struct os_run run = {.argv = argv, .timeout_s = timeout_s, .output = keep_output, .ctx = out};

	buf_clear(out);
	return os_run(&run, &err);
}

/* The process of this number, in decimal, is gone, or soon will be. */
static bool is_gone(const char *number)
{
	pid_t pid = (pid_t)strtol(number, NULL, 10);

	for (int i = 0; i < 200; i++) {
		char path[64], state[64] = "";
		FILE *file;

		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		file = fopen(path, "r");
		if (!file)
			return true;
		if (fgets(state, sizeof state, file) && strstr(state, ") Z"))
			pid = 0; /* killed, and nobody has asked for it yet */
		fclose(file);
		if (pid == 0)
			return true;
		usleep(50000);
	}
	return false;
}

static void runs(void)
{
	struct buf out = BUF_MAX(65536);
	int inherited = open("/dev/null", O_RDONLY); /* whoever started us left it open */

	ok(dup2(inherited, 77) == 77, "a descriptor that is not closed on exec");
	is_u64(run_shell("for fd in /proc/$$/fd/*; do echo ${fd##*/}; done", 60, &out), SYM_OK,
	       "a program tells its descriptors");
	ok(strstr(out.data, "2\n") && !strstr(out.data, "77"), "none of ours is among them");
	close(77);
	close(inherited);
	is_u64(run_shell("sleep 1000 & echo $!; wait", 1, &out), SYM_IO, "what takes too long is ended");
	ok(is_gone(out.data), "with what it has started");
	is_u64(run_shell("sleep 1000 & echo $!", 60, &out), SYM_OK, "nor is it left behind");
	ok(is_gone(out.data), "by a program that ends well");
	is_u64(run_shell("exec >&- 2>&-; sleep 1000", 1, &out), SYM_IO,
	       "a program that closes its streams is not waited for without end");
	is_u64(run_shell("kill -9 $$", 60, &out), SYM_IO, "one that is killed");
	is_str(err.text, "it ended with signal 9", "is told by the signal");
	is_u64(run_shell("cut -d' ' -f5 /proc/$$/stat", 60, &out), SYM_OK, "its process group");
	ok(strtol(out.data, NULL, 10) != getpgrp(), "is not ours: Ctrl-C is for us to hear");
	buf_release(&out);
}

static void programs(void)
{
	const char *before = getenv("PATH");
	char *path;

	scratch_file(dir, "tool", "#!/bin/sh\n");
	setenv("PATH", "nothing-here::.", 1);
	path = os_find_program("tool");
	ok(!path, "what may not be run is no program");
	free(path);
	must(chmod("tool", 0755) == 0 ? SYM_OK : SYM_IO, &err);
	path = os_find_program("tool");
	is_str(path ? path : "", "./tool", "the first in PATH that may be run");
	free(path);
	setenv("PATH", "nothing-here:", 1);
	ok(!os_find_program("tool"), "an empty entry of PATH is not the current folder");
	setenv("PATH", before ? before : "", 1);
}

int main(void)
{
	struct os_dir *home;
	char name[32];

	must(os_dir_open(NULL, ".", OS_NOFOLLOW, &home, &err), &err);
	dir = scratch_open(name);
	if (chdir(name) < 0)
		return 99;
	links_to_folders();
	absolute_paths();
	paths();
	links_to_files();
	renamed_folder();
	other_kinds();
	modes();
	nothing_leaks_into_children();
	full_disk();
	replacing_what_is_read();
	lock_of_a_dead_process();
	claim_on_another_machine();
	runs();
	programs();
	signals();
	if (chdir("..") < 0)
		return 99;
	scratch_close(dir, name);
	os_dir_close(home);
	return done();
}
