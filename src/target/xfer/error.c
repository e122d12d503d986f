/* SPDX-License-Identifier: MIT
 * Why there was no answer, in words: which host, and what about it. */
#include "target/xfer/job.h"

#include "base/err.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

enum { DETAIL_MAX = 140 }; /* bytes of libcurl's own words */

/* What stands in "host:port …"; "%s" is libcurl's own finding. */
static const struct {
	CURLcode code;
	enum sym_status status;
	bool with_detail; /* libcurl's text says more, and no secret */
	const char *text;
} words[] = {
	{CURLE_UNSUPPORTED_PROTOCOL, SYM_USAGE, false, "the address is neither http:// nor https://"},
	{CURLE_FAILED_INIT, SYM_NET, true, "the connection was lost"}, /* retry.c tells when */
	{CURLE_URL_MALFORMAT, SYM_USAGE, false, "the address is malformed"},
	{CURLE_COULDNT_RESOLVE_PROXY, SYM_NET, false, "the name of the proxy is not known (DNS)"},
	{CURLE_COULDNT_RESOLVE_HOST, SYM_NET, false, "the name is not known (DNS)"},
	{CURLE_WEIRD_SERVER_REPLY, SYM_NET, false, "what answers there does not speak HTTP"},
	{CURLE_HTTP2, SYM_NET, false, "the HTTP/2 connection broke"},
	{CURLE_PARTIAL_FILE, SYM_NET, false, "the answer was cut short"},
	{CURLE_OUT_OF_MEMORY, SYM_NOMEM, false, "out of memory"},
	{CURLE_SSL_CONNECT_ERROR, SYM_NET, true, "the TLS handshake failed"},
	{CURLE_GOT_NOTHING, SYM_NET, false, "the connection was closed without an answer"},
	{CURLE_SSL_ENGINE_NOTFOUND, SYM_USAGE, true, "the crypto engine is not there"},
	{CURLE_SEND_ERROR, SYM_NET, true, "the connection was lost while sending"},
	{CURLE_RECV_ERROR, SYM_NET, true, "the connection was lost while the answer was awaited"},
	{CURLE_SSL_CERTPROBLEM, SYM_USAGE, true, "the client certificate cannot be used"},
	{CURLE_SSL_CIPHER, SYM_NET, true, "there is no cipher that both sides take"},
	{CURLE_PEER_FAILED_VERIFICATION, SYM_REFUSED, true, "the server's certificate is not trusted"},
	{CURLE_SSL_SHUTDOWN_FAILED, SYM_NET, false, "the connection was lost"},
	{CURLE_SSL_CACERT_BADFILE, SYM_USAGE, true, "the file of trusted certificates cannot be read"},
	{CURLE_SSL_ISSUER_ERROR, SYM_REFUSED, true, "the server's certificate is not trusted"},
	{CURLE_SSL_INVALIDCERTSTATUS, SYM_REFUSED, true, "the server's certificate is not trusted"},
	{CURLE_HTTP2_STREAM, SYM_NET, false, "the HTTP/2 stream was reset"},
	{CURLE_LOGIN_DENIED, SYM_AUTH, false, "the credentials were refused"},
	{CURLE_PROXY, SYM_NET, true, "the proxy does not connect"},
	{CURLE_SEND_FAIL_REWIND, SYM_NET, false, "the server wants the body again, and it cannot be sent again"},
};

/* libcurl's own words, in one line. */
static void detail_of(const struct xfer_job *job, CURLcode code, char *to, size_t size)
{
	const char *text = job->error[0] ? job->error : curl_easy_strerror(code);

	text_shown(to, size, text, strcspn(text, "\r\n"));
}

/* Whom libcurl could not reach, as "host:port". False: its words do not tell. */
static bool tried_host(const struct xfer_job *job, char *to, size_t size)
{
	static const char begin[] = "Failed to connect to ", middle[] = " port ";
	const char *name = job->error + sizeof begin - 1, *port;
	bool is_ipv6;

	if (strncmp(job->error, begin, sizeof begin - 1) != 0 || !(port = strstr(name, middle)))
		return false;
	is_ipv6 = memchr(name, ':', (size_t)(port - name));
	snprintf(to, size, "%s%.*s%s:%.*s", is_ipv6 ? "[" : "", (int)(port - name), name, is_ipv6 ? "]" : "",
		 (int)strspn(port + sizeof middle - 1, "0123456789"), port + sizeof middle - 1);
	text_lower_all(to);
	return true;
}

/* Whom to name where there is no connection: the server, or the proxy on the way to it. */
static const char *unreached(const struct xfer_job *job, const char *host, char *to, size_t size)
{
	const char *default_port = strncmp(job_url(job), "https:", 6) == 0 ? ":443" : ":80";
	size_t len = strlen(host);
	char tried[200];

	if (!tried_host(job, tried, sizeof tried))
		return host;
	if (strncmp(tried, host, len) == 0 && (!tried[len] || strcmp(tried + len, default_port) == 0))
		return host;
	snprintf(to, size, "%s: the proxy %s", host, tried);
	return to;
}

static enum sym_status explain_connect(struct xfer_job *job, const char *server)
{
	struct sym_err *err = &job->response.err;
	char text[400];
	const char *host = unreached(job, server, text, sizeof text);
	long sys = 0;

	curl_easy_getinfo(job->easy, CURLINFO_OS_ERRNO, &sys);
	if (sys == ECONNREFUSED)
		return err_set(err, SYM_NET, "%s: nothing listens there (connection refused)", host);
	if (sys != 0)
		return err_sys(err, SYM_NET, (int)sys, "%s: no connection", host);
	return err_set(err, SYM_NET, "%s: no connection", host);
}

static enum sym_status explain_timeout(struct xfer_job *job, const char *host)
{
	struct sym_err *err = &job->response.err;
	const struct xfer_options *o = &job->x->options;
	curl_off_t connected = 0;

	curl_easy_getinfo(job->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
	if (connected == 0)
		return err_set(err, SYM_NET, "%s: no connection within %u seconds", host,
			       o->connect_timeout_s);
	return err_set(err, SYM_NET, "%s: no byte moved for %u seconds", host, o->stall_timeout_s);
}

/* libcurl calls this an unknown name, or no connection; its own words hold the proxy's password. */
static bool explain_proxy_address(struct xfer_job *job, const char *host)
{
	struct xfer_response *r = &job->response;
	bool is_scheme = text_starts_nocase(job->error, "Unsupported proxy scheme");

	if (!is_scheme && !text_starts_nocase(job->error, "Unsupported proxy syntax"))
		return false;
	r->curl = CURLE_PROXY; /* not one that passes */
	r->status = err_set(&r->err, SYM_USAGE, "%s: the proxy's address %s", host,
			    is_scheme ? "begins with none of http://, https://, socks4:// and socks5://"
				      : "is malformed");
	return true;
}

/* There was no handshake with a proxy of https://, named by whatever option or variable. libcurl gives
 * the same code as for the server's; but OpenSSL's verdict on a certificate is none as long as nothing
 * was shaken hands with, and stays bad where that failed. */
static bool explain_proxy_tls(struct xfer_job *job, CURLcode code, const char *host)
{
	struct xfer_response *r = &job->response;
	char detail[DETAIL_MAX];
	long proxy = 0, server = 0;

	curl_easy_getinfo(job->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &proxy);
	curl_easy_getinfo(job->easy, CURLINFO_SSL_VERIFYRESULT, &server);
	if ((code != CURLE_SSL_CONNECT_ERROR && code != CURLE_PEER_FAILED_VERIFICATION) || proxy == 0 || server != 0)
		return false;
	detail_of(job, code, detail, sizeof detail);
	r->curl = CURLE_PROXY;
	r->status = err_set(&r->err, SYM_NET, "%s: there is no TLS connection to the proxy (%s)", host, detail);
	return true;
}

/* A proxy answered in the place of the server, or did not. */
static bool explain_proxy(struct xfer_job *job, CURLcode code, const char *host)
{
	struct xfer_response *r = &job->response;
	long answer = 0;

	curl_easy_getinfo(job->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	if (answer == 0)
		return explain_proxy_tls(job, code, host);
	if (answer / 100 == 2)
		return false;
	if (answer == 407)
		r->status = err_set(&r->err, SYM_AUTH,
				    "%s: the proxy wants a user and a password, or others (407)", host);
	else
		r->status = err_set(&r->err, SYM_NET, "%s: the proxy refuses the connection (%ld)", host,
				    answer);
	if (answer < 500)
		r->curl = CURLE_PROXY; /* not one that passes */
	return true;
}

/* With TLS 1.3 a server refuses a client's certificate when the connection stands: libcurl
 * then tells of a lost connection, and only OpenSSL's alert says why. */
static bool explain_alert(struct xfer_job *job, const char *host, const char *detail)
{
	struct xfer_response *r = &job->response;
	const char *alert = strstr(detail, " alert ");

	if (!alert || (!strstr(alert, "certificate") && !strstr(alert, "unknown ca")))
		return false;
	r->curl = CURLE_SSL_CERTPROBLEM;
	r->status = err_set(&r->err, SYM_AUTH,
			    "%s: the server wants a client certificate, or another one (%s)", host,
			    alert + 1);
	return true;
}

void job_explain(struct xfer_job *job, CURLcode code)
{
	struct xfer_response *r = &job->response;
	char host[128], detail[DETAIL_MAX];
	const char *name = job->host->origin + strcspn(job->host->origin, ":");

	name += strspn(name, ":/");
	text_shown(host, sizeof host, name, strlen(name));
	if (explain_proxy_address(job, host) || explain_proxy(job, code, host))
		return;
	detail_of(job, code, detail, sizeof detail);
	if (explain_alert(job, host, detail))
		return;
	if (code == CURLE_COULDNT_CONNECT)
		r->status = explain_connect(job, host);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		r->status = explain_timeout(job, host);
	else
		r->status = err_set(&r->err, SYM_NET, "%s: %s", host, detail);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].code != code)
			continue;
		r->status = words[i].with_detail ?
			err_set(&r->err, words[i].status, "%s: %s (%s)", host, words[i].text, detail) :
			err_set(&r->err, words[i].status, "%s: %s", host, words[i].text);
	}
}
