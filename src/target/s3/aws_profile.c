/* SPDX-License-Identifier: MIT
 * The ways in which a profile of ~/.aws can give keys. */
#include "target/s3/credentials.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

enum {
	PROFILES_DEEP = 5,       /* that take a role by each other's keys */
	PROCESS_TIMEOUT_S = 60,  /* as AWS's SDK for Go waits */
	PROCESS_OUTPUT_MAX = 64 << 10, /* bytes */
};

static enum sym_status find_static(const struct aws_finder *f, struct aws_keys *out,
				   struct sym_err *err)
{
	const char *id = aws_setting(f->settings, "aws_access_key_id");
	const char *secret = aws_setting(f->settings, "aws_secret_access_key");
	const char *token = aws_setting(f->settings, "aws_session_token");

	if (!id && !secret)
		return SYM_NOT_FOUND;
	if (!id || !secret)
		return err_set(err, SYM_USAGE, "it has one of aws_access_key_id and aws_secret_access_key, "
					       "and not the other");
	return aws_keys_set(out, id, secret, token, 0, err);
}

static enum sym_status find_process(const struct aws_finder *f, struct aws_keys *out,
				    struct sym_err *err)
{
	static const char *const names[4] = {"AccessKeyId", "SecretAccessKey", "SessionToken",
					     "Expiration"};
	const char *command = aws_setting(f->settings, "credential_process");
	struct buf text = BUF_MAX(PROCESS_OUTPUT_MAX);
	enum sym_status status;

	if (!command)
		return SYM_NOT_FOUND;
	status = os_command(command, PROCESS_TIMEOUT_S, &text, err);
	if (status == SYM_OK)
		status = aws_keys_read(&text, names, out, err);
	buf_forget(&text);
	if (status == SYM_OK || status == SYM_NOMEM)
		return status;
	err_prefix(err, "credential_process");
	return err->status = SYM_AUTH;
}

/* Keys of the place that credential_source names. */
static enum sym_status find_source(const struct aws_finder *f, const char *source,
				   struct aws_keys *out, struct sym_err *err)
{
	static const struct {
		const char *name;
		aws_find_fn *find;
	} sources[] = {
		{"Environment", aws_find_environment},
		{"Ec2InstanceMetadata", aws_find_instance},
		{"EcsContainer", aws_find_container},
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		enum sym_status status;

		if (strcmp(sources[i].name, source) != 0)
			continue;
		status = sources[i].find(f, out, err);
		return status == SYM_NOT_FOUND
			       ? err_set(err, SYM_AUTH, "credential_source %s has no credentials", source)
			       : status;
	}
	return err_set(err, SYM_USAGE, "credential_source is \"%.40s\": Environment, "
				       "Ec2InstanceMetadata or EcsContainer is expected", source);
}

static enum sym_status find_here(const struct aws_finder *f, struct aws_keys *out,
				 struct sym_err *err);

/* Keys of the profile that source_profile names; this one itself means its static keys. */
static enum sym_status find_other(const struct aws_finder *f, const char *profile,
				  struct aws_keys *out, struct sym_err *err)
{
	struct aws_settings settings = *f->settings;
	struct aws_finder other = *f;
	enum sym_status status;

	if (strcmp(profile, f->settings->profile) == 0) {
		status = find_static(f, out, err);
	} else if (!ini_has(&settings.ini, "profile", profile)) {
		return err_set(err, SYM_USAGE, "there is no source_profile \"%s\"", profile);
	} else {
		settings.profile = profile;
		other.settings = &settings;
		other.depth++;
		status = find_here(&other, out, err);
	}
	if (status == SYM_NOT_FOUND)
		return err_set(err, SYM_USAGE, "source_profile \"%s\" has no credentials", profile);
	return status;
}

static enum sym_status find_role(const struct aws_finder *f, struct aws_keys *out,
				 struct sym_err *err)
{
	const struct aws_settings *s = f->settings;
	const char *source = aws_setting(s, "credential_source");
	const char *profile = aws_setting(s, "source_profile");
	const struct aws_role role = {.arn = aws_setting(s, "role_arn"),
				      .session = aws_setting(s, "role_session_name"),
				      .external_id = aws_setting(s, "external_id"),
				      .duration = aws_setting(s, "duration_seconds"),
				      .token_file = aws_setting(s, "web_identity_token_file")};
	struct aws_keys by = {0};
	enum sym_status status;

	if (!role.arn)
		return SYM_NOT_FOUND;
	if (role.token_file)
		return aws_assume_role(f, &role, NULL, out, err);
	if (aws_setting(s, "mfa_serial"))
		return err_set(err, SYM_USAGE, "its role asks for an MFA code, which nobody can type here: "
			       "use credential_process with \"aws configure export-credentials\"");
	if (f->depth >= PROFILES_DEEP)
		return err_set(err, SYM_USAGE, "profiles name each other as source_profile");
	if (profile)
		status = find_other(f, profile, &by, err);
	else if (source)
		status = find_source(f, source, &by, err);
	else
		return err_set(err, SYM_USAGE,
			       "it has role_arn, but neither source_profile nor credential_source");
	if (status == SYM_OK)
		status = aws_assume_role(f, &role, &by, out, err);
	aws_keys_release(&by);
	return status;
}

static enum sym_status find_here(const struct aws_finder *f, struct aws_keys *out,
				 struct sym_err *err)
{
	static aws_find_fn *const ways[] = {find_role, aws_find_sso, find_static, find_process};

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		enum sym_status status = ways[i](f, out, err);

		if (status != SYM_NOT_FOUND)
			return status;
	}
	return SYM_NOT_FOUND;
}

enum sym_status aws_find_profile(const struct aws_finder *f, struct aws_keys *out,
				 struct sym_err *err)
{
	enum sym_status status = find_here(f, out, err);

	if (status == SYM_OK || status == SYM_NOT_FOUND || status == SYM_CANCELLED)
		return status;
	return err_prefix(err, "AWS profile \"%s\"", f->settings->profile);
}
