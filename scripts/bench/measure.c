/* SPDX-License-Identifier: MIT
 * usage: measure RESULT COMMAND [ARGUMENT...]
 *
 * Runs a command, and writes to the file RESULT what it took: seconds by the clock, seconds
 * of processor time in the program and in the system, the peak of its memory in KiB, its
 * exit status. Small, because a process starts with the peak of the one it was forked from. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage used;
	double start = now(), wall;
	int status = 0;
	pid_t child;
	FILE *result;

	if (argc < 3)
		return 2;
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		perror("measure");
		return 1;
	}
	wall = now() - start;
	result = fopen(argv[1], "w");
	if (!result) {
		perror(argv[1]);
		return 1;
	}
	fprintf(result, "%.6f %.6f %.6f %ld %d\n", wall, seconds(used.ru_utime),
		seconds(used.ru_stime), used.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(result) == 0 ? 0 : 1;
}
