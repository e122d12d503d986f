/* SPDX-License-Identifier: MIT
 * A store in a bucket of S3. */
#include "target/s3/s3.h"

#include <string.h>

extern const struct target_kind s3_target;

/* Of an address that cannot be opened, which may hold what is none of ours. */
static char *s3_show(const char *where, const struct target_options *options)
{
	char shown[512];

	(void)options;
	xfer_shown_url(where, shown, sizeof shown);
	return strdup(shown);
}

static enum sym_status s3_target_open(const char *where, const struct target_options *options,
				      struct target **out, struct sym_err *err)
{
	struct s3 *s;
	enum sym_status status = s3_open(where, options, &s, err);

	if (status != SYM_OK)
		return status;
	s->base.kind = &s3_target;
	*out = &s->base;
	return SYM_OK;
}

static enum sym_status s3_finish(struct target *t, bool changed, struct sym_err *err)
{
	(void)changed;
	(void)err;
	s3_abort_uploads((struct s3 *)t);
	return SYM_OK;
}

static bool s3_given_up(struct target *t, struct sym_err *why)
{
	struct sym_err dead;

	if (s3_alive((struct s3 *)t, &dead) == SYM_OK)
		return false;
	*why = dead;
	return true;
}

static void s3_close(struct target *t)
{
	s3_free((struct s3 *)t);
}

const struct target_kind s3_target = {
	.scheme = "s3",
	.wants_sha256 = true,
	.is_remote = true,
	.open = s3_target_open,
	.show = s3_show,
	.stage = s3_stage,
	.given_up = s3_given_up,
	.ask = s3_ask,
	.listed = s3_listed,
	.list = s3_list,
	.expect = s3_expect,
	.finish = s3_finish,
	.close = s3_close,
};
