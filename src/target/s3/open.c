/* SPDX-License-Identifier: MIT
 * From s3://bucket/prefix, the options, the environment and the profile to a target. Where
 * several name a thing: the option, the environment, the profile, AWS's default. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUCKET_MAX = 255,    /* bytes; AWS takes 63, Ceph more */
	LAST_TIMEOUT_S = 10, /* of what is said when all is over */
	LAST_TRIES = 3,
};

void s3_free(struct s3 *s)
{
	if (!s)
		return;
	aws_credentials_free(s->credentials);
	xfer_close(s->x);
	s3_list_free(s->list);
	aws_settings_release(&s->settings);
	pthread_mutex_destroy(&s->first);
	pthread_mutex_destroy(&s->lock);
	free(s->bucket);
	free(s->prefix);
	free(s->base.place);
	free(s->base.shown);
	bytes_wipe(&s->signing_key, sizeof s->signing_key);
	free(s);
}

static bool is_bucket(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", name[i]))
			return false;
	return len > 0 && len <= BUCKET_MAX && name[0] != '.';
}

/* No client can ask for "." and ".." in an address: they are gone before it is sent. */
static bool has_dots(const char *prefix)
{
	while (*prefix) {
		size_t len = strcspn(prefix, "/");

		if ((len == 1 && prefix[0] == '.') || (len == 2 && prefix[0] == '.' && prefix[1] == '.'))
			return true;
		prefix += len + (prefix[len] == '/');
	}
	return false;
}

static enum sym_status read_where(struct s3 *s, const char *where, struct sym_err *err)
{
	const char *bucket = where + strlen("s3://");
	size_t len = strcspn(bucket, "/");
	const char *prefix = bucket + len + (bucket[len] == '/');
	size_t size = strlen(prefix), slash = size > 0 && prefix[size - 1] != '/';

	if (memchr(bucket, '@', len))
		return err_set(err, SYM_USAGE, "the address of a bucket holds no keys: they come from the environment "
					       "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or a profile");
	if (!is_bucket(bucket, len))
		return err_set(err, SYM_USAGE, "s3://BUCKET/PREFIX is expected; a bucket's name has letters, "
					       "digits, dots and dashes");
	if (has_dots(prefix) || !text_is_utf8(prefix, size))
		return err_set(err, SYM_USAGE, "the prefix must be UTF-8 without the components . and ..");
	if (size > S3_KEY_MAX - KEY_PATH_MAX)
		return err_set(err, SYM_USAGE, "the prefix is longer than %d bytes", S3_KEY_MAX - KEY_PATH_MAX);
	s->base.shown = strdup(where);
	s->bucket = text_copy(bucket, len);
	s->prefix = malloc(size + slash + 1);
	if (!s->base.shown || !s->bucket || !s->prefix)
		return err_set(err, SYM_NOMEM, "out of memory");
	memcpy(s->prefix, prefix, size);
	memcpy(s->prefix + size, "/", slash);
	s->prefix[size + slash] = '\0';
	return SYM_OK;
}

enum sym_status s3_key(const struct s3 *s, const char *path, char key[S3_KEY_MAX + 1],
		       struct sym_err *err)
{
	if (snprintf(key, S3_KEY_MAX + 1, "%s%s", s->prefix, path) > S3_KEY_MAX)
		return err_set(err, SYM_TOO_BIG, "the key is longer than %d bytes", S3_KEY_MAX);
	return SYM_OK;
}

static const char *first_of(const char *const *choices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (choices[i] && *choices[i])
			return choices[i];
	return NULL;
}

/* It stands in addresses and in the signature's scope. */
bool s3_is_region(const char *name)
{
	return *name && strlen(name) < S3_REGION_MAX &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")];
}

static enum sym_status choose_region(struct s3 *s, struct sym_err *err)
{
	const char *const choices[] = {s->remote.region, aws_env("AWS_REGION"),
				       aws_env("AWS_DEFAULT_REGION"),
				       aws_setting(&s->settings, "region"), "us-east-1"};
	const char *region = first_of(choices, ARRAY_LEN(choices));

	if (!s3_is_region(region))
		return err_set(err, SYM_USAGE, "\"%.60s\" is no name of a region", region);
	snprintf(s->region, sizeof s->region, "%s", region);
	return SYM_OK;
}

static bool is_true(const char *variable, const char *setting)
{
	const char *value = variable ? variable : setting;

	return value && text_same_nocase(value, "true");
}

enum sym_status s3_amazon_site(const struct s3 *s, const char *region, struct aws_site *out,
			       struct sym_err *err)
{
	bool fips = is_true(aws_env("AWS_USE_FIPS_ENDPOINT"),
			    aws_setting(&s->settings, "use_fips_endpoint"));
	bool dual = is_true(aws_env("AWS_USE_DUALSTACK_ENDPOINT"),
			    aws_setting(&s->settings, "use_dualstack_endpoint"));
	char url[192];

	snprintf(url, sizeof url, "https://s3%s%s.%s.amazonaws.com%s", fips ? "-fips" : "",
		 dual ? ".dualstack" : "", region, strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
	return aws_site_read(url, out, err);
}

/* A bucket with dots has no certificate as a host's name; one with capitals, as they were once
 * made, is no host's name. */
static bool is_host_name(const char *bucket)
{
	return !bucket[strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static bool wants_virtual_host(const struct s3 *s)
{
	const char *style = aws_setting(&s->settings, "s3.addressing_style");

	if (s->remote.virtual_host || s->remote.path_style)
		return s->remote.virtual_host;
	if (style && (strcmp(style, "path") == 0 || strcmp(style, "virtual") == 0))
		return strcmp(style, "virtual") == 0;
	return s->amazon && is_host_name(s->bucket);
}

/* "https://host/bucket/prefix/": the same for whoever names it in another way. */
static enum sym_status name_place(struct s3 *s, struct sym_err *err)
{
	struct buf place = BUF_MAX(4096);

	buf_printf(&place, "%s://%s%s/%s/%s", s->site.scheme, s->site.host, s->site.base, s->bucket,
		   s->prefix);
	s->base.place = place.data;
	return place.failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;
}

static enum sym_status choose_site(struct s3 *s, struct sym_err *err)
{
	const char *endpoint = s->remote.endpoint && *s->remote.endpoint
				       ? s->remote.endpoint
				       : aws_endpoint(&s->settings, "s3");
	enum sym_status status = endpoint ? aws_site_read(endpoint, &s->site, err)
					  : s3_amazon_site(s, s->region, &s->site, err);

	if (status != SYM_OK)
		return status;
	s->amazon = !endpoint;
	s->conditional_complete = text_ends_nocase(s->site.host, ".amazonaws.com") ||
				  text_ends_nocase(s->site.host, ".amazonaws.com.cn");
	s->regional = endpoint && s->conditional_complete;
	s->condition = s->conditional_complete ? S3_CONDITION_WORKS : S3_CONDITION_UNKNOWN;
	s->virtual_host = wants_virtual_host(s);
	return name_place(s, err);
}

static enum sym_status open_transfers(struct s3 *s, struct sym_err *err)
{
	struct xfer_options *connect = &s->remote.connect;

	if (!connect->ca_file)
		connect->ca_file = aws_env("AWS_CA_BUNDLE");
	if (!connect->ca_file)
		connect->ca_file = aws_setting(&s->settings, "ca_bundle");
	if (connect->transfers == 0)
		connect->transfers = s->options.workers;
	return xfer_open(connect, &s->x, err);
}

struct xfer *s3_deafen(struct s3 *s)
{
	struct xfer_options connect = s->remote.connect;
	struct xfer *usual = s->x;
	struct sym_err ignored;

	connect.deaf = true;
	connect.connect_timeout_s = connect.stall_timeout_s = LAST_TIMEOUT_S;
	s->retry = retry_at_most(s->retry, LAST_TRIES);
	s->retry.longest_after_ms = LAST_TIMEOUT_S * 1000;
	if (xfer_open(&connect, &s->x, &ignored) != SYM_OK)
		s->x = usual;
	return usual;
}

void s3_hear(struct s3 *s, struct xfer *usual)
{
	if (s->x != usual)
		xfer_close(s->x);
	s->x = usual;
	s->retry = retry_policy_of(s->remote.tries);
}

static enum sym_status set_up(struct s3 *s, const char *where, struct sym_err *err)
{
	enum sym_status status = read_where(s, where, err);

	if (status == SYM_OK)
		status = aws_settings_load(s->remote.profile, &s->settings, err);
	if (status == SYM_OK)
		status = choose_region(s, err);
	if (status == SYM_OK)
		status = choose_site(s, err);
	if (status == SYM_OK)
		status = open_transfers(s, err);
	if (status != SYM_OK)
		return status;
	s->credentials = aws_credentials_new(&s->settings, s->x, s->region);
	s->list = s3_list_new();
	if (!s->credentials || !s->list)
		return err_set(err, SYM_NOMEM, "out of memory");
	return SYM_OK;
}

enum sym_status s3_open(const char *where, const struct target_options *options, struct target **out,
			struct sym_err *err)
{
	struct s3 *s = calloc(1, sizeof *s);
	enum sym_status status;
	char shown[256];

	if (!s)
		return err_set(err, SYM_NOMEM, "out of memory");
	pthread_mutex_init(&s->first, NULL);
	pthread_mutex_init(&s->lock, NULL);
	s->base.kind = &s3_target;
	s->options = *options;
	if (options->remote)
		s->remote = *options->remote;
	s->options.remote = &s->remote;
	s->retry = retry_policy_of(s->remote.tries);
	s->doubt = 1;
	status = set_up(s, where, err);
	if (status != SYM_OK) {
		s3_free(s);
		xfer_shown_url(where, shown, sizeof shown); /* some write credentials into the address */
		return err_prefix(err, "%s", shown);
	}
	*out = &s->base;
	return SYM_OK;
}
