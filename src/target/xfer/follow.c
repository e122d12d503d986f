/* SPDX-License-Identifier: MIT
 * Addresses, and redirects. They are followed here and not by libcurl, so that what the
 * user entrusted to one server is never told to another. */
#include "target/xfer/job.h"

#include "base/err.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Does the authority hold what is no port: the beginning of a password with a `/` in it? */
static bool has_odd_port(const char *begin, const char *end)
{
	const char *colon = end;

	while (colon > begin && colon[-1] != ':' && colon[-1] != ']')
		colon--;
	return colon > begin && colon[-1] == ':' && colon + strspn(colon, "0123456789") < end;
}

void xfer_authority(const char *url, const char **begin, const char **end)
{
	const char *scheme = strstr(url, "://");
	const char *last;

	*begin = scheme ? scheme + 3 : url;
	*end = *begin + strcspn(*begin, "/?#");
	for (const char *at = *begin; at < *end; at++)
		if (*at == '@')
			*begin = at + 1;
	last = strrchr(*end, '@');
	if (last && has_odd_port(*begin, *end)) {
		*begin = last + 1;
		*end = *begin + strcspn(*begin, "/?#");
	}
}

static size_t scheme_length(const char *url)
{
	const char *scheme = strstr(url, "://");

	return scheme ? (size_t)(scheme - url) + 3 : 0;
}

void url_origin(const char *url, char to[XFER_ORIGIN_MAX])
{
	const char *begin, *end;
	size_t scheme = scheme_length(url), n;

	xfer_authority(url, &begin, &end);
	n = (size_t)(end - begin);
	if (scheme + n >= XFER_ORIGIN_MAX) { /* no host has such a name: libcurl will say so */
		scheme = 0;
		n = 0;
	}
	memcpy(to, url, scheme);
	memcpy(to + scheme, begin, n);
	to[scheme + n] = '\0';
	text_lower_all(to);
}

void xfer_shown_url(const char *url, char *to, size_t size)
{
	const char *begin, *end;
	size_t scheme = scheme_length(url);

	xfer_authority(url, &begin, &end);
	if (scheme >= size) {
		to[0] = '\0';
		return;
	}
	memcpy(to, url, scheme);
	text_shown(to + scheme, size - scheme, begin, (size_t)(end - begin) + strcspn(end, "?#"));
}

bool header_is_called(const char *header, const char *name)
{
	return text_starts_nocase(header, name) && strchr(":;", header[strlen(name)]); /* or its end */
}

bool header_describes_body(const char *header)
{
	static const char *const names[] = {
		"Accept",       "Cache-Control", "Content-Encoding", "Content-MD5",
		"Content-Type", "If-Match",      "If-None-Match",    "Range",
		"x-ms-blob-type",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (header_is_called(header, names[i]))
			return true;
	return false;
}

static bool is_redirect(long http)
{
	return http == 301 || http == 302 || http == 303 || http == 307 || http == 308;
}

/* The address that `location` means, seen from the job's own. To free by curl_free. */
static char *resolve(const struct xfer_job *job, const char *location)
{
	CURLU *url = curl_url();
	char *out = NULL;

	if (url && curl_url_set(url, CURLUPART_URL, job_url(job), 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_URL, location, CURLU_PATH_AS_IS) == CURLUE_OK)
		(void)curl_url_get(url, CURLUPART_URL, &out, 0);
	curl_url_cleanup(url);
	return out;
}

/* Is `target` another server than the one the job is at? */
static bool leaves(const struct xfer_job *job, const char *target)
{
	char before[XFER_ORIGIN_MAX], after[XFER_ORIGIN_MAX];

	url_origin(job_url(job), before);
	url_origin(target, after);
	return strcmp(before, after) != 0;
}

/* Why the redirect to `target` must not be followed, or NULL. */
static const char *objection(const struct xfer_job *job, const char *target)
{
	bool asks = strcmp(job->request.method, "HEAD") == 0 || strcmp(job->request.method, "GET") == 0;

	if (!target)
		return "and does not say to where";
	if (!asks && job->response.http != 307 && job->response.http != 308)
		return "which would turn the request into a download: use that address";
	if (strncmp(target, "https://", 8) != 0 && strncmp(target, "http://", 7) != 0)
		return "which is no web address";
	if (strncmp(job_url(job), "https:", 6) == 0 && strncmp(target, "https:", 6) != 0)
		return "which is not encrypted";
	if (job->request.secret && leaves(job, target))
		return "which is told no credentials: use that address";
	if (job->redirects >= XFER_REDIRECTS_MAX)
		return "and so on, in a circle";
	return NULL;
}

static void refuse(struct xfer_job *job, const char *target, const char *why)
{
	struct xfer_response *r = &job->response;
	char from[XFER_ORIGIN_MAX], to[160] = "";

	url_origin(job_url(job), from);
	if (target)
		xfer_shown_url(target, to, sizeof to);
	r->status = err_set(&r->err, SYM_REFUSED, "%.80s redirects (%ld) to %.80s, %s", from, r->http,
			    target ? to : "another address", why);
}

bool job_redirected(struct xfer_job *job)
{
	char location[4096], *target = NULL;
	const char *why;

	if (job->response.status != SYM_OK || !job->request.follow || !is_redirect(job->response.http))
		return false;
	if (xfer_header(&job->response, "Location", location, sizeof location))
		target = resolve(job, location);
	why = objection(job, target);
	if (why) {
		refuse(job, target, why);
		curl_free(target);
		return false;
	}
	if (leaves(job, target))
		job->foreign = true;
	free(job->url);
	job->url = strdup(target);
	curl_free(target);
	if (!job->url) {
		job->response.status = err_set(&job->response.err, SYM_NOMEM, "out of memory");
		return false;
	}
	job->redirects++;
	job->response.http = 0;
	return true;
}
