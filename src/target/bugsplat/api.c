/* SPDX-License-Identifier: MIT
 * Requests to the service, each a single attempt, and what their answers mean. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "base/text.h"

#include <curl/curl.h> /* the names of its codes */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	ANSWER_MAX = 64 << 10, /* bytes of an answer; presigned addresses have 2 KiB */
	FORM_MAX = 64 << 10,
};

/* What the service says once and for all, whatever the status: of a file, and of a version,
 * to which nothing more can be added. */
static const char *const file_max[] = {"Symbol file max size"};
static const char *const version_max[] = {"Symbol table max size"};

/* What S3 says to a presigned address that came too late, or whose maker's session has ended, and to
 * a body that came too slowly, or not whole: with a new address it may go. */
static const char *const stale_words[] = {"Request has expired", "ExpiredToken", "RequestTimeout",
					  "RequestTimeTooSkewed", "IncompleteBody", "OperationAborted"};

static bool holds(const char *text, const char *const words[], size_t count)
{
	for (size_t i = 0; text && i < count; i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

void bugsplat_log(const struct bugsplat *b, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (!b->remote->log)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	b->remote->log(line);
}

/* Fills in what is known of an answer that is no success. */
static void fail(struct bugsplat_failure *f, const struct xfer_response *r)
{
	*f = (struct bugsplat_failure){.curl = r->curl, .http = r->http, .unauthorised = r->http == 401};
	(void)xfer_header(r, "Retry-After", f->retry_after, sizeof f->retry_after);
	if (r->status != SYM_OK)
		f->err = r->err;
}

/* ------------------------------------------------------------------ API -- */

/* An answer that is no success, in words. */
static void explain(const struct bugsplat *b, const char *route, const struct xfer_response *r,
		    const struct bugsplat_answer *answer, struct bugsplat_failure *f)
{
	char said[140];

	text_shown(said, sizeof said, answer->message ? answer->message : "",
		   answer->message ? strlen(answer->message) : 0);
	if (r->http == 401)
		err_set(&f->err, SYM_AUTH, "BugSplat refuses the token (401)%s%s", said[0] ? ": " : "", said);
	else if (r->http == 403)
		err_set(&f->err, SYM_AUTH,
			"not authorized to upload symbols to %.60s, check the database name and that "
			"your credentials have access to it (403)%s%.60s", b->remote->database,
			said[0] ? ": " : "", said);
	else if (r->http != 200)
		err_set(&f->err, SYM_NET, "BugSplat answers %ld to %s%s%s%s%s", r->http, route,
			f->retry_after[0] ? ", Retry-After " : "", f->retry_after,
			said[0] ? ": " : "", said);
	else if (!answer->is_json)
		err_set(&f->err, SYM_NET, "BugSplat's answer to %s makes no sense: it is no JSON", route);
	else
		err_set(&f->err, SYM_NET, "BugSplat: %s", said[0] ? said : "Status: Failed");
}

/* Is the answer a success? */
static bool judge(const struct bugsplat *b, const char *route, const struct xfer_response *r,
		  const struct bugsplat_answer *answer, struct bugsplat_failure *f)
{
	if (r->status == SYM_OK && r->http == 200 && answer->is_json && !answer->failed)
		return true;
	fail(f, r);
	if (r->status != SYM_OK)
		return false;
	explain(b, route, r, answer, f);
	if (r->http == 200) /* it may say otherwise the next time */
		f->curl = CURLE_WEIRD_SERVER_REPLY;
	f->too_big = holds(answer->message, file_max, ARRAY_LEN(file_max));
	if (f->too_big || holds(answer->message, version_max, ARRAY_LEN(version_max)))
		f->curl = 0, f->http = 0;
	return false;
}

/* What is asked: a form, or nothing but the address. */
struct ask {
	const char *method, *url;
	const char *route;            /* for people */
	bool logs_in;                 /* goes without a token */
	const struct buf *form;       /* or NULL */
};

/* One request, with the token's header or NULL. */
static void perform(struct bugsplat *b, const struct ask *ask, const char *authorization,
		    uint64_t not_before_ms, struct xfer_response *r)
{
	char type[96];
	const char *headers[4] = {"Accept: */*"};
	struct xfer_body body = {.file = OS_NO_FILE};
	size_t count = 1;

	if (ask->form) {
		body.memory = ask->form->data;
		body.size = ask->form->size;
		snprintf(type, sizeof type, "Content-Type: multipart/form-data; boundary=%s", b->boundary);
		headers[count++] = type;
	}
	if (authorization)
		headers[count++] = authorization;
	xfer_perform(b->xfer,
		     &(struct xfer_request){.method = ask->method,
					    .url = ask->url,
					    .headers = headers,
					    .follow = true,
					    .secret = ask->logs_in,
					    .body = ask->form ? &body : NULL,
					    .body_max = ANSWER_MAX,
					    .not_before_ms = not_before_ms},
		     r);
}

/* True: the answer is a success, and `answer` is to be released. */
static bool ask_once(struct bugsplat *b, const struct ask *ask, uint64_t not_before_ms,
		     struct bugsplat_answer *answer, struct bugsplat_failure *failure)
{
	struct xfer_response r;
	unsigned number = 0;
	char *token = NULL;
	bool good;

	memset(failure, 0, sizeof *failure);
	memset(answer, 0, sizeof *answer);
	if (!ask->logs_in && bugsplat_token_take(b, &token, &number, &failure->err) != SYM_OK)
		return false;
	perform(b, ask, token, not_before_ms, &r);
	bugsplat_answer_read(r.body.data, r.body.size, answer);
	text_hide(answer->message, b->remote->client_secret); /* services say back what they were sent */
	text_hide(answer->message, token ? strrchr(token, ' ') + 1 : NULL);
	text_forget(token);
	good = judge(b, ask->route, &r, answer, failure);
	if (!ask->logs_in && (good || failure->unauthorised))
		bugsplat_token_answered(b, number, failure->unauthorised);
	if (!good && !ask->logs_in)
		bugsplat_answer_release(answer);
	xfer_response_release(&r);
	return good;
}

/* A token may end at any time, also between putting a file and confirming it: what was
 * refused for that is asked again with a new one, and nothing before it is repeated. */
static bool ask_as_authorised(struct bugsplat *b, const struct ask *ask, uint64_t not_before_ms,
			      struct bugsplat_answer *answer, struct bugsplat_failure *failure)
{
	bool good = ask_once(b, ask, not_before_ms, answer, failure);

	if (!good && failure->unauthorised && !ask->logs_in)
		good = ask_once(b, ask, 0, answer, failure);
	return good;
}

bool bugsplat_post(struct bugsplat *b, const char *route, const struct bugsplat_form *form,
		   uint64_t not_before_ms, struct bugsplat_answer *answer,
		   struct bugsplat_failure *failure)
{
	char url[BUGSPLAT_ORIGIN_MAX + 64];
	struct buf body = BUF_MAX(FORM_MAX);
	struct ask ask = {.method = "POST", .url = url, .route = route, .form = &body,
			  .logs_in = strcmp(route, BUGSPLAT_LOG_IN) == 0};
	bool good = false;

	snprintf(url, sizeof url, "%s%s", b->origin, route);
	bugsplat_form_body(form, b->boundary, &body);
	if (body.failed) {
		memset(answer, 0, sizeof *answer);
		memset(failure, 0, sizeof *failure);
		err_set(&failure->err, SYM_TOO_BIG, "a name is too long to be sent to BugSplat");
	} else {
		good = ask_as_authorised(b, &ask, not_before_ms, answer, failure);
	}
	buf_forget(&body); /* a log-in's holds the secret */
	return good;
}

bool bugsplat_delete(struct bugsplat *b, const char *url, uint64_t not_before_ms,
		     struct bugsplat_failure *failure)
{
	struct ask ask = {.method = "DELETE", .url = url, .route = "DELETE /api/v2/versions"};
	struct bugsplat_answer answer;

	if (!ask_as_authorised(b, &ask, not_before_ms, &answer, failure))
		return false;
	bugsplat_answer_release(&answer);
	return true;
}

/* ------------------------------------------------------------ presigned -- */

/* S3's own word for its refusal: <Code>EntityTooLarge</Code>. The rest of what it says may
 * repeat the signature. */
static void storage_code(const char *body, char *to, size_t size)
{
	static const char mark[] = "<Code>";
	const char *at = body ? strstr(body, mark) : NULL;
	size_t len = 0;

	if (at) {
		at += strlen(mark);
		len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	}
	snprintf(to, size, "%.*s", (int)len, at ? at : "");
}

static void explain_put(const char *url, const struct xfer_response *r, struct bugsplat_failure *f)
{
	char shown[160], code[64];

	xfer_shown_url(url, shown, sizeof shown);
	storage_code(r->body.data, code, sizeof code);
	err_set(&f->err, r->http == 403 ? SYM_AUTH : SYM_NET, "%s does not take the file (%ld%s%s)",
		shown, r->http, code[0] ? " " : "", code);
	if (holds(r->body.data, stale_words, ARRAY_LEN(stale_words)))
		f->http = 408;
}

bool bugsplat_put(struct bugsplat *b, const char *url, const struct xfer_body *body, bool gzip,
		  struct bugsplat_failure *failure)
{
	const char *headers[] = {"Content-Type: application/octet-stream", "Accept: */*",
				 gzip ? "Content-Encoding: gzip" : NULL, NULL};
	struct xfer_request request = {.method = "PUT", .url = url, .headers = headers, .follow = true,
				       .body = body, .body_max = 4096};
	struct xfer_response r;
	bool good;

	xfer_perform(b->xfer, &request, &r);
	good = r.status == SYM_OK && r.http == 200;
	memset(failure, 0, sizeof *failure);
	if (!good)
		fail(failure, &r);
	if (!good && r.status == SYM_OK)
		explain_put(url, &r, failure);
	xfer_response_release(&r);
	return good;
}

/* ---------------------------------------------------------------- again -- */

bool bugsplat_again(struct bugsplat *b, struct bugsplat_failure *failure, unsigned attempt,
		    uint64_t *at_ms)
{
	struct retry_decision decision;
	uint64_t now = os_now_ms();

	decision = retry_now(&b->policy, attempt, failure->curl, failure->http,
			     failure->retry_after[0] ? failure->retry_after : NULL);
	if (failure->http == 429)
		bugsplat_log(b, "Rate limit hit (429)");
	if (decision.again)
		bugsplat_log(b, "%s; backing off %" PRIu64 "ms before retry...",
			     failure->err.text[0] ? failure->err.text : "Upload request failed",
			     decision.at_ms > now ? decision.at_ms - now : 0);
	*at_ms = decision.at_ms;
	failure->leave_alone = decision.too_long_ms > 0;
	return decision.again;
}
