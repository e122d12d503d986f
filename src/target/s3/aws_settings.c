/* SPDX-License-Identifier: MIT
 * The environment and the shared files, as AWS's tools read them. */
#include "target/s3/aws.h"

#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20, PATH_SIZE = 4096 }; /* bytes */

const char *aws_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

enum sym_status aws_read_file(const char *path, struct buf *out, struct sym_err *err)
{
	const char *home = os_home();
	bool at_home = strncmp(path, "~/", 2) == 0 && home;
	char full[PATH_SIZE];

	if ((size_t)snprintf(full, sizeof full, "%s%s", at_home ? home : "", at_home ? path + 1 : path) >=
	    sizeof full)
		return err_set(err, SYM_USAGE, "%.*s…: the path is too long", text_fit(path, 60), path);
	return os_read_text(NULL, full, OS_FOLLOW, out, err);
}

static enum sym_status load_file(struct ini *ini, const char *variable, const char *usual,
				 enum ini_kind kind, struct sym_err *err)
{
	const char *path = aws_env(variable) ? aws_env(variable) : usual;
	struct buf text = BUF_MAX(FILE_MAX);
	enum sym_status status = aws_read_file(path, &text, err);

	if (status == SYM_OK && text.size > 0)
		status = ini_read(ini, text.data, text.size, kind, err);
	buf_forget(&text);
	if (status == SYM_NOT_FOUND) /* also where a variable names it: AWS's tools do not mind */
		return SYM_OK;
	if (status == SYM_OK || status == SYM_NOMEM)
		return status;
	err_prefix(err, "%s", path);
	return err->status = SYM_USAGE;
}

enum sym_status aws_settings_load(const char *profile, struct aws_settings *out, struct sym_err *err)
{
	enum sym_status status;

	*out = (struct aws_settings){.profile = profile};
	if (!out->profile)
		out->profile = aws_env("AWS_PROFILE");
	if (!out->profile)
		out->profile = aws_env("AWS_DEFAULT_PROFILE");
	out->named = out->profile != NULL;
	if (!out->profile)
		out->profile = "default";
	status = load_file(&out->ini, "AWS_CONFIG_FILE", "~/.aws/config", INI_CONFIG, err);
	if (status == SYM_OK)
		status = load_file(&out->ini, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
				   INI_CREDENTIALS, err);
	if (status == SYM_OK && out->named && !ini_has(&out->ini, "profile", out->profile))
		status = err_set(err, SYM_USAGE,
				 "neither AWS's config file nor its credentials file has a profile \"%s\"",
				 out->profile);
	if (status != SYM_OK)
		aws_settings_release(out);
	return status;
}

void aws_settings_release(struct aws_settings *s)
{
	ini_release(&s->ini);
}

const char *aws_setting(const struct aws_settings *s, const char *key)
{
	const char *value = ini_get(&s->ini, "profile", s->profile, key);

	return value && *value ? value : NULL;
}

const char *aws_endpoint(const struct aws_settings *s, const char *service)
{
	const char *ignored = aws_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	const char *services = aws_setting(s, "services"), *value;
	char name[48];

	if (!ignored)
		ignored = aws_setting(s, "ignore_configured_endpoint_urls");
	if (ignored && text_same_nocase(ignored, "true"))
		return NULL;
	snprintf(name, sizeof name, "AWS_ENDPOINT_URL_%s", service);
	text_upper_all(name);
	value = aws_env(name);
	if (!value)
		value = aws_env("AWS_ENDPOINT_URL");
	snprintf(name, sizeof name, "%s.endpoint_url", service);
	if (!value && services)
		value = ini_get(&s->ini, "services", services, name);
	return value && *value ? value : aws_setting(s, "endpoint_url");
}
