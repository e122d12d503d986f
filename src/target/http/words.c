/* SPDX-License-Identifier: MIT
 * What a server's refusal means, in its own words where it has some. */
#include "target/http/http.h"

#include "base/err.h"
#include "base/text.h"
#include "target/json_read.h"

#include <stdlib.h>
#include <string.h>

enum {
	QUOTE_MAX = 120, /* bytes of the server's words */
	BASIC_MIN = 8,   /* bytes of a name and password in base64 */
	QUERY_MIN = 3,   /* the shortest: "?a=" */
};

static const struct {
	long http;
	enum sym_status status;
	const char *text;
} meanings[] = {
	{400, SYM_NET, "the server does not understand the request"},
	{401, SYM_AUTH, "the server wants credentials (--user, --bearer), or others"},
	{402, SYM_NET, "the server wants to be paid"},
	{403, SYM_AUTH, "the server forbids it"},
	{404, SYM_NOT_FOUND, "the server has no such place"},
	{405, SYM_UNSUPPORTED, "the server does not do that there"},
	{407, SYM_AUTH, "the proxy wants a user and a password, or others"},
	{409, SYM_NET, "it is in conflict with what the server has"},
	{411, SYM_NET, "the server wants to know the length"},
	{412, SYM_EXISTS, "something stands there already"},
	{413, SYM_TOO_BIG, "the file is larger than the server takes"},
	{414, SYM_NET, "the address is longer than the server takes"},
	{423, SYM_NET, "it is locked on the server"},
	{429, SYM_NET, "the server wants fewer requests"},
	{500, SYM_NET, "the server failed"},
	{501, SYM_UNSUPPORTED, "the server does not know that request"},
	{502, SYM_NET, "a gateway failed"},
	{503, SYM_NET, "the server is busy"},
	{504, SYM_NET, "a gateway waited too long"},
	{507, SYM_NET, "the server's disk is full"},
};

/* Skips a tag; of those whose content is not for people, the content too. */
static const char *behind_tag(const char *at)
{
	static const char *const hidden[] = {"<title", "<style", "<script"};
	const char *end = strchr(at, '>');

	for (size_t i = 0; end && i < ARRAY_LEN(hidden); i++)
		if (text_starts_nocase(at, hidden[i])) {
			const char *close = strstr(end, "</");

			end = close ? strchr(close, '>') : NULL;
			break;
		}
	return end ? end + 1 : at + strlen(at);
}

/* What the header of Basic authentication says (RFC 7617): it may come from ~/.netrc, or be a proxy's. */
static size_t basic_length(const char *at)
{
	static const char scheme[] = "Basic ";
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t len = strncmp(at, scheme, strlen(scheme)) == 0 ? strspn(at + strlen(scheme), base64) : 0;

	return len >= BASIC_MIN && len % 4 == 0 ? strlen(scheme) + len : 0;
}

/* The query of an address, which may be a signature. */
static size_t query_length(const char *at)
{
	size_t len = *at == '?' ? strcspn(at, " \t\r\n<>\"'") : 0;

	return len >= QUERY_MIN && memchr(at, '=', len) ? len : 0;
}

/* Pages and refusals say back what they were asked: leaves out what nobody is to read. */
static void hide_secrets(const struct http *h, char *text)
{
	for (char *at = text; *at;) {
		size_t len = query_length(at) + basic_length(at);

		at = len > 0 ? text_hide_at(at, len) : at + 1;
	}
	text_hide(text, h->password);
	text_hide(text, h->bearer ? h->bearer + strlen(HTTP_BEARER) : NULL);
	for (size_t i = 0; i < h->header_count; i++) {
		const char *value = h->headers[i] + strcspn(h->headers[i], ":;");

		if (!header_describes_body(h->headers[i]))
			text_hide(text, value + strspn(value, ":; "));
	}
}

/* The first words of a text or of a page: tags left out, blanks made one. */
static void first_words(const char *body, bool is_markup, char *to, size_t size)
{
	size_t n = 0;
	bool blank = false;

	while (*body && n + 2 < size) {
		if (is_markup && *body == '<') {
			body = behind_tag(body);
			blank = true;
		} else if (strchr(" \t\r\n", *body)) {
			if (!is_markup && n > 0 && *body != ' ' && *body != '\t')
				break; /* the first line is enough */
			blank = true;
			body++;
		} else {
			if (blank && n > 0)
				to[n++] = ' ';
			blank = false;
			to[n++] = *body++;
		}
	}
	to[n] = '\0';
}

static void server_words(const struct http *h, const struct xfer_response *r, char *to, size_t size)
{
	char raw[QUOTE_MAX], *text;
	const char *body = r->body.data;
	bool is_markup = false;

	to[0] = '\0';
	if (!body)
		return;
	text = json_find_text(body, r->body.size, "message"); /* Artifactory, and others */
	if (!text) {
		body += strspn(body, "\xef\xbb\xbf \t\r\n"); /* a byte order mark, as Azure's */
		is_markup = *body == '<';
		text = strdup(body);
	}
	if (!text)
		return;
	hide_secrets(h, text);
	first_words(text, is_markup, raw, sizeof raw);
	text_shown(to, size, raw, strlen(raw));
	free(text);
}

bool http_failed_by_nginx(const struct xfer_response *r)
{
	return r->http == 500 && r->body.data && strstr(r->body.data, "<hr><center>");
}

/* What nginx and Apache, and servers written in Go, say to a request that is not encrypted. */
static bool wants_tls(const struct xfer_response *r)
{
	return r->http == 400 && r->body.data &&
	       (strstr(r->body.data, "plain HTTP") || strstr(r->body.data, "HTTP request to an HTTPS"));
}

enum sym_status http_refusal(const struct http *h, const struct xfer_response *r, const char *method,
			     struct sym_err *err)
{
	char words[QUOTE_MAX + 16];
	enum sym_status status = SYM_NET;
	const char *text = "the server's answer makes no sense here";

	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].http == r->http) {
			status = meanings[i].status;
			text = meanings[i].text;
		}
	if (r->http == 405 && strcmp(method, "PUT") == 0)
		text = r->body.data && strstr(r->body.data, "<hr><center>nginx")
			       ? "nginx takes files where its configuration says \"dav_methods PUT;\""
			       : "the server takes no files there: does it speak WebDAV under this address?";
	if (wants_tls(r))
		text = "the server speaks TLS at this port: begin the address with https://";
	server_words(h, r, words, sizeof words);
	err_set(err, status, "%s (%s: %ld)%s%s", text, method, r->http, words[0] ? ": " : "", words);
	if (status == SYM_AUTH && r->foreign)
		err_prefix(err, "it redirects to another host or port, which is told no credentials");
	return status;
}
