/* SPDX-License-Identifier: MIT
 * A store in a bucket of S3. */
#include "base/err.h"
#include "base/stop.h"
#include "target/registry.h"
#include "target/s3/admin/admin.h"

extern const struct registry_kind bucket_registry;

/* Where the run's time is over, the server's pauses are not waited for any more, and yet it is tried. */
static enum sym_status commit(struct s3 *s, struct sym_err *err)
{
	struct xfer *usual = stop_is_due(os_now_ms()) ? s3_deafen(s) : NULL;
	enum sym_status status = s3_transaction_commit(s->transaction, err);

	if (usual)
		s3_hear(s, usual);
	return status;
}

static enum sym_status s3_finish(struct target *t, bool changed, struct sym_err *err)
{
	struct s3 *s = (struct s3 *)t;

	(void)changed;
	s3_abort_uploads(s);
	if (!s->transaction || stop_asked() || commit(s, err) == SYM_OK)
		return SYM_OK;
	return err->status == SYM_CANCELLED ? SYM_OK : err_prefix(err, "%s", t->shown); /* the stop is told */
}

static void s3_close(struct target *t)
{
	struct s3 *s = (struct s3 *)t;
	struct s3_transaction *transaction = s->transaction;

	s->transaction = NULL;
	s3_transaction_end(transaction);
	s3_free(s);
}

const struct target_kind s3_target = {
	.scheme = "s3",
	.registry = &bucket_registry,
	.wants_sha256 = true,
	.is_remote = true,
	.open = s3_open,
	.meet = s3_meet,
	.stage = s3_stage,
	.enter = s3_enter,
	.ask = s3_ask,
	.listed = s3_listed,
	.list = s3_list,
	.expect = s3_expect,
	.finish = s3_finish,
	.close = s3_close,
};
