/* SPDX-License-Identifier: MIT */
#include "cli/remote.h"

#include "base/text.h"
#include "cli/bugsplat.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "pipeline/run.h"

#include <stdlib.h>
#include <string.h>

/* As x-amz-tagging wants it: a query string. */
static void add_tag(struct buf *out, const char *tag)
{
	size_t key = strcspn(tag, "=");

	if (out->size > 0)
		buf_add_char(out, '&');
	buf_add_encoded(out, tag, key, "");
	buf_add_char(out, '=');
	buf_add_encoded(out, tag + key + 1, strlen(tag + key + 1), "");
}

/* "name:password" into two texts; a password of its own is the stronger. */
static void split_user(struct remote *r, const struct option_delivery *how)
{
	char *colon = strchr(r->user, ':');

	if (colon)
		*colon = '\0';
	r->options.user = r->user;
	if (!how->password)
		r->options.password = colon ? colon + 1 : NULL;
}

static struct xfer_options connection_of(const struct option_delivery *how, unsigned transfers)
{
	return (struct xfer_options){.transfers = transfers,
				     .proxy = how->proxy,
				     .ca_file = how->ca_file,
				     .client_cert = how->cert,
				     .client_key = how->key,
				     .client_key_password = how->key_password,
				     .insecure = how->insecure,
				     .netrc = how->netrc,
				     .limit_rate = how->limit_rate,
				     .connect_timeout_s = how->connect_timeout_s,
				     .stall_timeout_s = how->stall_timeout_s};
}

/* May ~/.netrc have a login for the server? libcurl also takes Windows' name of that file. */
static bool has_netrc(void)
{
	static const char *const names[] = {"/.netrc", "/_netrc"};
	const char *home = getenv("HOME");
	bool there = !home; /* the user's folder is then somewhere else */

	for (size_t i = 0; i < ARRAY_LEN(names) && !there; i++) {
		struct buf path = BUF_MAX(4096);

		buf_printf(&path, "%s%s", home, names[i]);
		there = path.failed || !is_no_file(path.data);
		buf_release(&path);
	}
	return there;
}

static bool has_login(const struct option_destination *to)
{
	const struct option_delivery *how = to->how;
	struct address_parts at = address_parts(to->to);

	return how->user || how->bearer || how->headers.count > 0 || at.host > at.user ||
	       (how->netrc && has_netrc());
}

static unsigned warn_of(const struct option_destination *to)
{
	const struct option_delivery *how = to->how;
	unsigned warnings = 0;
	char name[SHOWN_MAX];

	if (is_local(to))
		return 0;
	shown_address(name, to->to);
	if (how->insecure) {
		say_issue(false, name, "--insecure: who the server is, is not verified; anybody on the way can "
				       "read and change what is sent");
		warnings++;
	}
	if (strncmp(to->to, "http://", 7) == 0 && has_login(to)) {
		say_issue(false, name, "credentials go over plain http://, readable by anybody on the way");
		warnings++;
	}
	return warnings;
}

enum sym_status remote_init(struct remote *r, const struct option_destination *to, unsigned jobs,
			    struct sym_err *err)
{
	const struct option_delivery *how = to->how;
	unsigned transfers = run_workers(jobs ? jobs : RUN_REMOTE_WORKERS);

	*r = (struct remote){
		.tags = BUF_MAX(16384),
		.headers = calloc(how->headers.count + 1, sizeof *r->headers),
		.user = how->user ? strdup(how->user) : NULL,
		.warnings = warn_of(to),
		.options = {.connect = connection_of(how, transfers),
			    .tries = how->retries + 1,
			    .gzip = how->compress == COMPRESS_GZIP,
			    .password = how->password,
			    .bearer = how->bearer,
			    .region = how->region,
			    .endpoint = how->endpoint,
			    .profile = how->profile,
			    .path_style = how->addressing == ADDRESSING_PATH,
			    .virtual_host = how->addressing == ADDRESSING_VIRTUAL,
			    .storage_class = how->storage_class,
			    .sse = how->sse,
			    .sse_kms_key = how->sse_kms_key,
			    .acl = how->acl,
			    .requester_pays = how->request_payer}};
	for (size_t i = 0; i < how->tags.count; i++)
		add_tag(&r->tags, how->tags.at[i]);
	if (!r->headers || (how->user && !r->user) || r->tags.failed)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < how->headers.count; i++)
		r->headers[i] = how->headers.at[i];
	r->options.headers = r->headers;
	r->options.tags = r->tags.size > 0 ? r->tags.data : NULL;
	if (r->user) {
		r->user_len = strlen(r->user);
		split_user(r, how);
	}
	return SYM_OK;
}

void remote_release(struct remote *r)
{
	bytes_wipe(r->user, r->user_len);
	free(r->user);
	free(r->headers);
	buf_release(&r->tags);
	*r = (struct remote){0};
}
