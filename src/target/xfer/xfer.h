/* SPDX-License-Identifier: MIT
 * HTTP transfers. One thread drives libcurl's multi interface; the callers of
 * xfer_start wait for it or go on. The only user of libcurl.
 *
 * A request is a single attempt: whether there is another one decides retry.c, and
 * what it should look like then (a new signature, a new presigned address) its maker. */
#ifndef TARGET_XFER_XFER_H
#define TARGET_XFER_XFER_H

#include "base/buf.h"
#include "os/os.h"
#include "sym.h"
#include "target/gauge.h"

struct xfer;

/* How to connect; as libcurl's users know it. All borrowed until xfer_close; NULL or 0: libcurl's default. */
struct xfer_options {
	unsigned transfers;        /* at once; 0 = 16 */
	const char *proxy;         /* else libcurl's environment variables */
	const char *ca_file, *client_cert, *client_key, *client_key_password;
	bool insecure;             /* certificates are not verified */
	bool netrc;
	/* No HTTP/2. For all of its transfers or for none: libcurl 7.88 gives one connection to
	 * two transfers at once where both kinds go to one server. */
	bool http1;
	uint64_t limit_rate;       /* bytes a second over all transfers; 0 = none */
	unsigned connect_timeout_s; /* 0 = 30 */
	unsigned stall_timeout_s;   /* no byte moved for so long: given up; 0 = 60 */
	bool deaf;                  /* else all is given up (SYM_CANCELLED) when the run is asked to stop */
};

/* SYM_NOMEM, SYM_NET. */
enum sym_status xfer_open(const struct xfer_options *options, struct xfer **out,
			  struct sym_err *err) MUST_CHECK;
void xfer_close(struct xfer *x); /* gives up what runs; NULL is fine */

enum xfer_auth { XFER_AUTH_NONE, XFER_AUTH_BASIC, XFER_AUTH_DIGEST };

/* What is sent: `size` bytes of `file` from `offset`, or of `memory`. */
struct xfer_body {
	os_file file;                /* OS_NO_FILE: in memory */
	const void *memory;
	uint64_t offset, size;
	/* Of `file`, as it was: where it is no longer so, its last bytes are not sent, and no
	 * server has an object of mixed states. SYM_CHANGED. NULL: not looked at. */
	const struct os_stat *as_it_was;
	struct gauge *gauge;         /* hears how far the body got, until it is refused; or NULL */
	uint64_t plain;              /* bytes that all of it is for the gauge: before it was packed */
};

/* What is asked. Borrowed until the request is waited for. */
struct xfer_request {
	const char *method;          /* "PUT", "HEAD", … */
	const char *url;
	const char *const *headers;  /* "Name: value", ended by NULL; may be NULL */
	enum xfer_auth auth;
	const char *user, *password; /* for `auth`; a user's password NULL: none, or what ~/.netrc has for it */
	/* Redirects. Credentials stay with the first host, and so does every header but those
	 * that only describe the body. Any but GET and HEAD follows 307 and 308 alone. */
	bool follow;
	bool secret;                 /* the body is one of them: it is not sent to another host */
	const struct xfer_body *body; /* NULL: none */
	size_t body_max;             /* of the answer's body: so much is kept */
	/* Gets the body of a 2xx answer, instead of the response, as it comes; NULL: none does.
	 * Called from the thread of the transfers. A status other than SYM_OK ends the transfer,
	 * and is the response's. */
	enum sym_status (*take)(void *ctx, const void *bytes, size_t size, struct sym_err *err);
	void *take_ctx;
	/* Called as it begins, which may be long after its start: can give it another address and other headers,
	 * which stay there until the request is waited for. From the thread of the transfers; NULL: none is. */
	void (*begins)(void *ctx, struct xfer_request *request);
	void *begins_ctx;
	uint64_t not_before_ms;      /* os_now_ms at which it may begin: it is tried again; 0 = at once */
	bool outlives_stop;          /* once begun, its answer is waited for, some seconds after a stop, too */
};

/* What came back. */
struct xfer_response {
	/* SYM_OK: an answer came, whatever its `http` says. SYM_NET; SYM_AUTH: a proxy wants
	 * other credentials; SYM_REFUSED: certificate, redirect; SYM_CHANGED, SYM_IO: the file;
	 * SYM_USAGE: an address or a file of the options; SYM_CANCELLED: also what would wait, or be
	 * tried again, where a run's time is over (base/stop.h); SYM_NOMEM. */
	enum sym_status status;
	int curl;                    /* CURLcode, for retry.c; 0 where an answer came */
	long http;                   /* 200, 404, …; 0 without an answer */
	bool foreign;                /* one led to another server, which got no credentials */
	/* An HTTP/2 stream was reset. A server that refuses a body before it has come does so,
	 * and the refusal itself is lost: over HTTP/1.1 it is heard. */
	bool stream_reset;
	struct buf headers;          /* of the last answer, as they came: "Name: value\r\n"… */
	struct buf body;             /* at most body_max bytes */
	uint64_t sent, received;     /* bytes of bodies, what was begun anew included */
	struct sym_err err;          /* where status is not SYM_OK; no secrets, queries cut */
};

/* The value of a header (any letter case), or NULL; copied to `to`. */
const char *xfer_header(const struct xfer_response *r, const char *name, char *to, size_t size);

/* The same of a header that comes several times: the value number `nth`, from 0. */
const char *xfer_header_nth(const struct xfer_response *r, const char *name, size_t nth, char *to,
			    size_t size);

/* Certain ones: Content-Length, where it is a number; a SHA-256 in hex; Content-Encoding; Date, the
 * server's clock when it answered, since 1970, or 0. */
bool response_size(const struct xfer_response *r, uint64_t *size);
bool response_sha256(const struct xfer_response *r, const char *name, uint8_t sha256[32]);
bool response_is_gzip(const struct xfer_response *r);
int64_t response_date_s(const struct xfer_response *r);

void xfer_response_release(struct xfer_response *r); /* overwrites it: answers hold keys and tokens, too */

/* Is the line "name: value" (or curl's "name;") called so, in any letter case? */
bool header_is_called(const char *header, const char *name);

/* May a header go to a server that the user did not name? */
bool header_describes_body(const char *header);

/* Starts a transfer; every started one is waited for once. SYM_NOMEM. */
struct xfer_job;
enum sym_status xfer_start(struct xfer *x, const struct xfer_request *request,
			   struct xfer_job **out, struct sym_err *err) MUST_CHECK;
void xfer_wait(struct xfer *x, struct xfer_job *job, struct xfer_response *out);

/* Both in one. */
void xfer_perform(struct xfer *x, const struct xfer_request *request, struct xfer_response *out);

/* A server that says 429, 503 or 5xx slows down all transfers to it together, and answers
 * speed them up again: brake.h, fed with every answer by xfer itself. */

/* Where host and port of an address begin and end. Its user and password are left out, also
 * where a `/`, `?` or `#` of theirs is not encoded, as it would have to be. */
void xfer_authority(const char *url, const char **begin, const char **end);

/* Text for people: scheme, host and path without user, password and query. */
void xfer_shown_url(const char *url, char *to, size_t size);

#endif
