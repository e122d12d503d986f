/* SPDX-License-Identifier: MIT */
#include "cli/report_lines.h"

#include "base/err.h"
#include "cli/say.h"
#include "pipeline/json/delivery.h"
#include "pipeline/replace.h"

/* --------------------------------------------------------------- stdout -- */

static void json_on_delivered(void *ctx, const struct delivered *d)
{
	json_delivered(ctx, d);
	say_print(ctx);
}

static void json_on_rejected(void *ctx, const struct rejected *r)
{
	json_rejected(ctx, r);
	say_print(ctx);
}

static void json_on_flawed(void *ctx, const struct flawed *f)
{
	json_flawed(ctx, f);
	say_print(ctx);
}

static void json_on_lost(void *ctx, size_t destination, const char *target,
			 const struct sym_err *err)
{
	(void)destination;
	json_lost(ctx, target, err);
	say_print(ctx);
}

static void json_on_warning(void *ctx, const char *path, const struct sym_err *err)
{
	json_warning(ctx, path, err);
	say_print(ctx);
}

static void json_on_finished(void *ctx, const struct tally *t)
{
	json_summary(ctx, t);
	say_print(ctx);
}

struct reporter report_json(struct buf *scratch)
{
	return (struct reporter){.delivered = json_on_delivered,
				 .rejected = json_on_rejected,
				 .flawed = json_on_flawed,
				 .lost = json_on_lost,
				 .warning = json_on_warning,
				 .finished = json_on_finished,
				 .ctx = scratch};
}

/* -------------------------------------------------------------- receipt -- */

enum {
	RECEIPT_PIECE = 64 << 10, /* bytes that are written at once */
	RECEIPT_LINE_MAX = 1 << 20,
};

enum sym_status receipt_open(struct receipt *r, const char *path, struct sym_err *err)
{
	enum sym_status status = replace_check(path, err);

	if (status == SYM_OK)
		status = os_spool(&r->spool, err);
	if (status != SYM_OK)
		return err_prefix(err, "cannot write the receipt %s", path);
	r->path = path;
	r->lines = (struct buf)BUF_MAX(RECEIPT_PIECE + RECEIPT_LINE_MAX);
	return SYM_OK;
}

/* Moves the lines to the spool once they are `enough` bytes. */
static void write_lines(struct receipt *r, size_t enough)
{
	if (r->failure.status != SYM_OK || (!r->lines.failed && r->lines.size < enough))
		return;
	if (r->lines.failed)
		err_set(&r->failure, SYM_TOO_BIG, "a line is too long");
	else if (os_write(r->spool, r->lines.data, r->lines.size, &r->failure) == SYM_OK)
		r->size += r->lines.size;
	buf_clear(&r->lines);
}

static void receipt_on_delivered(void *ctx, const struct delivered *d)
{
	struct receipt *r = ctx;

	json_receipt(&r->lines, d);
	write_lines(r, RECEIPT_PIECE);
}

static void receipt_on_rejected(void *ctx, const struct rejected *rejected)
{
	struct receipt *r = ctx;

	json_rejected(&r->lines, rejected);
	write_lines(r, RECEIPT_PIECE);
}

struct reporter receipt_reporter(struct receipt *r)
{
	return (struct reporter){
		.delivered = receipt_on_delivered, .rejected = receipt_on_rejected, .ctx = r};
}

static enum sym_status fill(void *ctx, os_file to, struct sym_err *err)
{
	struct receipt *r = ctx;
	uint64_t copied;

	write_lines(r, 1);
	if (r->failure.status != SYM_OK) {
		*err = r->failure;
		return err->status;
	}
	return os_copy(r->spool, 0, r->size, to, &copied, err);
}

enum sym_status receipt_close(struct receipt *r, bool keep, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (!r->path)
		return SYM_OK;
	if (keep && replace_file(r->path, fill, r, err) != SYM_OK)
		status = err_prefix(err, "cannot write the receipt %s", r->path);
	os_close_quietly(r->spool);
	buf_release(&r->lines);
	r->path = NULL;
	return status;
}
