/* SPDX-License-Identifier: MIT */
#include "target/s3/aws.h"

#include "base/err.h"
#include "base/text.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a request's address and headers, and of an answer. */
enum { SIGNED_MAX = 64 << 10, SIGNED_USUAL = 1000, ANSWER_MAX = 128 << 10 };

/* ----------------------------------------------------------------- keys -- */

static void wipe(char **text)
{
	text_forget(*text);
	*text = NULL;
}

void aws_keys_release(struct aws_keys *keys)
{
	wipe(&keys->id);
	wipe(&keys->secret);
	wipe(&keys->token);
	keys->expires_s = 0;
}

enum sym_status aws_keys_set(struct aws_keys *keys, const char *id, const char *secret, const char *token,
			     int64_t expires_s, struct sym_err *err)
{
	*keys = (struct aws_keys){.id = strdup(id), .secret = strdup(secret), .token = token ? strdup(token) : NULL,
				  .expires_s = expires_s};
	if (keys->id && keys->secret && (keys->token || !token))
		return SYM_OK;
	aws_keys_release(keys);
	return err_set(err, SYM_NOMEM, "out of memory");
}

static bool all_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* "+02:00", "-0330", "Z" as seconds east of Greenwich. */
static int64_t read_offset(const char *text)
{
	int sign = *text == '-' ? -1 : 1, hours, minutes;
	char *end;

	if (*text != '+' && *text != '-')
		return 0;
	hours = (int)strtol(text + 1, &end, 10);
	if (*end == ':')
		minutes = (int)strtol(end + 1, NULL, 10);
	else {
		minutes = hours % 100;
		hours /= 100;
	}
	return sign * (hours * 3600 + minutes * 60);
}

/* "2026-01-31T12:00:00"; answers what stands behind it, or NULL. */
static const char *read_calendar(const char *text, struct tm *out)
{
	static const char between[] = "--T::";
	int number[sizeof between];

	for (size_t i = 0; i < ARRAY_LEN(number); i++) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > 4 || (between[i] && text[digits] != between[i]))
			return NULL;
		number[i] = (int)strtol(text, NULL, 10);
		text += digits + (between[i] != '\0');
	}
	*out = (struct tm){.tm_year = number[0] - 1900, .tm_mon = number[1] - 1, .tm_mday = number[2],
			   .tm_hour = number[3], .tm_min = number[4], .tm_sec = number[5]};
	return text;
}

int64_t aws_time_read(const char *text)
{
	struct tm utc;
	const char *rest;

	if (all_digits(text) && strlen(text) < 18)
		return strtoll(text, NULL, 10) / 1000;
	rest = read_calendar(text, &utc);
	if (!rest)
		return 0;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	return os_time_of_utc(&utc) - read_offset(rest);
}

/* ------------------------------------------------------------ addresses -- */

enum sym_status aws_site_read(const char *url, struct aws_site *out, struct sym_err *err)
{
	static const struct {
		const char *scheme, *port;
	} known[] = {{"https", ":443"}, {"http", ":80"}};
	const char *host = strstr(url, "://");
	size_t scheme = host ? (size_t)(host - url) : 0, i = 0, size;

	while (i < ARRAY_LEN(known) && (strlen(known[i].scheme) != scheme ||
					strncmp(known[i].scheme, url, scheme) != 0))
		i++;
	if (i == ARRAY_LEN(known))
		return err_set(err, SYM_USAGE, "the endpoint is no address of the form https://host:port");
	host += 3;
	size = strcspn(host, "/?#");
	if (memchr(host, '@', size) || strpbrk(host, "?#"))
		return err_set(err, SYM_USAGE,
			       "the endpoint must be an address without user, query and fragment");
	snprintf(out->scheme, sizeof out->scheme, "%s", known[i].scheme);
	snprintf(out->base, sizeof out->base, "%s", host + size);
	for (size_t n = strlen(out->base); n > 0 && out->base[n - 1] == '/'; n--)
		out->base[n - 1] = '\0';
	if (size == 0 || size >= sizeof out->host || strlen(host + size) >= sizeof out->base)
		return err_set(err, SYM_USAGE, "the endpoint's host is missing or too long");
	memcpy(out->host, host, size);
	out->host[size] = '\0';
	if (out->host[size - 1] == ':')
		out->host[--size] = '\0'; /* an empty port is the usual one */
	if (text_ends_nocase(out->host, known[i].port))
		out->host[size - strlen(known[i].port)] = '\0';
	text_lower_all(out->host);
	return SYM_OK;
}

/* ------------------------------------------------------------- requests -- */

static void add_header(struct aws_signed *s, const char *name, const char *value)
{
	if (s->count == ARRAY_LEN(s->at) - 1) {
		s->text.failed = true;
		return;
	}
	s->at[s->count++] = s->text.size;
	buf_add_text(&s->text, name);
	buf_add_text(&s->text, ": ");
	buf_add(&s->text, value, strlen(value) + 1);
}

/* The texts move as they grow. */
static enum sym_status end_headers(struct aws_signed *s, struct sym_err *err)
{
	if (s->text.failed)
		return err_set(err, SYM_TOO_BIG, "a request has too many headers, or too long ones");
	for (size_t i = 0; i < s->count; i++)
		s->headers[i] = s->text.data + s->at[i];
	s->headers[s->count] = NULL;
	return SYM_OK;
}

static enum sym_status add_authorization(const struct aws_request *request,
					 const struct sigv4_request *to_sign,
					 const struct aws_keys *keys, const char *time,
					 struct aws_signed *out, struct sym_err *err)
{
	const struct sigv4_signer by = {.key_id = keys->id, .secret = keys->secret,
					.region = request->region, .service = request->service,
					.time = time, .kept = request->kept};
	struct buf value = BUF_MAX(SIGNED_MAX);
	enum sym_status status;

	buf_reserve(&value, SIGNED_USUAL);
	status = sigv4_sign(to_sign, &by, &value, err);
	if (status == SYM_OK) {
		add_header(out, "Authorization", value.data);
		status = end_headers(out, err);
	}
	buf_release(&value);
	return status;
}

enum sym_status aws_sign(const struct aws_request *request, const struct aws_keys *keys,
			 struct aws_signed *out, struct sym_err *err)
{
	char time[SIGV4_TIME_MAX], host[sizeof request->site->host + 260], path[4096];
	struct sigv4_request to_sign = {.method = request->method, .path = path,
					.query = request->query, .query_count = request->query_count,
					.headers = out->headers, .payload = request->payload};
	enum sym_status status;

	*out = (struct aws_signed){.url = BUF_MAX(SIGNED_MAX), .text = BUF_MAX(SIGNED_MAX)};
	buf_reserve(&out->url, SIGNED_USUAL);
	buf_reserve(&out->text, SIGNED_USUAL);
	sigv4_time(os_time_s(), time);
	snprintf(host, sizeof host, "%s%s%s", request->host ? request->host : "",
		 request->host ? "." : "", request->site->host);
	if ((size_t)snprintf(path, sizeof path, "%s%s", request->site->base, request->path) >= sizeof path)
		return err_set(err, SYM_TOO_BIG, "a key is too long");
	buf_printf(&out->url, "%s://%s", request->site->scheme, host);
	sigv4_address(&to_sign, &out->url);
	if (out->url.failed)
		return err_set(err, SYM_TOO_BIG, "an address is too long");
	add_header(out, "Host", host);
	if (keys) {
		add_header(out, "x-amz-date", time);
		if (strcmp(request->service, "s3") == 0)
			add_header(out, "x-amz-content-sha256", request->payload);
		if (keys->token)
			add_header(out, "x-amz-security-token", keys->token);
	}
	for (const struct sigv4_pair *h = request->headers; h && h->name; h++)
		add_header(out, h->name, h->value);
	status = end_headers(out, err);
	if (status == SYM_OK && keys)
		status = add_authorization(request, &to_sign, keys, time, out, err);
	return status;
}

void aws_signed_release(struct aws_signed *s)
{
	buf_forget(&s->text);
	buf_release(&s->url);
}

void aws_perform(struct xfer *x, const struct xfer_request *request,
		 const struct retry_policy *policy, struct xfer_response *out)
{
	struct xfer_request again = *request;
	struct retry_policy tries = *policy;

	for (unsigned attempt = 1;; attempt++) {
		struct retry_decision next;
		char after[64];

		xfer_perform(x, &again, out);
		if (out->status != SYM_OK)
			tries = retry_at_most(tries, RETRY_MEET_TRIES); /* who cannot be reached is soon named */
		next = retry_now(&tries, attempt, out->curl, out->http,
				 xfer_header(out, "Retry-After", after, sizeof after));
		if (!next.again || out->status == SYM_CANCELLED)
			return;
		again.not_before_ms = next.at_ms;
		xfer_response_release(out);
	}
}

enum sym_status aws_ask(struct xfer *x, const struct aws_request *request, const struct aws_keys *keys,
			const struct xfer_body *body, struct xfer_response *out, struct sym_err *err)
{
	struct xfer_request send = {.method = request->method, .body = body, .body_max = ANSWER_MAX};
	struct aws_signed made;

	*out = (struct xfer_response){.status = aws_sign(request, keys, &made, err)};
	if (out->status == SYM_OK) {
		send.url = made.url.data;
		send.headers = made.headers;
		aws_perform(x, &send, &retry_default, out);
		if (out->status != SYM_OK)
			*err = out->err;
	}
	aws_signed_release(&made);
	return out->status;
}
