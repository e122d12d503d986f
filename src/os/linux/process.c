/* SPDX-License-Identifier: MIT
 * Other programs, by posix_spawn: their output comes through pipes. */
#include "os/linux/linux.h"

#include "base/err.h"
#include "os/common.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
	LOOK_MS = 100, /* between two looks at the clock and at run->stop, while it writes nothing */
	END_MS = 1,    /* between two looks whether it has ended, once its streams are closed */
};

enum { ITS_OUTPUT, ITS_ERRORS, ITS_STREAMS };

struct child {
	pid_t pid;
	bool apart; /* in a process group of its own */
	struct pollfd from[ITS_STREAMS]; /* fd -1: at its end, or not read by us */
};

/* -------------------------------------------------------------- starting -- */

/* The program gets no descriptor of ours but the two streams, and begins with no signal blocked or
 * ignored, whatever the calling thread does. */
static int spawn(const char *const *argv, const int to[ITS_STREAMS], struct child *c)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int sys;

	if (c->apart)
		flags |= POSIX_SPAWN_SETPGROUP;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, to[ITS_OUTPUT], 1);
	if (to[ITS_ERRORS] >= 0)
		posix_spawn_file_actions_adddup2(&actions, to[ITS_ERRORS], 2);
	spawn_closes_from(&actions, 3);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, flags);
	/* It takes `char *const *` for historical reasons, and writes to none of them. */
	sys = posix_spawn(&c->pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return sys;
}

static void close_all(struct pollfd *from)
{
	for (size_t i = 0; i < ITS_STREAMS; i++)
		if (from[i].fd >= 0)
			close(from[i].fd);
}

static enum sym_status start(const struct os_run *run, struct child *c, struct sym_err *err)
{
	size_t streams = run->messages ? ITS_STREAMS : ITS_ERRORS;
	int to[ITS_STREAMS] = {-1, -1}, sys = 0;

	for (size_t i = 0; i < ITS_STREAMS; i++)
		c->from[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	for (size_t i = 0; i < streams && sys == 0; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) != 0) {
			sys = errno;
			break;
		}
		c->from[i].fd = ends[0];
		to[i] = ends[1];
	}
	if (sys == 0)
		sys = spawn(run->argv, to, c);
	for (size_t i = 0; i < ITS_STREAMS; i++)
		if (to[i] >= 0)
			close(to[i]);
	if (sys == 0)
		return SYM_OK;
	close_all(c->from);
	return err_sys(err, SYM_IO, sys, "cannot run %s", run->argv[0]);
}

/* ------------------------------------------------------------- attending -- */

/* Takes what one stream has to give. */
static enum sym_status take(const struct os_run *run, struct child *c, size_t stream,
			    struct sym_err *err)
{
	char piece[16384];
	ssize_t got = read(c->from[stream].fd, piece, sizeof piece);

	if (got < 0 && errno == EINTR)
		return SYM_OK;
	if (got <= 0) {
		close(c->from[stream].fd);
		c->from[stream].fd = -1;
		return SYM_OK;
	}
	if (stream == ITS_OUTPUT)
		return run->output(run->ctx, piece, (size_t)got, err);
	buf_add_tail(run->messages, piece, (size_t)got);
	return SYM_OK;
}

/* It stays a zombie: nobody else gets its number until reap(). */
static bool has_ended(const struct child *c)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

/* Takes its output until it has ended and all that is there was read. A program that it started may
 * hold the streams open after that: it is not waited for. */
static enum sym_status attend(const struct os_run *run, struct child *c, struct sym_err *err)
{
	uint64_t until_ms = os_now_ms() + run->timeout_s * UINT64_C(1000);
	bool ended = false;

	for (;;) {
		bool open = c->from[ITS_OUTPUT].fd >= 0 || c->from[ITS_ERRORS].fd >= 0;
		int ready = poll(c->from, ITS_STREAMS, ended ? 0 : open ? LOOK_MS : END_MS);
		enum sym_status status = SYM_OK;

		for (size_t i = 0; i < ITS_STREAMS && ready > 0 && status == SYM_OK; i++)
			if (c->from[i].fd >= 0 && c->from[i].revents)
				status = take(run, c, i, err);
		if (status != SYM_OK)
			return status;
		if (ready == 0 && ended)
			return SYM_OK;
		if (ready == 0)
			ended = has_ended(c);
		if (run->stop && run->stop())
			return err_set(err, SYM_CANCELLED, "stopped");
		if (os_now_ms() >= until_ms)
			return err_set(err, SYM_IO, "it did not end within %u seconds", run->timeout_s);
	}
}

/* Kills what is left of it and of what it started, and answers how it ended, as waitpid() does. */
static int reap(const struct child *c, bool well)
{
	int ended = 0;

	if (c->apart)
		kill(-c->pid, SIGKILL); /* one that ended well may have left others behind */
	else if (!well)
		kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &ended, 0) < 0 && errno == EINTR)
		;
	return ended;
}

static enum sym_status run_child(const struct os_run *run, bool apart, struct sym_err *err)
{
	struct child c = {.apart = apart};
	enum sym_status status = start(run, &c, err);
	int ended;

	if (status != SYM_OK)
		return status;
	status = attend(run, &c, err);
	ended = reap(&c, status == SYM_OK);
	close_all(c.from);
	if (status != SYM_OK)
		return status;
	if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
		return SYM_OK;
	return err_set(err, SYM_IO, "it ended with %s %d", WIFEXITED(ended) ? "status" : "signal",
		       WIFEXITED(ended) ? WEXITSTATUS(ended) : WTERMSIG(ended));
}

enum sym_status os_run(const struct os_run *run, struct sym_err *err)
{
	return run_child(run, true, err);
}

enum sym_status os_command(const char *command, unsigned timeout_s, struct buf *out,
			   struct sym_err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	struct os_run run = {.argv = argv, .timeout_s = timeout_s, .output = add_output, .ctx = out};

	/* In our process group: it may have to ask the user something on the terminal. */
	return run_child(&run, false, err);
}

/* --------------------------------------------------------------- finding -- */

static bool can_be_run(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *os_find_program(const char *name)
{
	const char *at = getenv("PATH");

	if (strchr(name, '/'))
		return can_be_run(name) ? strdup(name) : NULL;
	while (at && *at) {
		size_t len = strcspn(at, ":");
		struct buf path = BUF_MAX(SYM_NAME_MAX + 4096);

		buf_add(&path, at, len);
		buf_add_char(&path, '/');
		buf_add_text(&path, name);
		at += len + (at[len] == ':');
		/* An empty entry would be the current folder: whoever wants that says so. */
		if (len > 0 && !path.failed && can_be_run(path.data))
			return path.data;
		buf_release(&path);
	}
	return NULL;
}
