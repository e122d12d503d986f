/* SPDX-License-Identifier: MIT
 * without CALL[=ERROR]... -- PROGRAM...: runs a program as if on a kernel, in a sandbox or on
 * a file system where these system calls fail. Everything must hold there all the same. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct word {
	const char *name;
	unsigned number;
};

static const struct word calls[] = {
	{"copy_file_range", SYS_copy_file_range}, {"flock", SYS_flock},
	{"fsync", SYS_fsync},                     {"linkat", SYS_linkat},
	{"openat2", SYS_openat2},                 {"renameat2", SYS_renameat2},
	{"syncfs", SYS_syncfs},                   {"unlinkat", SYS_unlinkat},
};

/* Without one: ENOSYS, the call does not exist. */
static const struct word errors[] = {
	{"EINVAL", EINVAL}, {"EIO", EIO},       {"EMLINK", EMLINK},
	{"ENOLCK", ENOLCK}, {"ENOSPC", ENOSPC}, {"EPERM", EPERM},
	{"EXDEV", EXDEV},
};

static const struct word *find(const struct word *words, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i].name) == len && memcmp(words[i].name, name, len) == 0)
			return &words[i];
	fprintf(stderr, "without: nothing is known of %s\n", name);
	return NULL;
}

/* Two rules for one word of the command line: is it this call? Then it fails. */
static int add_rules(const char *word, struct sock_filter rules[2])
{
	size_t len = strcspn(word, "=");
	const struct word *call = find(calls, COUNT(calls), word, len), *error = NULL;
	unsigned number = ENOSYS;

	if (word[len]) {
		error = find(errors, COUNT(errors), word + len + 1, strlen(word + len + 1));
		number = error ? error->number : 0;
	}
	if (!call || number == 0)
		return -1;
	rules[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, 1);
	rules[1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number);
	return 0;
}

int main(int argc, char **argv)
{
	struct sock_filter rules[2 * COUNT(calls) + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.len = 1, .filter = rules};
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (program.len + 2u >= COUNT(rules) || add_rules(argv[i], rules + program.len) < 0)
			return 2;
		program.len = (unsigned short)(program.len + 2);
	}
	rules[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (i + 1 >= argc)
		return 2;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		printf("1..0 # SKIP there is no seccomp here\n"); /* a test of this suite takes it so */
		return 0;
	}
	execv(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 2;
}
