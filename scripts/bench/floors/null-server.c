/* SPDX-License-Identifier: MIT
 * usage: null-server PORT
 *
 * An HTTP/1.1 server on 127.0.0.1 that throws bodies away and says yes: what a client costs
 * is measured against it. Multipart uploads to S3 and uploads to BugSplat get the answers
 * they need; an object is never there (HEAD: 404). GET /counts tells what came so far. */
#include "floor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };

static const char *const methods[] = {"PUT", "POST", "HEAD", "GET", "DELETE"};
enum { METHODS = sizeof methods / sizeof methods[0] };

static long port;
static atomic_ulong connections, bytes, requests[METHODS];

struct connection {
	int socket;
	char *data; /* ROOM bytes and a NUL */
	size_t used;
};

struct request {
	char method[16], target[2048];
	long long length;
	bool chunked, expects, closes;
};

/* Reads more behind what is there. False at the end of the connection. */
static bool receive(struct connection *c)
{
	ssize_t n = c->used < ROOM ? recv(c->socket, c->data + c->used, ROOM - c->used, 0) : -1;

	if (n <= 0)
		return false;
	c->used += (size_t)n;
	c->data[c->used] = '\0';
	return true;
}

/* Forgets the first `n` bytes, and reads those of them that have not come yet. */
static bool skip(struct connection *c, unsigned long long n)
{
	while (n > c->used) {
		n -= c->used;
		c->used = 0;
		if (!receive(c))
			return false;
	}
	memmove(c->data, c->data + n, c->used - n);
	c->used -= n;
	c->data[c->used] = '\0';
	return true;
}

/* How long what is there is, up to and with `end`; reads until it has come. 0: never. */
static size_t until(struct connection *c, const char *end)
{
	char *at;

	while (!(at = memmem(c->data, c->used, end, strlen(end))))
		if (!receive(c))
			return 0;
	return (size_t)(at - c->data) + strlen(end);
}

static const char *value_of(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	return at ? at + strlen(name) + strspn(at + strlen(name), " ") : NULL;
}

static bool read_head_of(struct connection *c, struct request *r)
{
	size_t size = until(c, "\r\n\r\n");
	const char *value;

	*r = (struct request){0};
	if (size == 0)
		return false;
	c->data[size - 1] = '\0';
	snprintf(r->method, sizeof r->method, "%.*s", (int)strcspn(c->data, " "), c->data);
	value = c->data + strcspn(c->data, " ");
	value += strspn(value, " ");
	snprintf(r->target, sizeof r->target, "%.*s", (int)strcspn(value, " "), value);
	value = value_of(c->data, "\r\ncontent-length:");
	r->length = value ? strtoll(value, NULL, 10) : 0;
	r->chunked = value_of(c->data, "\r\ntransfer-encoding: chunked") != NULL;
	r->expects = value_of(c->data, "\r\nexpect: 100") != NULL;
	r->closes = value_of(c->data, "\r\nconnection: close") != NULL;
	return skip(c, size);
}

static bool skip_chunks(struct connection *c)
{
	for (;;) {
		size_t line = until(c, "\r\n");
		unsigned long long size = line ? strtoull(c->data, NULL, 16) : 0;

		if (line == 0 || !skip(c, line + size + 2))
			return false;
		atomic_fetch_add(&bytes, size);
		if (size == 0)
			return true;
	}
}

static bool skip_body(struct connection *c, const struct request *r)
{
	if (r->chunked)
		return skip_chunks(c);
	atomic_fetch_add(&bytes, (unsigned long)r->length);
	return skip(c, (unsigned long long)r->length);
}

static bool tell(struct connection *c, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(c->socket, text, size, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		text += n;
		size -= (size_t)n;
	}
	return true;
}

static void count(const struct request *r)
{
	for (int i = 0; i < METHODS; i++)
		if (strcmp(r->method, methods[i]) == 0)
			atomic_fetch_add(&requests[i], 1);
}

static void tell_counts(char *to, size_t size)
{
	int n = snprintf(to, size, "connections %lu bytes %lu", connections, bytes);

	for (int i = 0; i < METHODS; i++)
		n += snprintf(to + n, size - (size_t)n, " %s %lu", methods[i], requests[i]);
}

/* The answers of BugSplat's API, where it is asked; false elsewhere. */
static bool answer_bugsplat(const struct request *r, char *to, size_t size)
{
	if (strcmp(r->target, "/oauth2/authorize") == 0)
		snprintf(to, size, "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}");
	else if (strcmp(r->target, "/symsrv/uploadComplete") == 0)
		snprintf(to, size, "{\"Status\":\"Success\"}");
	else if (strcmp(r->target, "/symsrv/uploadUrl") == 0 || strcmp(r->target, "/api/v2/versions") == 0)
		snprintf(to, size, "{\"Status\":\"Success\",\"url\":\"http://127.0.0.1:%ld/b/1?signed\"}", port);
	else
		return false;
	return true;
}

static bool answer(struct connection *c, const struct request *r)
{
	static const char began[] = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult>"
				    "<UploadId>1</UploadId></InitiateMultipartUploadResult>";
	static const char done[] = "<?xml version=\"1.0\"?><CompleteMultipartUploadResult>"
				   "<ETag>\"00000000000000000000000000000000-1\"</ETag>"
				   "</CompleteMultipartUploadResult>";
	static const char empty[] =
		"<?xml version=\"1.0\"?><ListBucketResult><KeyCount>0</KeyCount>"
		"<IsTruncated>false</IsTruncated></ListBucketResult>";
	bool is_head = strcmp(r->method, "HEAD") == 0;
	char body[512] = "", all[1024];
	int size;

	if (strcmp(r->target, "/counts") == 0)
		tell_counts(body, sizeof body);
	else if (strcmp(r->method, "POST") == 0 && answer_bugsplat(r, body, sizeof body))
		;
	else if (strcmp(r->method, "POST") == 0)
		snprintf(body, sizeof body, "%s", strstr(r->target, "uploadId") ? done : began);
	else if (strcmp(r->method, "GET") == 0)
		snprintf(body, sizeof body, "%s", empty);
	size = snprintf(all, sizeof all,
			"HTTP/1.1 %s\r\nETag: \"00000000000000000000000000000000\"\r\n"
			"Content-Type: application/xml\r\nContent-Length: %zu\r\n%s\r\n%s",
			is_head ? "404 Not Found" : "200 OK", strlen(body),
			r->closes ? "Connection: close\r\n" : "", body);
	return tell(c, all, (size_t)size) && !r->closes;
}

static void *serve(void *arg)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct connection c = {.socket = (int)(intptr_t)arg, .data = malloc(ROOM + 1)};
	struct request r;

	while (c.data && read_head_of(&c, &r)) {
		if (r.expects && !tell(&c, go_on, sizeof go_on - 1))
			break;
		if (!skip_body(&c, &r))
			break;
		count(&r);
		if (!answer(&c, &r))
			break;
	}
	close(c.socket);
	free(c.data);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 2)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	port = strtol(argv[1], NULL, 10);
	here.sin_port = htons((uint16_t)port);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (const struct sockaddr *)&here, sizeof here) < 0 ||
	    listen(listener, 128) < 0)
		die("listen");
	for (;;) {
		int s = accept(listener, NULL, NULL);
		pthread_t thread;

		if (s < 0)
			continue;
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		atomic_fetch_add(&connections, 1);
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)s) == 0)
			pthread_detach(thread);
		else
			close(s);
	}
}
