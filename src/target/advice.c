/* SPDX-License-Identifier: MIT */
#include "target/advice.h"

#include "base/err.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>

/* S3 refuses requests whose time is 15 minutes off; a third of it is worth a word. */
enum { SKEW_S = 300 };

int64_t clock_skew(int64_t theirs_s, int64_t now_s)
{
	int64_t skew = theirs_s ? now_s - theirs_s : 0;

	return skew > -SKEW_S && skew < SKEW_S ? 0 : skew;
}

/* The row of the failed connection or of the answer. What S3 calls by a name its own errors explain. */
static const struct {
	int curl;
	long http;
	const char *text;
} rows[] = {
	{CURLE_COULDNT_RESOLVE_HOST, 0,
	 "The name has no address: check its spelling, DNS, and whether a VPN is needed."},
	{CURLE_COULDNT_RESOLVE_PROXY, 0,
	 "The proxy's name has no address: check --proxy, https_proxy and http_proxy."},
	{CURLE_COULDNT_CONNECT, 0,
	 "Check host and port, and whether a firewall or a proxy stands between."},
	{CURLE_OPERATION_TIMEDOUT, 0,
	 "A firewall that drops packets looks like this, and so does a wrong port; see "
	 "--connect-timeout and --stall-timeout."},
	{CURLE_SSL_CONNECT_ERROR, 0,
	 "Is this a port for https? The server may also want a client certificate (--cert) or "
	 "speak only TLS versions that are no longer allowed."},
	{CURLE_PEER_FAILED_VERIFICATION, 0,
	 "Its certificate is expired, or for another name, or by an authority that is not trusted "
	 "here; one of your own is given with --cacert."},
	{CURLE_SSL_CERTPROBLEM, 0, "Check --cert, --key and --key-password."},
	{CURLE_SSL_CACERT_BADFILE, 0, "Check --cacert."},
	{CURLE_WEIRD_SERVER_REPLY, 0, "Is this a port for https, and the address says http?"},
	{CURLE_GOT_NOTHING, 0,
	 "Is this a port for https, and the address says http? A load balancer whose servers are all "
	 "away looks like this, too."},
	{CURLE_PROXY, 0, "Check the proxy, its user and its password."},
	{0, 400,
	 "The server does not understand the request; behind nginx also a client certificate "
	 "(--cert) that is missing looks like this."},
	{0, 401, "Log in with --user NAME:PASSWORD or --bearer TOKEN; BugSplat reads with Basic."},
	{0, 403,
	 "The server refuses. Readers take that for a reason to stay away: symsrv.dll shuns the "
	 "server for the rest of the session. A missing file must be answered by 404."},
	{0, 404, "The server is well, but nothing is under this path."},
	{0, 405, "Readers ask by HEAD: let the server answer it as it answers GET."},
	{0, 407, "The proxy wants a login: http://NAME:PASSWORD@HOST:PORT as --proxy."},
	{0, 429, "The server has had enough requests for now."},
	{0, 501, "Readers ask by HEAD: let the server answer it as it answers GET."},
	{0, 502, "A proxy before the server does not reach it."},
	{0, 503, "The server is busy or being serviced."},
	{0, 504, "A proxy before the server does not reach it."},
};

void advice_on_scheme(const char *url, int curl, bool answered, struct sym_err *err)
{
	bool is_plain = strncmp(url, "http:", 5) == 0;

	if (answered)
		return;
	if (!is_plain && curl == CURLE_SSL_CONNECT_ERROR && strstr(err->text, "wrong version number"))
		err_prefix(err, "the port seems to speak plain HTTP (http://)");
	if (is_plain && (curl == CURLE_WEIRD_SERVER_REPLY || curl == CURLE_GOT_NOTHING || curl == CURLE_RECV_ERROR))
		err_prefix(err, "the port may speak TLS (https://)");
}

void advice_on_wait(uint64_t wait_ms, struct sym_err *err)
{
	err_prefix(err, "the server wants to be left alone for %" PRIu64 " s (Retry-After), and no run waits so long",
		   wait_ms / 1000);
}

void advice_on(const struct target_answer *answer, enum sym_status status, int64_t now_s,
	       struct buf *out)
{
	int64_t skew = clock_skew(answer->date_s, now_s);
	/* What the GET after it found does not matter where a HEAD is not answered. */
	long http = status == SYM_UNSUPPORTED && answer->head_http ? answer->head_http : answer->http;
	bool is_named = answer->code[0] && status != SYM_NOT_FOUND && status != SYM_UNSUPPORTED;

	for (size_t i = 0; status != SYM_OK && !is_named && i < ARRAY_LEN(rows); i++)
		if (answer->curl ? rows[i].curl == answer->curl : rows[i].http && rows[i].http == http)
			buf_add_text(out, rows[i].text);
	if (answer->region[0] && status != SYM_OK && status != SYM_NOT_FOUND)
		buf_printf(out, "%sThe server names the region %s.", out->size ? " " : "", answer->region);
	if (skew != 0)
		buf_printf(out, "%sThe clock of this machine is %" PRId64 " s %s the server's.",
			   out->size ? " " : "", skew < 0 ? -skew : skew,
			   skew < 0 ? "behind" : "ahead of");
}
