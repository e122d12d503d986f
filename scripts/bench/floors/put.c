/* SPDX-License-Identifier: MIT
 * usage: floor-put PORT PREFIX CONNECTIONS <LIST
 *
 * The floor of an upload: PUTs the files of a list (names that end in NUL) to
 * 127.0.0.1:PORT/PREFIX/NAME over so many connections that are kept, by sendfile. Signs
 * nothing, hashes nothing, tries nothing twice. */
#include "floor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, HEADER_BYTES = 4096 };

static const char *prefix;
static struct sockaddr_in server = {.sin_family = AF_INET};
static char **names;
static size_t count;
static atomic_size_t next;

static void read_list(void)
{
	char *name = NULL;
	size_t room = 0, names_room = 0;

	while (getdelim(&name, &room, '\0', stdin) > 0) {
		if (count == names_room) {
			names_room = names_room ? 2 * names_room : 1024;
			names = realloc(names, names_room * sizeof *names);
		}
		if (!names || !(names[count++] = strdup(name)))
			die("list");
	}
	free(name);
}

static int connect_to_server(void)
{
	int on = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (const struct sockaddr *)&server, sizeof server) < 0)
		die("connect");
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return s;
}

/* Waits for the end of the answer's header; the server sends no bodies. */
static void wait_for_answer(int s)
{
	char answer[HEADER_BYTES];
	size_t used = 0;

	for (;;) {
		ssize_t n = recv(s, answer + used, sizeof answer - used, 0);

		if (n <= 0)
			die("recv");
		used += (size_t)n;
		if (memmem(answer, used, "\r\n\r\n", 4))
			return;
	}
}

static void put(int s, const char *name)
{
	char header[HEADER_BYTES];
	struct stat st;
	int n, file = open(name, O_RDONLY | O_CLOEXEC);

	if (file < 0 || fstat(file, &st) < 0)
		die(name);
	n = snprintf(header, sizeof header,
		     "PUT /%s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %lld\r\n\r\n",
		     prefix, name, (long long)st.st_size);
	if (send(s, header, (size_t)n, MSG_MORE) != n)
		die("send");
	for (off_t at = 0; at < st.st_size;)
		if (sendfile(s, file, &at, (size_t)(st.st_size - at)) <= 0)
			die("sendfile");
	close(file);
	wait_for_answer(s);
}

static void *put_some(void *unused)
{
	int s = connect_to_server();
	size_t i;

	while ((i = atomic_fetch_add(&next, 1)) < count)
		put(s, names[i]);
	close(s);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[CONNECTIONS_MAX];
	int connections = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;

	if (connections < 1 || connections > CONNECTIONS_MAX)
		return 2;
	server.sin_port = htons((uint16_t)strtol(argv[1], NULL, 10));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	prefix = argv[2];
	read_list();
	for (int i = 0; i < connections; i++)
		if (pthread_create(&threads[i], NULL, put_some, NULL) != 0)
			die("thread");
	for (int i = 0; i < connections; i++)
		pthread_join(threads[i], NULL);
	printf("%zu files\n", count);
	return 0;
}
