/* SPDX-License-Identifier: MIT
 * Keys that the machine hands out: a container's (ECS, EKS pod identity) and an instance's
 * (EC2, IMDSv2). Both are plain HTTP beside the machine, never through a proxy. */
#include "target/s3/credentials.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_MAX = 64 << 10, /* bytes */
	TOKEN_MAX = 4096,
	CONNECT_S = 1,         /* where there is no such service, nobody answers */
	STALL_S = 5,
};

static const struct retry_policy policy = {.tries = 3, .first_ms = 100, .longest_ms = 1000,
					   .longest_after_ms = 2000};

static const char *const key_names[4] = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"};

static enum sym_status open_metadata(struct xfer **x, struct sym_err *err)
{
	const struct xfer_options options = {.transfers = 1, .proxy = "", .connect_timeout_s = CONNECT_S,
					     .stall_timeout_s = STALL_S};

	return xfer_open(&options, x, err);
}

static void ask(struct xfer *x, const char *method, const char *url, const char *header,
		const struct retry_policy *tries, struct xfer_response *answer)
{
	const char *const headers[] = {header, NULL};
	const struct xfer_request request = {.method = method, .url = url,
					     .headers = headers, .body_max = ANSWER_MAX};

	aws_perform(x, &request, tries, answer);
}

/* A short text that was asked for, without the newline at its end. */
static bool take_text(struct xfer_response *answer, char *to, size_t size)
{
	size_t n = answer->body.size;

	while (n > 0 && strchr("\r\n ", answer->body.data[n - 1]))
		n--;
	if (answer->status != SYM_OK || answer->http != 200 || n == 0 || n >= size)
		return false;
	memcpy(to, answer->body.data, n);
	to[n] = '\0';
	return true;
}

static enum sym_status take_keys(const struct xfer_response *answer, const char *who,
				 struct aws_keys *out, struct sym_err *err)
{
	enum sym_status status;

	if (answer->status != SYM_OK) {
		*err = answer->err;
		return err_prefix(err, "%s", who);
	}
	if (answer->http != 200)
		return err_set(err, SYM_AUTH, "%s answered %ld", who, answer->http);
	status = aws_keys_read(&answer->body, key_names, out, err);
	if (status == SYM_OK || status == SYM_NOMEM)
		return status;
	err_prefix(err, "%s", who);
	return err->status = SYM_AUTH;
}

/* ------------------------------------------------------------ container -- */

/* Whom a full address may name: TLS, this machine, or the services of ECS and EKS. Keys for
 * anybody else are a mistake, or an attack. */
static bool may_be_asked(const struct aws_site *site)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]", "169.254.170.2",
					    "169.254.170.23", "[fd00:ec2::23]"};
	size_t len = site->host[0] == '[' ? strcspn(site->host, "]") + 1 : strcspn(site->host, ":");

	if (strcmp(site->scheme, "https") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (strlen(hosts[i]) == len && strncmp(site->host, hosts[i], len) == 0)
			return true;
	return false;
}

static enum sym_status container_url(char *url, size_t size, struct sym_err *err)
{
	const char *relative = aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	struct aws_site site;
	char plain[512];

	if (relative) {
		snprintf(url, size, "http://169.254.170.2%s", relative);
		return SYM_OK;
	}
	if (!full)
		return SYM_NOT_FOUND;
	snprintf(plain, sizeof plain, "%.*s", (int)strcspn(full, "?#"), full);
	if (aws_site_read(plain, &site, err) != SYM_OK || !may_be_asked(&site))
		return err_set(err, SYM_REFUSED,
			       "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or name this machine");
	snprintf(url, size, "%s", full);
	return SYM_OK;
}

/* "Authorization: …", or "" where no token is set. */
static enum sym_status container_token(struct buf *header, struct sym_err *err)
{
	const char *file = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	enum sym_status status = SYM_OK;

	buf_add_text(header, "Authorization: ");
	if (file)
		status = aws_read_file(file, header, err);
	else if (token)
		buf_add_text(header, token);
	while (header->size > 0 && strchr("\r\n", header->data[header->size - 1]))
		header->data[--header->size] = '\0';
	if (status != SYM_OK) {
		err_prefix(err, "%s", file);
		return err->status = SYM_AUTH;
	}
	if (header->failed || strpbrk(header->data, "\r\n"))
		return err_set(err, SYM_REFUSED, "the container's authorization token holds a line break");
	return SYM_OK;
}

enum sym_status aws_find_container(const struct aws_finder *f, struct aws_keys *out,
				   struct sym_err *err)
{
	struct buf header = BUF_MAX(TOKEN_MAX + 64);
	struct xfer_response answer;
	struct xfer *x = NULL;
	char url[1024];
	enum sym_status status = container_url(url, sizeof url, err);

	(void)f;
	if (status != SYM_OK)
		return status;
	status = container_token(&header, err);
	if (status == SYM_OK)
		status = open_metadata(&x, err);
	if (status == SYM_OK) {
		bool token = strcmp(header.data, "Authorization: ") != 0;

		ask(x, "GET", url, token ? header.data : NULL, &policy, &answer);
		status = take_keys(&answer, "the container's credentials", out, err);
		xfer_response_release(&answer);
	}
	xfer_close(x);
	buf_forget(&header);
	return status;
}

/* ------------------------------------------------------------- instance -- */

static const char *instance_base(void)
{
	const char *base = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");

	if (base)
		return base;
	return mode && text_same_nocase(mode, "ipv6") ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
}

/* IMDSv2: a session's token first. Nobody there, or nobody who knows tokens: SYM_NOT_FOUND. */
static enum sym_status instance_session(struct xfer *x, const char *base, char *header, size_t size)
{
	static const struct retry_policy once = {.tries = 1};
	struct xfer_response answer;
	char url[512], token[1024];
	bool got;

	snprintf(url, sizeof url, "%s/latest/api/token", base);
	ask(x, "PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: 21600", &once, &answer);
	got = take_text(&answer, token, sizeof token);
	xfer_response_release(&answer);
	if (!got || strpbrk(token, "\r\n"))
		return SYM_NOT_FOUND;
	snprintf(header, size, "X-aws-ec2-metadata-token: %s", token);
	text_wipe(token);
	return SYM_OK;
}

static enum sym_status ask_instance(struct xfer *x, struct aws_keys *out, struct sym_err *err)
{
	static const char path[] = "/latest/meta-data/iam/security-credentials/";
	const char *base = instance_base();
	size_t len = strlen(base);
	struct xfer_response answer;
	char header[1100], url[1024], role[256];
	enum sym_status status;
	bool got;
	char root[400];

	snprintf(root, sizeof root, "%.*s", (int)(len - (len > 0 && base[len - 1] == '/')), base);
	status = instance_session(x, root, header, sizeof header);
	if (status != SYM_OK)
		return status;
	snprintf(url, sizeof url, "%s%s", root, path);
	ask(x, "GET", url, header, &policy, &answer);
	got = take_text(&answer, role, sizeof role);
	xfer_response_release(&answer);
	if (got) {
		role[strcspn(role, "\r\n")] = '\0';
		snprintf(url, sizeof url, "%s%s%s", root, path, role);
		ask(x, "GET", url, header, &policy, &answer);
		status = take_keys(&answer, "the instance's metadata service", out, err);
		xfer_response_release(&answer);
	}
	text_wipe(header);
	return got ? status : SYM_NOT_FOUND; /* an instance without a role */
}

enum sym_status aws_find_instance(const struct aws_finder *f, struct aws_keys *out,
				  struct sym_err *err)
{
	const char *disabled = aws_env("AWS_EC2_METADATA_DISABLED");
	struct xfer *x;
	enum sym_status status;

	(void)f;
	if (disabled && text_same_nocase(disabled, "true"))
		return SYM_NOT_FOUND;
	status = open_metadata(&x, err);
	if (status != SYM_OK)
		return status;
	status = ask_instance(x, out, err);
	xfer_close(x);
	if (status == SYM_NOT_FOUND && stop_check(err) != SYM_OK)
		return err->status; /* whom a run that is stopped does not hear may be there */
	return status;
}
