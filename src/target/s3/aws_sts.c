/* SPDX-License-Identifier: MIT
 * Keys of a role, from STS: AssumeRole and AssumeRoleWithWebIdentity. */
#include "target/s3/credentials.h"

#include "base/err.h"
#include "base/text.h"
#include "target/digest.h"
#include "target/s3/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 32 << 10, FORM_MAX = 128 << 10 }; /* bytes */

static void add_field(struct buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(form, "&%s=", name);
	buf_add_encoded(form, value, strlen(value), "");
}

/* What is asked, but for the token. */
static void add_form(struct buf *form, const struct aws_role *role)
{
	char session[64];

	snprintf(session, sizeof session, "symbol-upload-%lld", (long long)os_time_s());
	buf_printf(form, "Action=%s&Version=2011-06-15",
		   role->token_file ? "AssumeRoleWithWebIdentity" : "AssumeRole");
	add_field(form, "RoleArn", role->arn);
	add_field(form, "RoleSessionName", role->session ? role->session : session);
	add_field(form, "ExternalId", role->external_id);
	add_field(form, "DurationSeconds", role->duration);
}

/* The token's file is read each time: whoever runs the job replaces it before it expires. */
static enum sym_status add_token(struct buf *form, const char *file, struct sym_err *err)
{
	struct buf token = BUF_MAX(TOKEN_MAX);
	enum sym_status status = aws_read_file(file, &token, err);

	while (token.size > 0 && strchr(" \r\n\t", token.data[token.size - 1]))
		token.data[--token.size] = '\0';
	if (status == SYM_OK && token.size == 0)
		status = err_set(err, SYM_AUTH, "the file is empty");
	if (status == SYM_OK)
		add_field(form, "WebIdentityToken", token.data);
	buf_forget(&token);
	if (status == SYM_OK || status == SYM_NOMEM)
		return status;
	err_prefix(err, "the web identity token in %s", file);
	return err->status = SYM_AUTH;
}

static enum sym_status find_site(const struct aws_finder *f, struct aws_site *site,
				 struct sym_err *err)
{
	const char *endpoint = aws_endpoint(f->settings, "sts");
	char usual[128];

	snprintf(usual, sizeof usual, "https://sts.%s.amazonaws.com%s", f->region,
		 strncmp(f->region, "cn-", 3) == 0 ? ".cn" : "");
	return aws_site_read(endpoint ? endpoint : usual, site, err);
}

static void keep_keys(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct sym_err ignored;

	aws_keys_release(ctx);
	(void)!aws_keys_set(ctx, values[0], values[1], values[2], aws_time_read(values[3]), &ignored);
}

static enum sym_status read_answer(const struct xfer_response *answer, struct aws_keys *out,
				   struct sym_err *err)
{
#define COLUMNS {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
	static const struct xml_rows rows[] = {
		{"AssumeRoleResponse/AssumeRoleResult/Credentials", COLUMNS, keep_keys},
		{"AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials", COLUMNS,
		 keep_keys},
	};
#undef COLUMNS
	enum sym_status status;

	*out = (struct aws_keys){0};
	status = xml_read(answer->body.data, answer->body.size, rows, ARRAY_LEN(rows), out, err);
	if (status == SYM_OK && out->id && out->id[0])
		return SYM_OK;
	aws_keys_release(out);
	if (status == SYM_NOMEM)
		return status;
	return err_set(err, SYM_NET, "STS answered without keys");
}

static enum sym_status read_refusal(const struct xfer_response *answer, struct sym_err *err)
{
	struct s3_error e;

	if (!xml_read_error(answer->body.data, answer->body.size, &e))
		return err_set(err, SYM_NET, "STS answered %ld", answer->http);
	return err_set(err, SYM_AUTH, "STS answered %s%s%s", e.code, *e.message ? ": " : "", e.message);
}

static enum sym_status ask(const struct aws_finder *f, const struct buf *form,
			   const struct aws_keys *by, struct aws_keys *out, struct sym_err *err)
{
	static const struct sigv4_pair headers[] = {
		{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {NULL, NULL}};
	uint8_t hash[32];
	char payload[65];
	struct aws_site site;
	struct aws_request request = {.site = &site, .method = "POST", .path = "/", .headers = headers,
				      .payload = payload, .service = "sts", .region = f->region};
	const struct xfer_body body = {.file = OS_NO_FILE, .memory = form->data, .size = form->size};
	struct xfer_response answer;
	enum sym_status status = find_site(f, &site, err);

	if (status != SYM_OK)
		return status;
	digest_sha256(form->data, form->size, hash);
	text_hex_lower(payload, hash, sizeof hash);
	status = aws_ask(f->x, &request, by, &body, &answer, err);
	if (status == SYM_OK)
		status = answer.http / 100 == 2 ? read_answer(&answer, out, err) : read_refusal(&answer, err);
	xfer_response_release(&answer);
	return status;
}

enum sym_status aws_assume_role(const struct aws_finder *f, const struct aws_role *role,
				const struct aws_keys *by, struct aws_keys *out, struct sym_err *err)
{
	struct buf form = BUF_MAX(FORM_MAX);
	enum sym_status status = SYM_OK;

	add_form(&form, role);
	if (role->token_file)
		status = add_token(&form, role->token_file, err);
	if (status == SYM_OK && form.failed)
		status = err_set(err, SYM_TOO_BIG, "the request to STS is too long");
	if (status == SYM_OK)
		status = ask(f, &form, role->token_file ? NULL : by, out, err);
	buf_forget(&form);
	if (status != SYM_OK)
		err_prefix(err, "cannot take the role %s", role->arn);
	return status;
}

enum sym_status aws_find_web_identity(const struct aws_finder *f, struct aws_keys *out,
				      struct sym_err *err)
{
	const struct aws_role role = {.arn = aws_env("AWS_ROLE_ARN"),
				      .session = aws_env("AWS_ROLE_SESSION_NAME"),
				      .token_file = aws_env("AWS_WEB_IDENTITY_TOKEN_FILE")};

	if (!role.token_file)
		return SYM_NOT_FOUND;
	if (!role.arn)
		return err_set(err, SYM_USAGE,
			       "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
	return aws_assume_role(f, &role, NULL, out, err);
}
