/* SPDX-License-Identifier: MIT
 * What only Windows has: links of its own, streams, open files, a process that ends.
 * wine lacks some of it, and those tests are skipped there. */
#include "os/os.h"

#include "scratch.h"
#include "tap.h"

#include <errno.h>
#include <windows.h>

static struct os_dir *dir; /* the scratch folder */
static char dir_name[32];
static struct sym_err err;

/* ------------------------------------------------------------------ links -- */

static const char *below(const char *name)
{
	static char path[2][128];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s\\%s", dir_name, name);
	return path[turn];
}

static void links(void)
{
	struct os_dir *sub;
	struct os_stat st;
	os_file file;
	DWORD flags = SYMBOLIC_LINK_FLAG_DIRECTORY | 2 /* without being administrator */;

	must(os_dir_make(dir, "real/below", &sub, &err), &err);
	os_dir_close(sub);
	scratch_file(dir, "file", "text");
	if (!CreateSymbolicLinkA(below("link"), "real", flags) ||
	    os_stat(dir, "link", OS_NOFOLLOW, &st, &err) != SYM_OK || st.type != OS_LINK ||
	    !CreateSymbolicLinkA(below("to-file"), "file", 2)) {
		skip("links: this system makes none");
		return;
	}
	is_u64(os_dir_open(dir, "link", OS_NOFOLLOW, &sub, &err), SYM_REFUSED,
	       "a link is not opened");
	is_u64(os_dir_open(dir, "link/below", OS_NOFOLLOW, &sub, &err), SYM_REFUSED,
	       "nor gone through");
	is_u64(os_dir_make(dir, "link/new", &sub, &err), SYM_REFUSED,
	       "nor is a folder made below it");
	is_u64(os_dir_open(dir, "link/below", OS_FOLLOW, &sub, &err), SYM_OK,
	       "who follows links gets there");
	os_dir_close(sub);
	is_u64(os_open(dir, "to-file", OS_NOFOLLOW, &file, &st, &err), SYM_REFUSED,
	       "nor a link to a file");
	is_u64(os_open(dir, "to-file", OS_FOLLOW, &file, &st, &err), SYM_OK, "but by who follows");
	os_close_quietly(file);
	is_u64(os_touch(dir, "to-file", &err), SYM_REFUSED, "touch follows none");
	is_u64(os_unlink(dir, "to-file", &err), SYM_OK, "a link is removed");
	is_str(scratch_text(dir, "file"), "text", "and not what it names");
	is_u64(os_rmdir(dir, "link", &err), SYM_OK, "nor with a link to a folder");
	is_u64(os_stat(dir, "real/below", OS_NOFOLLOW, &st, &err), SYM_OK, "the folder");
}

/* ------------------------------------------------------------------ names -- */

static void odd_names(void)
{
	struct os_stat st;
	os_file file;

	is_u64(os_create(dir, "a:b", &file, &err), SYM_REFUSED, "no stream is made");
	is_u64(os_create(NULL, below("a:b"), &file, &err), SYM_REFUSED, "nor by a whole path");
	is_u64(os_create(dir, "a\xff", &file, &err), SYM_REFUSED, "a name that is not UTF-8");
	is_u64(os_stat(NULL, "\xc0\x80", OS_FOLLOW, &st, &err), SYM_REFUSED, "nor as a path");
	scratch_file(dir, "Mixed.PDB", "x");
	is_u64(os_create(dir, "mixed.pdb", &file, &err), SYM_EXISTS,
	       "a name in another case is the same");
	is_u64(os_open(NULL, "NUL", OS_FOLLOW, &file, &st, &err), SYM_REFUSED,
	       "a device is refused");
}

/* ------------------------------------------------------------- open files -- */

static void open_files(void)
{
	struct os_stat st;
	os_file reader;
	char bytes[8] = "";
	size_t got;

	scratch_file(dir, "read", "old");
	scratch_file(dir, "new", "new");
	must(os_open(dir, "read", OS_NOFOLLOW, &reader, &st, &err), &err);
	if (os_replace(dir, "new", dir, "read", &err) == SYM_IO && err.sys == EACCES) {
		skip("this system does not replace a file that somebody reads");
		is_str(scratch_text(dir, "read"), "old", "it stays as it was");
		is_str(scratch_text(dir, "new"), "new", "and so does the new one");
		os_close_quietly(reader);
		return;
	}
	must(os_read_at(reader, 0, bytes, 3, &got, &err), &err);
	is_str(bytes, "old", "who reads a file that is replaced reads on in the old one");
	is_str(scratch_text(dir, "read"), "new", "the next one reads the new one");
	os_close_quietly(reader);
}

static void read_only_files(void)
{
	scratch_file(dir, "better", "new");
	scratch_file(dir, "locked down", "old");
	SetFileAttributesA(below("locked down"), FILE_ATTRIBUTE_READONLY);
	is_u64(os_replace(dir, "better", dir, "locked down", &err), SYM_OK, "a read-only file is replaced");
	is_str(scratch_text(dir, "locked down"), "new", "by the new one");
}

/* Somebody who has a file open for a while, and shares it with nobody. */
struct other {
	const char *path;
	HANDLE thread, begun;
};

static DWORD WINAPI keep_alone(void *ctx)
{
	const struct other *o = ctx;
	HANDLE handle = CreateFileA(o->path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

	SetEvent(o->begun);
	Sleep(200);
	CloseHandle(handle);
	return handle == INVALID_HANDLE_VALUE;
}

static void keep(struct other *o, const char *name)
{
	o->path = below(name);
	o->begun = CreateEventA(NULL, TRUE, FALSE, NULL);
	o->thread = CreateThread(NULL, 0, keep_alone, o, 0, NULL);
	WaitForSingleObject(o->begun, INFINITE);
}

static void let_go(struct other *o)
{
	DWORD failed = 1;

	WaitForSingleObject(o->thread, INFINITE);
	GetExitCodeThread(o->thread, &failed);
	CloseHandle(o->thread);
	CloseHandle(o->begun);
	is_u64(failed, 0, "who had it for himself");
}

static void files_of_others(void)
{
	struct other other;
	struct os_stat st;
	os_file file;
	HANDLE alone;

	scratch_file(dir, "scanned", "x");
	keep(&other, "scanned");
	is_u64(os_open(dir, "scanned", OS_NOFOLLOW, &file, &st, &err), SYM_OK,
	       "reading waits for who has the file open");
	os_close_quietly(file);
	let_go(&other);
	keep(&other, "scanned");
	is_u64(os_publish(dir, "scanned", dir, "published", &err), SYM_OK, "so does publishing");
	let_go(&other);
	keep(&other, "published");
	is_u64(os_unlink(dir, "published", &err), SYM_OK, "and removing");
	let_go(&other);
	scratch_file(dir, "held", "x");
	alone = CreateFileA(below("held"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
	is_u64(os_open(dir, "held", OS_NOFOLLOW, &file, &st, &err), SYM_IO, "but not for ever");
	is_str(err.text, "cannot open it: another program has it open, and shares it with nobody", "and says why");
	CloseHandle(alone);
}

/* ------------------------------------------------------------------ locks -- */

/* The other process: locks the folder, says so by a file, and waits for its end. */
static int hold_lock(const char *path)
{
	struct os_dir *theirs;

	must(os_dir_open(NULL, path, OS_NOFOLLOW, &theirs, &err), &err);
	must(os_dir_lock(theirs, true, &err), &err);
	scratch_file(theirs, "held", "");
	Sleep(60000);
	return 0;
}

static bool wait_for(struct os_dir *mine, const char *name)
{
	struct os_stat st;

	for (int i = 0; i < 500; i++) {
		if (os_stat(mine, name, OS_NOFOLLOW, &st, &err) == SYM_OK)
			return true;
		Sleep(20);
	}
	return false;
}

static void lock_of_a_dead_process(void)
{
	char program[MAX_PATH], command[2 * MAX_PATH];
	STARTUPINFOA start = {.cb = sizeof start};
	PROCESS_INFORMATION child;
	struct os_dir *mine;

	must(os_dir_make(dir, "locked", &mine, &err), &err);
	GetModuleFileNameA(NULL, program, sizeof program);
	snprintf(command, sizeof command, "\"%s\" hold %s", program, below("locked"));
	if (!ok(CreateProcessA(program, command, NULL, NULL, FALSE, 0, NULL, NULL, &start, &child),
		"another process"))
		return;
	ok(wait_for(mine, "held"), "holds the lock");
	is_u64(os_dir_lock(mine, false, &err), SYM_EXISTS, "so that it cannot be had");
	TerminateProcess(child.hProcess, 1);
	WaitForSingleObject(child.hProcess, INFINITE);
	is_u64(os_dir_lock(mine, true, &err), SYM_OK, "its end drops it");
	CloseHandle(child.hProcess);
	CloseHandle(child.hThread);
	os_dir_close(mine);
}

static void paths(void)
{
	char path[] = "C:\\build\\out";

	is_u64(os_root_len("C:/x"), 3, "a drive is a root");
	is_u64(os_root_len("C:x"), 0, "a path in the current folder of a drive has none");
	is_u64(os_root_len("//server/share/x"), strlen("//server/share/"), "so is a share");
	is_u64(os_root_len("//server/share"), strlen("//server/share"), "without a slash at its end, too");
	is_u64(os_root_len("/x"), 1, "and the root of the current drive");
	is_u64(os_root_len("x/C:/"), 0, "but nothing later in a path");
	os_path_settle(path);
	is_str(path, "C:/build/out", "backslashes become slashes");
	os_path_native(path);
	is_str(path, "C:\\build\\out", "and backslashes again for programs of the system");
}

static void programs(void)
{
	char *path;

	scratch_file(dir, "tool.exe", "x");
	SetCurrentDirectoryA(dir_name);
	path = os_find_program("tool");
	ok(!path, "what lies in the current folder is not in PATH");
	free(path);
	path = os_find_program("./tool");
	ok(path, "but is found by its path");
	free(path);
	SetCurrentDirectoryA("..");
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "hold") == 0)
		return hold_lock(argv[2]);
	dir = scratch_open(dir_name);
	paths();
	programs();
	links();
	odd_names();
	open_files();
	read_only_files();
	files_of_others();
	lock_of_a_dead_process();
	scratch_close(dir, dir_name);
	return done();
}
