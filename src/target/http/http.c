/* SPDX-License-Identifier: MIT
 * Opening and closing of the HTTPS target: what the user wrote becomes an address
 * without secrets, credentials, and the headers of every request. */
#include "target/http/http.h"

#include "base/err.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void http_close(struct target *target)
{
	struct http *h = (struct http *)target;

	if (!h)
		return;
	xfer_close(h->http1);
	xfer_close(h->xfer);
	pthread_mutex_destroy(&h->lock);
	pthread_mutex_destroy(&h->first);
	table_release(&h->made);
	text_forget(h->query);
	text_forget(h->user);
	text_forget(h->password);
	text_forget(h->bearer);
	free(h->root);
	free(h->base.shown);
	free(h);
}

/* --------------------------------------------------------- the address -- */

/* A copy of `len` bytes with %XX decoded. */
static char *decoded(const char *text, size_t len)
{
	char *copy = text_copy(text, len);

	if (copy)
		text_decode(copy);
	return copy;
}

/* The user's path, as it was written but for what an address cannot hold. */
static void add_path(struct buf *to, const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)path[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", path[i]))
			buf_printf(to, "%%%02X", c);
		else
			buf_add_char(to, path[i]);
	}
	if (len == 0 || path[len - 1] != '/')
		buf_add_char(to, '/');
}

static char *take_text(struct buf *b)
{
	char *text = b->failed ? NULL : b->data;

	if (b->failed)
		buf_release(b);
	return text;
}

static void drop_secret(char **text)
{
	text_forget(*text);
	*text = NULL;
}

/* user:password@ of an address, where the options give none. It goes before a token, which
 * was not given for this server in particular. */
static bool take_user(struct http *h, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t user = colon ? (size_t)(colon - text) : len;

	if (h->user)
		return true;
	drop_secret(&h->bearer);
	h->user = decoded(text, user);
	if (colon) {
		drop_secret(&h->password);
		h->password = decoded(colon + 1, len - user - 1);
	}
	return h->user && (h->password || !colon);
}

/* Is what stands behind the host a port, if there is one? */
static bool port_ok(const char *host, const char *end)
{
	const char *bracket = memchr(host, ']', (size_t)(end - host)); /* of an IPv6 address */
	const char *from = bracket ? bracket : host, *colon = memchr(from, ':', (size_t)(end - from));
	long port = 0;

	if (!colon)
		return true;
	for (const char *c = colon + 1; c < end && port <= 65535; c++) {
		if (*c < '0' || *c > '9')
			return false;
		port = port * 10 + *c - '0';
	}
	return port >= 1 && port <= 65535;
}

/* Takes scheme://user:password@host/path?query apart. */
static enum sym_status take_address(struct http *h, const char *where, struct sym_err *err)
{
	struct buf root = BUF_MAX(HTTP_URL_MAX / 2), query = BUF_MAX(HTTP_URL_MAX / 2);
	const char *host = strstr(where, "://") + 3;
	const char *path = host + strcspn(host, "/?#");
	const char *end = path + strcspn(path, "?#");
	const char *at = NULL, *host_end;
	bool is_signed;

	for (const char *c = host; c < path; c++)
		if (*c == '@')
			at = c;
	if (at && !take_user(h, host, (size_t)(at - host)))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (!h->user)
		drop_secret(&h->password);
	buf_add(&root, where, (size_t)(host - where));
	host = at ? at + 1 : host;
	host_end = path > host && path[-1] == ':' ? path - 1 : path; /* an empty port is the usual one */
	buf_add(&root, host, (size_t)(host_end - host));
	add_path(&root, path, (size_t)(end - path));
	buf_add(&query, end, *end == '?' ? strcspn(end, "#") : 0);
	is_signed = query.data && (strstr(query.data, "?sig=") || strstr(query.data, "&sig="));
	h->azure = is_signed || strstr(host, ".blob.core.windows.net");
	if (is_signed) { /* the server takes one of them, and may choose the wrong one */
		drop_secret(&h->bearer);
		drop_secret(&h->user);
		drop_secret(&h->password);
		h->netrc = false;
	}
	h->root = take_text(&root);
	h->query = take_text(&query);
	if (!h->root || !h->query)
		return err_set(err, SYM_USAGE, "the address is too long");
	if (host_end == host || *host == ':')
		return err_set(err, SYM_USAGE, "the address names no host");
	if (!port_ok(host, host_end))
		return err_set(err, SYM_USAGE, "the port is no number from 1 to 65535");
	return SYM_OK;
}

/* ------------------------------------------------------------- headers -- */

static enum sym_status take_headers(struct http *h, const char *const *headers,
				    struct sym_err *err)
{
	bool typed = false;

	for (; headers && *headers; headers++) {
		if (h->header_count + 3 > HTTP_HEADERS_MAX)
			return err_set(err, SYM_USAGE, "more than %u headers", HTTP_HEADERS_MAX - 3);
		typed |= header_is_called(*headers, "Content-Type");
		h->headers[h->header_count++] = *headers;
	}
	if (!typed)
		h->headers[h->header_count++] = "Content-Type: application/octet-stream";
	if (h->azure)
		h->headers[h->header_count++] = "x-ms-blob-type: BlockBlob";
	return SYM_OK;
}

static enum sym_status take_credentials(struct http *h, const struct remote_options *remote,
					struct sym_err *err)
{
	struct buf bearer = BUF_MAX(65536);

	h->user = remote->user ? strdup(remote->user) : NULL;
	h->password = remote->password ? strdup(remote->password) : NULL;
	if ((remote->user && !h->user) || (remote->password && !h->password))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (remote->bearer) {
		buf_printf(&bearer, HTTP_BEARER "%s", remote->bearer);
		h->bearer = take_text(&bearer);
		if (!h->bearer)
			return err_set(err, SYM_USAGE, "the bearer token is too long");
	}
	h->netrc = remote->connect.netrc;
	return SYM_OK;
}

/* -------------------------------------------------------------- opening -- */

static enum sym_status configure(struct http *h, const char *where,
				 const struct remote_options *remote, struct sym_err *err)
{
	enum sym_status status = take_credentials(h, remote, err);

	if (status == SYM_OK)
		status = take_address(h, where, err);
	if (status == SYM_OK)
		status = take_headers(h, remote->headers, err);
	if (status != SYM_OK)
		return status;
	h->policy = retry_policy_of(remote->tries);
	h->gzip = remote->gzip;
	h->learnt.auth = XFER_AUTH_BASIC;
	h->base.shown = target_show_address(h->root);
	if (!h->base.shown)
		return err_set(err, SYM_NOMEM, "out of memory");
	h->connect = remote->connect;
	return xfer_open(&h->connect, &h->xfer, err);
}

static enum sym_status http_open(const char *where, const struct target_options *options,
				 struct target **out, struct sym_err *err)
{
	static const struct remote_options none;
	struct http *h = calloc(1, sizeof *h);
	char shown[256];
	enum sym_status status;

	if (!h)
		return err_set(err, SYM_NOMEM, "out of memory");
	h->base.kind = strncmp(where, "http:", 5) == 0 ? &http_target : &https_target;
	h->options = *options;
	h->made = (struct table)TABLE_OF(uint64_t);
	pthread_mutex_init(&h->lock, NULL);
	pthread_mutex_init(&h->first, NULL);
	status = configure(h, where, options->remote ? options->remote : &none, err);
	if (status != SYM_OK) {
		http_close(&h->base);
		xfer_shown_url(where, shown, sizeof shown);
		return err_prefix(err, "%s", shown);
	}
	*out = &h->base;
	return SYM_OK;
}

#define HTTP_KIND(name)                                                                            \
	{                                                                                          \
		.scheme = name, .wants_sha256 = true, .is_remote = true, .open = http_open,        \
		.meet = http_meet, .stage = http_stage, .ask = http_ask, .close = http_close,      \
	}

const struct target_kind http_target = HTTP_KIND("http");
const struct target_kind https_target = HTTP_KIND("https");
