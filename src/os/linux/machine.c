/* SPDX-License-Identifier: MIT
 * Processors, clocks, randomness, terminal and signals on Linux. */
#include "os/os.h"

#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

char *os_absolute(const char *path)
{
	return realpath(path, NULL);
}

size_t os_root_len(const char *path)
{
	return *path == '/';
}

void os_path_settle(char *path)
{
	(void)path; /* a backslash is a character like any other */
}

void os_path_native(char *path)
{
	(void)path;
}

bool os_folds_case(void)
{
	return false;
}

const char *os_home(void)
{
	return getenv("HOME");
}

const char *os_ca_file(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, Red Hat */
		"/etc/ssl/ca-bundle.pem",             /* SUSE */
		"/etc/ssl/cert.pem",                  /* Alpine without the package */
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

unsigned os_cpu_count(void)
{
	cpu_set_t set;
	long n;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN); /* there are more than the set holds */
	return n > 0 ? (unsigned)n : 1;
}

unsigned os_handle_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < UINT_MAX ? (unsigned)limit.rlim_cur : UINT_MAX;
}

uint64_t os_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t os_time_s(void)
{
	return (int64_t)time(NULL);
}

int64_t os_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool os_utc(int64_t time_s, struct tm *out)
{
	time_t when = (time_t)time_s;

	return gmtime_r(&when, out) != NULL;
}

bool os_local_time(int64_t time_s, struct tm *out)
{
	time_t when = (time_t)time_s;

	return localtime_r(&when, out) != NULL;
}

int64_t os_time_of_utc(struct tm *utc)
{
	return (int64_t)timegm(utc);
}

void os_random(void *to, size_t n)
{
	char *at = to;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0) /* interrupted; the pool is ready since boot */
			continue;
		at += got;
		n -= (size_t)got;
	}
}

void os_process_init(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); /* gets the lowest, `fd` */
	signal(SIGPIPE, SIG_IGN); /* that nobody reads is an error like others, and no death */
}

void os_names_init(void)
{
	(void)setlocale(LC_CTYPE, "C.UTF-8");
}

bool os_is_unread(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

bool os_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

unsigned os_terminal_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

unsigned long os_process_id(void)
{
	return (unsigned long)getpid();
}

static void (*stop_call)(int exit_status);

static void on_signal(int number)
{
	stop_call(number == SIGINT ? 130 : 143);
}

void os_on_stop(void (*stop)(int exit_status))
{
	static const int asks[] = {SIGINT, SIGTERM, SIGHUP};
	/* SA_RESETHAND: the second signal has its default effect. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	struct sigaction old;

	stop_call = stop;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		/* What nohup and a shell's & switched off stays so. */
		if (sigaction(asks[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(asks[i], &action, NULL);
	}
	signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit of file sizes fails, as on a full disk */
}
