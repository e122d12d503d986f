/* SPDX-License-Identifier: MIT
 * One transfer: what is asked as libcurl's options, the callbacks that move its bytes,
 * and its answer. */
#include "target/xfer/job.h"

#include "base/err.h"
#include "base/text.h"
#include "target/compare.h"

#include <stdlib.h>
#include <string.h>

const char *job_url(const struct xfer_job *job)
{
	return job->url ? job->url : job->request.url;
}

/* ------------------------------------------------------------ callbacks -- */

static uint64_t body_size(const struct xfer_job *job)
{
	return job->request.body ? job->request.body->size : 0;
}

/* The body got so far, or is to begin anew from there. */
static void body_is_at(struct xfer_job *job, uint64_t at)
{
	const struct xfer_body *b = job->request.body;

	if (b)
		gauge_move(b->gauge, (int64_t)gauge_share(at, b->size, b->plain) -
					     (int64_t)gauge_share(job->read_at, b->size, b->plain));
	job->read_at = at;
}

static size_t read_memory(struct xfer_job *job, char *to, size_t n)
{
	const struct xfer_body *b = job->request.body;

	memcpy(to, (const char *)b->memory + b->offset + job->read_at, n);
	return n;
}

/* Answers 0 where it could not, and body_err says why. */
static size_t read_file(struct xfer_job *job, char *to, size_t n)
{
	const struct xfer_body *b = job->request.body;
	enum sym_status status = os_read_exactly(b->file, b->offset + job->read_at, to, n, &job->body_err);

	if (status == SYM_OK && job->read_at + n == b->size)
		status = compare_state(b->file, b->as_it_was, &job->body_err);
	return status == SYM_OK ? n : 0;
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
	struct xfer_job *job = arg;
	struct xfer *x = job->x;
	uint64_t left = body_size(job) - job->read_at;
	size_t n = (size_t)min_u64(left, size * count);

	if (n == 0)
		return 0;
	n = bucket_take(&x->bucket, n);
	if (n == 0) {
		if (!job->paused) {
			job->paused = true;
			job_add(&x->paused_end, job);
		}
		return CURL_READFUNC_PAUSE;
	}
	n = job->request.body->file == OS_NO_FILE ? read_memory(job, to, n) : read_file(job, to, n);
	if (n == 0)
		return CURL_READFUNC_ABORT;
	body_is_at(job, job->read_at + n);
	job->response.sent += n;
	return n;
}

/* libcurl begins again: another round of authentication, or a connection that was gone. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct xfer_job *job = arg;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > body_size(job))
		return CURL_SEEKFUNC_FAIL;
	body_is_at(job, (uint64_t)offset);
	return CURL_SEEKFUNC_OK;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct xfer_job *job = arg;
	struct buf *headers = &job->response.headers;
	size_t n = size * count;

	if (n > 5 && memcmp(line, "HTTP/", 5) == 0) {
		buf_clear(headers);
		buf_clear(&job->response.body);
		job->headers_whole = false;
		return n;
	}
	if (n <= 2)
		job->headers_whole = true;
	else if (!headers->failed)
		buf_add(headers, line, n); /* past the maximum the rest is not kept */
	return n;
}

static bool is_good(const struct xfer_job *job)
{
	long http = 0;

	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &http);
	return http / 100 == 2;
}

static size_t on_write(char *bytes, size_t size, size_t count, void *arg)
{
	struct xfer_job *job = arg;
	struct buf *body = &job->response.body;
	size_t n = size * count, room = body->max - body->size;

	job->response.received += n;
	if (job->request.take && is_good(job)) {
		struct sym_err *err = &job->body_err;

		return job->request.take(job->request.take_ctx, bytes, n, err) == SYM_OK ? n : 0;
	}
	if (body->max > 0)
		buf_add(body, bytes, n < room ? n : room);
	/* What is left is read and dropped, for the sake of the connection; but not for ever. */
	job->full = job->response.received > body->max + XFER_SURPLUS_MAX;
	return job->full ? 0 : n;
}

/* -------------------------------------------------------------- options -- */

/* Methods that state the length of their body even where it is none. */
static bool sends_length(const struct xfer_request *r)
{
	return r->body || strcmp(r->method, "PUT") == 0 || strcmp(r->method, "POST") == 0;
}

/* It begins: for the first time, or again because a connection that was kept was gone. */
static int on_begin(void *arg, char *from, char *to, int from_port, int to_port)
{
	struct xfer_job *job = arg;

	(void)from;
	(void)to;
	(void)from_port;
	(void)to_port;
	job->response.sent += body_size(job);
	return CURL_PREREQFUNC_OK;
}

/* May libcurl have the body as a whole? A small one then leaves together with its header.
 * Where a rate is kept, or several rounds are needed to log in, it comes piece by piece. */
static bool is_given_whole(const struct xfer_job *job)
{
	const struct xfer_request *r = &job->request;

	return r->body && r->body->memory && job->x->bucket.rate == 0 && r->auth != XFER_AUTH_DIGEST;
}

static void set_method(struct xfer_job *job)
{
	const struct xfer_request *r = &job->request;
	CURL *e = job->easy;

	if (strcmp(r->method, "HEAD") == 0) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (is_given_whole(job)) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body->size);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, (const char *)r->body->memory + r->body->offset);
		curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_begin);
		curl_easy_setopt(e, CURLOPT_PREREQDATA, job);
	} else if (sends_length(r)) {
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body_size(job));
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(e, CURLOPT_READDATA, job);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, job);
		curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, body_size(job) > 128 * 1024 ? 256 * 1024L : 64 * 1024L);
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
}

static size_t count_headers(const char *const *h)
{
	size_t n = 0;

	while (h && h[n])
		n++;
	return n;
}

static void add_header(struct xfer_job *job, size_t *count, const char *line)
{
	struct curl_slist *at = &job->headers[(*count)++];

	at->data = (char *)(uintptr_t)line; /* libcurl does not write to it */
	if (*count > 1)
		at[-1].next = at;
}

/* libcurl's list, as one array. False: out of memory. */
static bool set_headers(struct xfer_job *job)
{
	const char *const *h = job->request.headers;
	bool typed = false;
	size_t n = 0;

	job->headers = calloc(count_headers(h) + 2, sizeof *job->headers);
	if (!job->headers)
		return false;
	for (; h && *h; h++) {
		typed |= header_is_called(*h, "Content-Type");
		if (!job->foreign || header_describes_body(*h))
			add_header(job, &n, *h);
	}
	if (sends_length(&job->request)) {
		/* Without a pause for "100 Continue": libcurl stops sending when an answer comes early. */
		add_header(job, &n, "Expect:");
		if (!typed)
			add_header(job, &n, "Content-Type:");
	}
	curl_easy_setopt(job->easy, CURLOPT_HTTPHEADER, n > 0 ? job->headers : NULL);
	return true;
}

/* Is the user's password one of ~/.netrc? */
static bool is_in_netrc(const struct xfer_job *job)
{
	const struct xfer_request *r = &job->request;

	return job->x->options.netrc && r->auth != XFER_AUTH_NONE && !job->foreign && r->user && !r->password;
}

/* libcurl looks into ~/.netrc for a user that stands in the address, and for no other. */
static CURLcode set_user_in_url(struct xfer_job *job)
{
	CURLU *url = curl_url();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	char *whole = NULL;

	if (url && curl_url_set(url, CURLUPART_URL, job_url(job), CURLU_PATH_AS_IS) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_USER, job->request.user, CURLU_URLENCODE) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		code = curl_easy_setopt(job->easy, CURLOPT_URL, whole);
	curl_free(whole);
	curl_url_cleanup(url);
	return code;
}

static CURLcode set_url(struct xfer_job *job)
{
	return is_in_netrc(job) ? set_user_in_url(job) : curl_easy_setopt(job->easy, CURLOPT_URL, job_url(job));
}

static void set_credentials(struct xfer_job *job)
{
	static const long kinds[] = {
		[XFER_AUTH_NONE] = (long)CURLAUTH_BASIC,
		[XFER_AUTH_BASIC] = (long)CURLAUTH_BASIC,
		[XFER_AUTH_DIGEST] = (long)CURLAUTH_DIGEST,
	};
	const struct xfer_request *r = &job->request;

	curl_easy_setopt(job->easy, CURLOPT_HTTPAUTH, kinds[r->auth]);
	if (r->auth == XFER_AUTH_NONE || job->foreign)
		return; /* libcurl would send at once what it finds in ~/.netrc */
	if (job->x->options.netrc)
		curl_easy_setopt(job->easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	if (is_in_netrc(job))
		return;
	curl_easy_setopt(job->easy, CURLOPT_USERNAME, r->user);
	curl_easy_setopt(job->easy, CURLOPT_PASSWORD, r->user && !r->password ? "" : r->password);
}

static void set_connection(struct xfer_job *job)
{
	const struct xfer_options *o = &job->x->options;
	CURL *e = job->easy;

	if (o->proxy)
		curl_easy_setopt(e, CURLOPT_PROXY, o->proxy);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (o->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
	else /* on Windows, what the system trusts; elsewhere without effect */
		curl_easy_setopt(e, CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_NATIVE_CA);
	if (o->client_cert)
		curl_easy_setopt(e, CURLOPT_SSLCERT, o->client_cert);
	if (o->client_key)
		curl_easy_setopt(e, CURLOPT_SSLKEY, o->client_key);
	/* Without one OpenSSL would ask for it: at a terminal that nobody sits at, or of the list of files. */
	curl_easy_setopt(e, CURLOPT_KEYPASSWD, o->client_key_password ? o->client_key_password : "");
	if (o->insecure) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (o->http1)
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, strncmp(job_url(job), "https:", 6) == 0 ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)o->connect_timeout_s);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)o->stall_timeout_s);
}

enum sym_status job_configure(struct xfer_job *job, struct sym_err *err)
{
	CURL *e = job->easy;

	body_is_at(job, 0);
	job->headers_whole = job->full = job->paused = false;
	job->body_err.status = SYM_OK;
	job->error[0] = '\0';
	curl_easy_reset(e);
	if (curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
	    set_url(job) != CURLE_OK || !set_headers(job))
		return err_set(err, SYM_NOMEM, "out of memory");
	curl_easy_setopt(e, CURLOPT_PRIVATE, job);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, job->error);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L); /* object names may hold "..", and are signed */
	curl_easy_setopt(e, CURLOPT_USERAGENT, "symbol-upload/" SYMBOL_UPLOAD_VERSION);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, job);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, job);
	set_method(job);
	set_credentials(job);
	set_connection(job);
	return SYM_OK;
}

/* --------------------------------------------------------------- answer -- */

/* Did the server answer, even where libcurl calls the transfer a failure? */
static bool was_answered(const struct xfer_job *job, CURLcode code, long http)
{
	if (http == 0 || !job->headers_whole)
		return false;
	if (code == CURLE_OK || job->full)
		return true;
	/* It refused, and closed the door while we were still sending: the refusal counts. */
	return http >= 400 && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
			       code == CURLE_PARTIAL_FILE || code == CURLE_HTTP2_STREAM);
}

void job_harvest(struct xfer_job *job, CURLcode code)
{
	struct xfer_response *r = &job->response;
	long http = 0;

	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &http);
	if (code == CURLE_OK && !job->headers_whole)
		code = CURLE_PARTIAL_FILE; /* libcurl takes half a header for a whole one */
	if (code == CURLE_UNSUPPORTED_PROTOCOL && strstr(job->error, "HTTP/0.9"))
		code = CURLE_WEIRD_SERVER_REPLY; /* it means the answer, not the address */
	r->foreign = job->foreign;
	r->body.failed = r->headers.failed = false; /* what was too much was let go on purpose */
	if (job->body_err.status != SYM_OK) {
		r->status = job->body_err.status;
		r->err = job->body_err;
	} else if (was_answered(job, code, http)) {
		r->status = SYM_OK;
		r->http = http;
	} else {
		r->curl = (int)code;
		r->stream_reset = code == CURLE_HTTP2_STREAM;
		job_explain(job, code);
	}
	body_is_at(job, r->http / 100 == 2 ? body_size(job) : 0); /* what was refused goes again */
}
