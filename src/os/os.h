/* SPDX-License-Identifier: MIT
 * The one door to the operating system's files, clocks and processes. Linux is the
 * folder linux, Windows the folder windows; a further system is one more folder here.
 *
 * Names are the system's bytes (UTF-8 on Windows), `/` between components.
 * A name argument is one component or a relative path without `..`, as each
 * function says; folders are handles, so that nothing depends on the current
 * folder and a folder that is renamed under us stays the one that was opened. */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/buf.h"
#include "sym.h"

#include <stddef.h>
#include <time.h>

/* ------------------------------------------------------------- folders -- */

struct os_dir; /* an open folder */

enum os_type { OS_FILE, OS_DIR, OS_LINK, OS_OTHER /* FIFO, socket, device */, OS_UNKNOWN };

struct os_stat {
	enum os_type type;
	uint64_t size;      /* bytes */
	uint64_t device;
	uint64_t inode;
	uint64_t links;
	int64_t mtime_ns;   /* since 1970, UTC */
	int64_t ctime_ns;   /* change time; on Windows the change time of NTFS */
};

enum os_follow { OS_NOFOLLOW, OS_FOLLOW };

/* Opens a folder. `at` NULL: `path` is absolute or from the current folder; else
 * `path` is relative to `at`. OS_NOFOLLOW refuses (SYM_REFUSED) a link in any
 * component. SYM_NOT_FOUND, SYM_IO. */
enum sym_status os_dir_open(struct os_dir *at, const char *path, enum os_follow follow,
			    struct os_dir **out, struct sym_err *err) MUST_CHECK;

/* Makes every missing folder of the relative `path` below `at` and opens the last.
 * Follows no link: SYM_REFUSED where a component is one, or is no folder. */
enum sym_status os_dir_make(struct os_dir *at, const char *path, struct os_dir **out,
			    struct sym_err *err) MUST_CHECK;

/* A faster os_dir_make() for a `path` of which no folder exists yet: inside a folder that was made
 * a moment ago stands no link, so that the whole path is safe. False where one of them exists (those
 * before it have been made then), or the system cannot tell: call os_dir_make(). */
bool os_dir_make_new(struct os_dir *at, const char *path);

/* Makes the folder `path` and its missing parents (an existing one is fine); links are
 * followed: for a path that the user named. */
enum sym_status os_mkdirs(const char *path, struct sym_err *err) MUST_CHECK;

void os_dir_close(struct os_dir *dir); /* NULL is fine */

/* Calls `each` for every entry but `.` and `..`, in the system's order; stops at
 * the first status other than SYM_OK and answers it. The type costs no system
 * call where the file system tells it, else it is OS_UNKNOWN. */
typedef enum sym_status os_each_fn(void *ctx, const char *name, enum os_type type);
enum sym_status os_dir_list(struct os_dir *dir, os_each_fn *each, void *ctx,
			    struct sym_err *err) MUST_CHECK;

/* What stands at `name` below `at` (NULL: the current folder). SYM_NOT_FOUND, SYM_IO. */
enum sym_status os_stat(struct os_dir *at, const char *name, enum os_follow follow,
			struct os_stat *out, struct sym_err *err) MUST_CHECK;
/* Stands anything there? What cannot be looked at is no answer. SYM_IO. */
enum sym_status os_is_there(struct os_dir *at, const char *name, enum os_follow follow, bool *there,
			    struct sym_err *err) MUST_CHECK;
enum sym_status os_dir_stat(struct os_dir *dir, struct os_stat *out, struct sym_err *err) MUST_CHECK;

/* --------------------------------------------------------------- files -- */

typedef int os_file; /* a C file descriptor on every system */
#define OS_NO_FILE (-1)

/* Opens a regular file for reading and tells its state. Never blocks: a FIFO or
 * device is SYM_REFUSED. `at` NULL: the current folder. OS_NOFOLLOW refuses a link in
 * any component. SYM_NOT_FOUND, SYM_IO. */
enum sym_status os_open(struct os_dir *at, const char *name, enum os_follow follow, os_file *out,
			struct os_stat *st, struct sym_err *err) MUST_CHECK;

/* Creates `name` for writing, mode 0666 less umask; SYM_EXISTS where there is one. */
enum sym_status os_create(struct os_dir *at, const char *name, os_file *out,
			  struct sym_err *err) MUST_CHECK;

/* Cuts the file back to `size` bytes; writing goes on there. */
enum sym_status os_cut(os_file file, uint64_t size, struct sym_err *err) MUST_CHECK;

/* Creates a file without a name for reading and writing, in the system's folder for
 * temporary files (TMPDIR, on Windows TMP); it is gone when it is closed, and when the
 * process dies. */
enum sym_status os_spool(os_file *out, struct sym_err *err) MUST_CHECK;

/* Closes; a write that the system had put off can fail here. */
enum sym_status os_close(os_file file, struct sym_err *err) MUST_CHECK;
void os_close_quietly(os_file file);

enum sym_status os_file_stat(os_file file, struct os_stat *out, struct sym_err *err) MUST_CHECK;

/* Reads up to `n` bytes at `offset`; `*got` is less only at the end of the file. */
enum sym_status os_read_at(os_file file, uint64_t offset, void *to, size_t n, size_t *got,
			   struct sym_err *err) MUST_CHECK;

/* Reads `n` bytes that were there a moment ago. SYM_CHANGED where the file ends before them. */
enum sym_status os_read_exactly(os_file file, uint64_t offset, void *to, size_t n,
				struct sym_err *err) MUST_CHECK;

/* Gives `take` the bytes of [offset, offset + size) of a file, or as many of them as there are, piece by piece,
 * until it answers another status than SYM_OK, which is then the answer. SYM_IO. */
typedef enum sym_status os_piece_fn(void *ctx, const void *bytes, size_t n, struct sym_err *err);
enum sym_status os_read_pieces(os_file file, uint64_t offset, uint64_t size, os_piece_fn *take, void *ctx,
			       struct sym_err *err) MUST_CHECK;

/* Adds the whole of a small file to `out`. SYM_NOT_FOUND; SYM_TOO_BIG beyond out->max; SYM_IO. */
struct buf; /* base/buf.h */
enum sym_status os_read_text(struct os_dir *at, const char *name, enum os_follow follow, struct buf *out,
			     struct sym_err *err) MUST_CHECK;

/* Takes all lines of a file; what stands behind the last line's end is left in l->line. SYM_IO, or
 * what `each` answered. */
struct lines; /* base/lines.h */
enum sym_status os_read_lines(os_file file, struct lines *l, struct sym_err *err) MUST_CHECK;

/* Adds all `n` bytes to a file that nothing but this, os_copy and os_cut has written to. Reading, on this thread
 * or another, does not change where they go. */
enum sym_status os_write(os_file file, const void *bytes, size_t n, struct sym_err *err) MUST_CHECK;

/* Copies [offset, offset + size) of `from` to the end of the new file `to`:
 * by sharing blocks where the file system can, in the kernel where it can, else
 * by reading and writing. `*copied` is less than `size` only where `from` ended early. */
enum sym_status os_copy(os_file from, uint64_t offset, uint64_t size, os_file to, uint64_t *copied,
			struct sym_err *err) MUST_CHECK;

/* Gives `from_dir`/`from` its final name `to_dir`/`to`, never replacing: SYM_EXISTS. One file system.
 * Where that is done by a link, the old name may be left. */
enum sym_status os_publish(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err) MUST_CHECK;

/* The same, but replaces what stands there, in one step: there is always one or the other. */
enum sym_status os_replace(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			   const char *to, struct sym_err *err) MUST_CHECK;

/* A second name for a file. SYM_EXISTS; SYM_UNSUPPORTED where the file system or
 * its limits forbid it (EMLINK, EXDEV, EPERM …): copy then. */
enum sym_status os_link(struct os_dir *from_dir, const char *from, struct os_dir *to_dir,
			const char *to, struct sym_err *err) MUST_CHECK;

enum sym_status os_unlink(struct os_dir *at, const char *name, struct sym_err *err) MUST_CHECK;
enum sym_status os_rmdir(struct os_dir *at, const char *name, struct sym_err *err) MUST_CHECK;

/* Sets the modification time to now, creating an empty file where there is none. */
enum sym_status os_touch(struct os_dir *at, const char *name, struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------ locks and flush -- */

/* A lock that the kernel drops when its holder dies. `wait` false: SYM_EXISTS
 * where somebody holds it. SYM_UNSUPPORTED where the file system has no locks; SYM_IO.
 * The lock goes with the handle. */
enum sym_status os_dir_lock(struct os_dir *dir, bool wait, struct sym_err *err) MUST_CHECK;

/* The same without waiting, and seen by every machine. On Linux the lock of a folder on a network
 * file system is known to one machine alone, that of a file to all: so that a file is made in the
 * folder, and locked too: SYM_UNSUPPORTED also where none can be made. os_dir_disclaim() removes
 * it, without which the folder could not be removed; the folder's own lock stays. */
enum sym_status os_dir_claim(struct os_dir *dir, struct sym_err *err) MUST_CHECK;
void os_dir_disclaim(struct os_dir *dir);

/* May a user flush a whole file system? Not on Windows: each file is flushed by itself there,
 * and names need no flush. */
bool os_syncs_all(void);

/* Does this errno say that a file system takes nothing more, whatever it is: because it is full, a quota is
 * used up, or it is only to be read? */
bool os_takes_nothing(int sys);

/* Does it say that the user lacks the right? */
bool os_is_denied(int sys);

/* All that was written to the file system of `dir` has reached the disk. Where there is a `stop`, and it
 * answers true, nobody waits for that any longer: SYM_CANCELLED. SYM_UNSUPPORTED where !os_syncs_all(). */
enum sym_status os_sync_all(struct os_dir *dir, bool (*stop)(void), struct sym_err *err) MUST_CHECK;
enum sym_status os_sync_file(os_file file, struct sym_err *err) MUST_CHECK;
enum sym_status os_sync_dir(struct os_dir *dir, struct sym_err *err) MUST_CHECK;

/* --------------------------------------------------------------- paths -- */

/* The length of the part of a path that says where it begins, with the slash at its end; 0: in
 * the current folder. `/`; on Windows also `C:/` and `//server/share/`. */
size_t os_root_len(const char *path);

/* Brings a path as users write it into the form that all have here: on Windows `\` becomes `/`. */
void os_path_settle(char *path);

/* The other way round: as the system's own programs take it. */
void os_path_native(char *path);

/* Are `A.pdb` and `a.pdb` one file, as a rule? */
bool os_folds_case(void);

/* The user's own folder, or NULL. */
const char *os_home(void);

/* The file of certificate authorities that this system trusts; NULL where there is none, and where
 * libcurl asks the system itself. */
const char *os_ca_file(void);

/* The absolute form of a path, links resolved, or NULL where there is nothing. To free. */
char *os_absolute(const char *path);

/* -------------------------------------------------------- the machine -- */

unsigned os_cpu_count(void);           /* processors this process may use; at least 1 */
unsigned os_handle_limit(void);        /* files and connections it may have open at once */

/* From now on freed pieces of memory of less than `bytes` stay with the process, so that the next
 * such piece needs no new pages of the system. A hint. */
void os_keep_memory(size_t bytes);

uint64_t os_now_ms(void);              /* monotonic */
int64_t os_time_s(void);               /* since 1970, UTC */
int64_t os_time_ns(void);              /* the same, as fine as the times of files */

/* A time since 1970 by the calendar, in UTC or in this machine's zone. False: the year does not fit. */
bool os_utc(int64_t time_s, struct tm *out);
bool os_local_time(int64_t time_s, struct tm *out);
int64_t os_time_of_utc(struct tm *utc); /* the way back; normalises fields out of range, as mktime does */

void os_random(void *to, size_t n);    /* for names that must not clash; never fails */

/* To be called first. Occupies the numbers of standard streams that the process was started
 * without: else a file would get one, and what is printed would go into it. Such a stream can
 * neither be read nor written. Through the others bytes go as they are, to a console as UTF-8. */
void os_process_init(void);

/* Libraries that convert names make UTF-8 of them from now on, whatever the user's locale. Before there
 * are threads. It reads a file of the system's: what needs no names starts faster without it. */
void os_names_init(void);

/* Has whoever read what is written to the pipe `fd` gone away? */
bool os_is_unread(int fd);
bool os_is_terminal(int fd);           /* that reads escape sequences; `fd`: 1 or 2 */
unsigned os_terminal_columns(int fd);  /* 80 where it cannot be told */
unsigned long os_process_id(void);

/* Calls `stop` (async-signal-safe) when the user or the system asks the process to end,
 * with 130 (interrupt) or 143 (terminate). A second request ends it at once. */
void os_on_stop(void (*stop)(int exit_status));

/* ------------------------------------------------------ other programs -- */

/* A program to run, without a shell. All borrowed. */
struct os_run {
	const char *const *argv; /* its path first; ended by NULL */
	unsigned timeout_s;
	/* Takes what it writes to standard output, as it comes. Another status than SYM_OK
	 * ends the program. */
	enum sym_status (*output)(void *ctx, const void *bytes, size_t n, struct sym_err *err);
	void *ctx;
	struct buf *messages;    /* gets the end of what it writes to standard error; NULL: it inherits ours */
	bool (*stop)(void);      /* asked now and then: true ends the program; or NULL */
};

/* Runs it to its end. It reads nothing, inherits no descriptor of ours, and hears no Ctrl-C;
 * when it ends or is ended, so is what it started. SYM_OK: its status was 0. SYM_IO: it could
 * not be run, failed, or took too long; SYM_CANCELLED: `stop`; what `output` answered. */
enum sym_status os_run(const struct os_run *run, struct sym_err *err) MUST_CHECK;

/* Runs a command line of the user's by the system's shell, and adds what it writes to standard
 * output to `out`. It reads nothing; its standard error is ours. SYM_IO: it could not be run,
 * failed, or ran longer than `timeout_s` seconds and was killed; SYM_TOO_BIG: out->max. */
enum sym_status os_command(const char *command, unsigned timeout_s, struct buf *out,
			   struct sym_err *err) MUST_CHECK;

/* The path of a program: `name` itself where that is a path, else the first in PATH (on Windows
 * also with `.exe` behind it). NULL where there is none that can be run. To free. */
char *os_find_program(const char *name);

#endif
