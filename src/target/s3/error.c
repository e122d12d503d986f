/* SPDX-License-Identifier: MIT
 * What S3's refusals mean for the user. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "target/advice.h"

#include <stdio.h>
#include <string.h>

struct advice {
	const char *code;
	enum sym_status status;
	bool deadly; /* it will be said to every request of the run */
	const char *text; /* %b: the bucket, %e: the endpoint, %a: what it takes,
			   * %w: the wrong region, and what to change; "" = none */
};

static const struct advice advice[] = {
	{"AccessDenied", SYM_AUTH, false, "these credentials lack %a, or a policy of the bucket denies it"},
	{"AccessControlListNotSupported", SYM_REFUSED, true, "the bucket takes no ACLs: leave out --acl"},
	{"AccountProblem", SYM_AUTH, true, ""},
	{"AllAccessDisabled", SYM_AUTH, true, ""},
	{"AuthorizationHeaderMalformed", SYM_AUTH, true, "the bucket is not in the region %w"},
	{"BadDigest", SYM_NET, false, "other bytes arrived than were sent"},
	{"EntityTooLarge", SYM_TOO_BIG, false, "the server takes no object of this size"},
	{"ExpiredToken", SYM_AUTH, true, "the session is over: get new credentials"},
	{"IllegalLocationConstraintException", SYM_AUTH, true, "the bucket is not in the region %w"},
	{"InvalidAccessKeyId", SYM_AUTH, true,
	 "%e does not know this access key: is it of another account, or another endpoint?"},
	{"InvalidBucketName", SYM_USAGE, true, "\"%b\" is no name of a bucket"},
	{"InvalidClientTokenId", SYM_AUTH, true, "%e does not know this access key"},
	{"InvalidStorageClass", SYM_USAGE, true, "the server does not have this --storage-class"},
	{"InvalidTag", SYM_USAGE, true, "the server does not take these --tag values"},
	{"InvalidToken", SYM_AUTH, true, "the session token is over, or of another access key"},
	{"MethodNotAllowed", SYM_REFUSED, false, "the server does not allow this on %b"},
	{"NoSuchBucket", SYM_NOT_FOUND, true,
	 "%e has no bucket \"%b\": check its name, the endpoint, and --addressing"},
	{"NotImplemented", SYM_UNSUPPORTED, false, "the server does not know what was asked for"},
	{"PermanentRedirect", SYM_AUTH, true, "the bucket is not in the region %w"},
	{"QuotaExceeded", SYM_REFUSED, true, "the quota of the bucket or of its owner is used up"},
	{"RequestTimeTooSkewed", SYM_AUTH, true, "set the clock of this machine"},
	{"SignatureDoesNotMatch", SYM_AUTH, true,
	 "the secret access key is wrong, or something between here and %e changes requests"},
	{"UnauthorizedAccess", SYM_AUTH, true, ""},
	{"XAmzContentSHA256Mismatch", SYM_NET, false, "other bytes arrived than were sent"},
};

/* Where there is no code (answers to HEAD have no body), by the status. */
static const struct {
	long http;
	enum sym_status status;
	const char *text;
} by_status[] = {
	{301, SYM_AUTH, "the bucket is not in the region %w"},
	{400, SYM_AUTH, "the server does not take the request: wrong region, clock or credentials"},
	{401, SYM_AUTH, "the server does not take these credentials"},
	{403, SYM_AUTH, "these credentials lack %a, or are not valid"},
	{404, SYM_NOT_FOUND, "there is no such bucket or object"},
	{405, SYM_UNSUPPORTED, "the server does not allow this request"},
	{413, SYM_TOO_BIG, "the server takes no object of this size"},
	{501, SYM_UNSUPPORTED, "the server does not know what was asked for"},
};

bool s3_says(const struct s3_call *call, const char *code)
{
	return strcmp(call->error.code, code) == 0;
}

bool s3_says_one_of(const struct s3_call *call, const char *const *codes)
{
	while (*codes && !s3_says(call, *codes))
		codes++;
	return *codes != NULL;
}

static const struct advice *advice_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(advice); i++)
		if (strcmp(advice[i].code, code) == 0)
			return &advice[i];
	return NULL;
}

static void add_endpoint(struct buf *out, const struct s3_call *call)
{
	pthread_mutex_lock(&call->s->lock);
	buf_add_text(out, call->s->site.host);
	pthread_mutex_unlock(&call->s->lock);
}

static void add_wrong_region(struct buf *out, const struct s3_call *call)
{
	char region[S3_REGION_MAX];

	if (!call->s->regional) {
		buf_printf(out, "%s: set --region", call->region);
		return;
	}
	buf_add_text(out, "of the endpoint ");
	add_endpoint(out, call);
	if (xfer_header(&call->response, "x-amz-bucket-region", region, sizeof region) && s3_is_region(region))
		buf_printf(out, ": use that of %s", region);
	else
		buf_add_text(out, ": use that of its own");
}

static void add_advice(struct buf *out, const struct s3_call *call, const char *text)
{
	for (; *text; text++) {
		if (*text != '%') {
			buf_add_char(out, *text);
			continue;
		}
		switch (*++text) {
		case 'a':
			buf_add_text(out, call->request->right);
			break;
		case 'b':
			buf_add_text(out, call->s->bucket);
			break;
		case 'e':
			add_endpoint(out, call);
			break;
		case 'w':
			add_wrong_region(out, call);
			break;
		}
	}
}

static void add_skew(struct buf *out, const struct s3_call *call)
{
	int64_t skew = clock_skew(response_date_s(&call->response), os_time_s());

	if (skew != 0)
		buf_printf(out, ": it is %lld minutes %s the server's",
			   (long long)((skew < 0 ? -skew : skew) + 30) / 60, skew < 0 ? "behind" : "ahead of");
}

/* 403 AccessDenied ("the server's own words"): what to do */
static void compose(struct s3_call *call, const char *text, struct buf *out)
{
	const struct s3_error *e = &call->error;
	char message[100];

	text_shown(message, sizeof message, e->message, strlen(e->message)); /* cut, and not within a letter */
	buf_printf(out, "the server answered %ld%s%s", call->http, *e->code ? " " : "", e->code);
	if (*message)
		buf_printf(out, " (%s)", message);
	if (*text)
		buf_add_text(out, ": ");
	add_advice(out, call, text);
	if (s3_says(call, "RequestTimeTooSkewed"))
		add_skew(out, call);
}

/* Does the server send us to another address? It is not followed: nobody gets a request signed for another. */
static bool leads_elsewhere(const struct s3_call *call, char to[160])
{
	char location[4096];

	if (call->http / 100 != 3 || !xfer_header(&call->response, "Location", location, sizeof location))
		return false;
	xfer_shown_url(location, to, 160);
	return true;
}

/* Servers that are not AWS's call an option that they do not have an invalid argument. */
static bool may_be_an_option(const struct s3_call *call)
{
	const struct remote_options *o = &call->s->remote;

	return s3_says(call, "InvalidArgument") &&
	       (o->storage_class || o->sse || o->acl || o->tags);
}

enum sym_status s3_refused(struct s3_call *call, struct sym_err *err)
{
	const struct advice *known = advice_of(call->error.code);
	enum sym_status status = known ? known->status : SYM_NET;
	const char *text = known ? known->text : "";
	char elsewhere[160];
	bool leads = !known && leads_elsewhere(call, elsewhere);
	struct buf words = BUF_MAX(4096);

	for (size_t i = 0; !known && i < ARRAY_LEN(by_status); i++)
		if (by_status[i].http == call->http) {
			status = by_status[i].status;
			text = call->error.code[0] ? "" : by_status[i].text;
		}
	if (may_be_an_option(call))
		text = "perhaps the server does not have what --storage-class, --sse, --acl or --tag ask for";
	if (call->anonymous && status == SYM_AUTH)
		text = "it was asked without credentials, for none were found";
	compose(call, leads ? "" : text, &words);
	if (leads) {
		status = SYM_REFUSED;
		buf_printf(&words, ": it redirects to %s: is that the --endpoint?", elsewhere);
	}
	err_set(err, status, "%s", words.data ? words.data : "out of memory");
	buf_release(&words);
	if (call->too_long_ms)
		advice_on_wait(call->too_long_ms, err);
	if ((known && known->deadly) || leads || call->http == 301 || call->too_long_ms)
		target_give_up(&call->s->base, err);
	return status;
}
