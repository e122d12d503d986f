/* SPDX-License-Identifier: MIT
 * usage: null-server PORT
 *
 * An HTTP/1.1 server on 127.0.0.1 that throws bodies away and says yes: what a client costs
 * is measured against it. It remembers which objects came, and so keeps If-None-Match: *,
 * answers HEAD and S3's lists, and takes uploads in parts; and it gives the answers of
 * BugSplat's API. GET /counts tells what came so far, GET /forget leaves it with no objects
 * and no counts. */
#include "floor.h"
#include "objects.h"

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
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over the objects */

struct connection {
	int socket;
	char *data; /* ROOM bytes and a NUL */
	size_t used;
};

struct request {
	char method[16], target[2048];
	long long length;
	bool chunked, expects, closes, if_absent;
	char sha256[65], has[49]; /* metadata of an object; "" = none */
	char source[2048];        /* the object to copy; "" = none */
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

static void copy_value(const char *head, const char *name, char *to, size_t room)
{
	const char *value = value_of(head, name);

	snprintf(to, room, "%.*s", value ? (int)strcspn(value, "\r\n") : 0, value ? value : "");
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
	r->if_absent = value_of(c->data, "\r\nif-none-match: *") != NULL;
	copy_value(c->data, "\r\nx-amz-meta-sha256:", r->sha256, sizeof r->sha256);
	copy_value(c->data, "\r\nx-amz-meta-has:", r->has, sizeof r->has);
	copy_value(c->data, "\r\nx-amz-copy-source:", r->source, sizeof r->source);
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

static char *tell_counts(void)
{
	char *text;
	int n;

	n = asprintf(&text, "connections %lu bytes %lu PUT %lu POST %lu HEAD %lu GET %lu DELETE %lu", connections,
		     bytes, requests[0], requests[1], requests[2], requests[3], requests[4]);
	return n < 0 ? NULL : text;
}

static char *forget(void)
{
	objects_forget();
	connections = bytes = 0;
	for (int i = 0; i < METHODS; i++)
		requests[i] = 0;
	return strdup("");
}

/* ---------------------------------------------------------------- methods -- */

/* An answer: its status, headers of its own, and a body to free. */
struct answer {
	const char *status;
	char headers[256];
	char *body;
};

static void put(const struct request *r, struct object *o, struct answer *a)
{
	if (strstr(r->target, "partNumber=")) {
		o->size += (unsigned long long)r->length;
		return;
	}
	if (r->if_absent && o->there) {
		a->status = "412 Precondition Failed";
		return;
	}
	o->there = true;
	if (r->source[0]) {
		const struct object *from = objects_at(r->source, strlen(r->source));

		o->size = from->size;
		memcpy(o->sha256, from->sha256, sizeof o->sha256);
		memcpy(o->has, from->has, sizeof o->has);
		a->body = strdup("<?xml version=\"1.0\"?><CopyObjectResult>"
				 "<ETag>\"00000000000000000000000000000000\"</ETag></CopyObjectResult>");
		return;
	}
	o->size = (unsigned long long)r->length;
	memcpy(o->sha256, r->sha256, sizeof o->sha256);
	memcpy(o->has, r->has, sizeof o->has);
}

/* The answer of BugSplat's API to this request, to free; NULL where it is for S3. */
static char *bugsplat_says(const struct request *r)
{
	char *text = NULL;

	if (strcmp(r->target, "/oauth2/authorize") == 0)
		text = strdup("{\"access_token\":\"t\",\"token_type\":\"Bearer\"}");
	else if (strcmp(r->target, "/symsrv/uploadComplete") == 0)
		text = strdup("{\"Status\":\"Success\"}");
	else if (strcmp(r->target, "/symsrv/uploadUrl") == 0 || strcmp(r->target, "/api/v2/versions") == 0)
		if (asprintf(&text, "{\"Status\":\"Success\",\"url\":\"http://127.0.0.1:%ld/b/1?signed\"}", port) < 0)
			text = NULL;
	return text;
}

static void post(const struct request *r, struct object *o, struct answer *a)
{
	a->body = bugsplat_says(r);
	if (a->body)
		return;
	if (strstr(r->target, "uploadId=")) {
		o->there = true;
		a->body = strdup("<?xml version=\"1.0\"?><CompleteMultipartUploadResult>"
				 "<ETag>\"00000000000000000000000000000000-1\"</ETag>"
				 "</CompleteMultipartUploadResult>");
		return;
	}
	o->size = 0;
	memcpy(o->sha256, r->sha256, sizeof o->sha256);
	memcpy(o->has, r->has, sizeof o->has);
	a->body = strdup("<?xml version=\"1.0\"?><InitiateMultipartUploadResult>"
			 "<UploadId>1</UploadId></InitiateMultipartUploadResult>");
}

static void head(const struct request *r, struct object *o, struct answer *a)
{
	(void)r;
	if (!o->there) {
		a->status = "404 Not Found";
		return;
	}
	snprintf(a->headers, sizeof a->headers, "x-amz-meta-sha256: %s\r\nx-amz-meta-has: %s\r\n", o->sha256,
		 o->has);
}

static void get(const struct request *r, struct object *o, struct answer *a)
{
	(void)o;
	if (strcmp(r->target, "/counts") == 0)
		a->body = tell_counts();
	else if (strcmp(r->target, "/forget") == 0)
		a->body = forget();
	else if (strstr(r->target, "uploads"))
		a->body = strdup("<?xml version=\"1.0\"?><ListMultipartUploadsResult>"
				 "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
	else
		a->body = objects_listed(r->target);
}

static void delete(const struct request *r, struct object *o, struct answer *a)
{
	(void)r;
	o->there = false;
	a->status = "204 No Content";
}

static bool answer(struct connection *c, const struct request *r)
{
	static void (*const made_by[METHODS])(const struct request *, struct object *, struct answer *) = {
		put, post, head, get, delete};
	struct answer a = {.status = "200 OK"};
	bool is_head = strcmp(r->method, "HEAD") == 0, told;
	struct object *o = NULL;
	unsigned long long length;
	char text[1024];
	int method = 0, n;

	while (method < METHODS - 1 && strcmp(r->method, methods[method]) != 0)
		method++;
	pthread_mutex_lock(&lock);
	if (made_by[method] != get)
		o = objects_at(r->target, strcspn(r->target, "?"));
	made_by[method](r, o, &a);
	length = is_head && o->there ? o->size : a.body ? strlen(a.body) : 0;
	pthread_mutex_unlock(&lock);
	n = snprintf(text, sizeof text,
		     "HTTP/1.1 %s\r\nETag: \"00000000000000000000000000000000\"\r\n%s"
		     "Content-Type: application/xml\r\nContent-Length: %llu\r\n%s\r\n",
		     a.status, a.headers, length, r->closes ? "Connection: close\r\n" : "");
	told = tell(c, text, (size_t)n) && (!a.body || tell(c, a.body, strlen(a.body)));
	free(a.body);
	return told && !r->closes;
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
