/* SPDX-License-Identifier: MIT
 * Keys by single sign-on: the token that `aws sso login` keeps in ~/.aws/sso/cache, in a file
 * named by the SHA-1 of the session's name (or of the start page's address, in profiles of the
 * old form), is given to the portal, which answers with the role's keys. */
#include "target/s3/credentials.h"

#include "base/err.h"
#include "base/text.h"
#include "target/digest.h"
#include "target/json_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_MAX = 256 << 10 }; /* bytes */

struct sso {
	const char *session, *start, *region, *account, *role;
};

/* A setting of the profile or of the session that it names. */
static const char *sso_setting(const struct aws_settings *s, const char *session, const char *key)
{
	const char *value = session ? ini_get(&s->ini, "sso-session", session, key) : NULL;

	return value && *value ? value : aws_setting(s, key);
}

static enum sym_status read_settings(const struct aws_settings *s, struct sso *out,
				     struct sym_err *err)
{
	out->session = aws_setting(s, "sso_session");
	out->start = sso_setting(s, out->session, "sso_start_url");
	if (!out->session && !out->start)
		return SYM_NOT_FOUND;
	out->region = sso_setting(s, out->session, "sso_region");
	out->account = aws_setting(s, "sso_account_id");
	out->role = aws_setting(s, "sso_role_name");
	if (!out->region || !out->account || !out->role)
		return err_set(err, SYM_USAGE, "%s is missing",
			       !out->region ? "sso_region" : !out->account ? "sso_account_id" : "sso_role_name");
	return SYM_OK;
}

static enum sym_status log_in_first(const struct aws_finder *f, const char *why, struct sym_err *err)
{
	return err_set(err, SYM_AUTH, "%s: run \"aws sso login --profile %s\"", why,
		       f->settings->profile);
}

/* The access token; to free. */
static enum sym_status read_token(const struct aws_finder *f, const struct sso *sso, char **token,
				  struct sym_err *err)
{
	const char *named = sso->session ? sso->session : sso->start;
	struct buf text = BUF_MAX(CACHE_MAX);
	char path[128], hex[41], *expires = NULL;
	const struct json_want wants[] = {{"accessToken", token}, {"expiresAt", &expires}};
	uint8_t sha1[20];
	enum sym_status status;

	*token = NULL;
	if (!digest_sha1(named, strlen(named), sha1))
		return err_set(err, SYM_UNSUPPORTED, "OpenSSL has no SHA-1 on this machine, by which the "
						     "SSO cache names its files");
	text_hex_lower(hex, sha1, sizeof sha1);
	snprintf(path, sizeof path, "~/.aws/sso/cache/%s.json", hex);
	status = aws_read_file(path, &text, err);
	if (status == SYM_OK)
		status = json_read(text.data, text.size, wants, ARRAY_LEN(wants), err);
	if (status == SYM_NOT_FOUND || (status == SYM_OK && !*token))
		status = log_in_first(f, "nobody is signed on", err);
	else if (status != SYM_OK)
		err_prefix(err, "%s", path);
	else if (expires && aws_time_read(expires) <= os_time_s())
		status = log_in_first(f, "the single sign-on has expired", err);
	buf_forget(&text);
	free(expires);
	return status;
}

static enum sym_status ask_portal(const struct aws_finder *f, const struct sso *sso,
				  const char *token, struct xfer_response *answer, struct sym_err *err)
{
	const struct sigv4_pair query[] = {{"account_id", sso->account}, {"role_name", sso->role}};
	const char *endpoint = aws_endpoint(f->settings, "sso");
	const struct sigv4_pair headers[] = {{"x-amz-sso_bearer_token", token}, {NULL, NULL}};
	char usual[128];
	struct aws_site site;
	const struct aws_request request = {.site = &site, .method = "GET", .path = "/federation/credentials",
				      .query = query, .query_count = ARRAY_LEN(query), .headers = headers,
				      .service = "sso"};

	snprintf(usual, sizeof usual, "https://portal.sso.%s.amazonaws.com", sso->region);
	if (aws_site_read(endpoint ? endpoint : usual, &site, err) != SYM_OK)
		return err->status;
	return aws_ask(f->x, &request, NULL, NULL, answer, err);
}

static enum sym_status read_portal(const struct aws_finder *f, const struct xfer_response *answer,
				   struct aws_keys *out, struct sym_err *err)
{
	static const char *const names[4] = {
		"roleCredentials.accessKeyId", "roleCredentials.secretAccessKey",
		"roleCredentials.sessionToken", "roleCredentials.expiration"};

	if (answer->http == 401)
		return log_in_first(f, "the single sign-on is not valid any more", err);
	if (answer->http != 200)
		return err_set(err, SYM_AUTH, "the sign-on portal answered %ld", answer->http);
	return aws_keys_read(&answer->body, names, out, err);
}

enum sym_status aws_find_sso(const struct aws_finder *f, struct aws_keys *out, struct sym_err *err)
{
	struct sso sso;
	struct xfer_response answer = {0};
	char *token = NULL;
	enum sym_status status = read_settings(f->settings, &sso, err);

	if (status != SYM_OK)
		return status;
	status = read_token(f, &sso, &token, err);
	if (status == SYM_OK)
		status = ask_portal(f, &sso, token, &answer, err);
	if (status == SYM_OK)
		status = read_portal(f, &answer, out, err);
	xfer_response_release(&answer);
	text_forget(token);
	return status;
}
