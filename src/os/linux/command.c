/* SPDX-License-Identifier: MIT
 * Programs that the user names, run by the shell. */
#include "os/linux/linux.h"

#include "base/err.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts the shell with `output` as its standard output. Whoever calls may block signals, or
 * ignore some; the program begins without either. */
static int start_shell(const char *command, int output, pid_t *pid)
{
	char shell[] = "sh", option[] = "-c";
	char *argv[] = {shell, option, (char *)(uintptr_t)command, NULL}; /* none is written to */
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int sys;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	sys = posix_spawn(pid, "/bin/sh", &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return sys;
}

/* Reads to the end of the output; false where that does not come in time. */
static bool read_output(int fd, uint64_t until_ms, struct buf *out)
{
	char piece[4096];

	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		uint64_t now = os_now_ms();
		ssize_t got;

		if (now >= until_ms || poll(&wait, 1, (int)(until_ms - now)) == 0)
			return false;
		got = read(fd, piece, sizeof piece);
		if (got == 0)
			return true;
		if (got > 0)
			buf_add(out, piece, (size_t)got);
		else if (errno != EINTR)
			return true;
	}
}

enum sym_status os_command(const char *command, unsigned timeout_s, struct buf *out,
			   struct sym_err *err)
{
	int fds[2], sys, ended = 0;
	bool in_time;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_sys(err, SYM_IO, errno, "cannot make a pipe");
	sys = start_shell(command, fds[1], &pid);
	close(fds[1]);
	if (sys != 0) {
		close(fds[0]);
		return err_sys(err, SYM_IO, sys, "cannot run the shell");
	}
	in_time = read_output(fds[0], os_now_ms() + timeout_s * 1000ull, out);
	close(fds[0]);
	if (!in_time)
		kill(pid, SIGKILL);
	while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return err_set(err, SYM_IO, "it did not end within %u seconds", timeout_s);
	if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
		return err_set(err, SYM_IO, "it ended with %s %d",
			       WIFEXITED(ended) ? "status" : "signal",
			       WIFEXITED(ended) ? WEXITSTATUS(ended) : WTERMSIG(ended));
	return out->failed ? err_set(err, SYM_TOO_BIG, "it wrote too much") : SYM_OK;
}
