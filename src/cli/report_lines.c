/* SPDX-License-Identifier: MIT */
#include "cli/report_lines.h"

#include "base/err.h"
#include "pipeline/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* --------------------------------------------------------------- stdout -- */

static void put_out(struct buf *line)
{
	fwrite(line->data, 1, line->size, stdout);
	buf_clear(line);
}

static void json_on_delivered(void *ctx, const struct delivered *d)
{
	json_delivered(ctx, d);
	put_out(ctx);
}

static void json_on_rejected(void *ctx, const struct rejected *r)
{
	json_rejected(ctx, r);
	put_out(ctx);
}

static void json_on_flawed(void *ctx, const struct flawed *f)
{
	json_flawed(ctx, f);
	put_out(ctx);
}

static void json_on_warning(void *ctx, const char *path, const struct sym_err *err)
{
	json_warning(ctx, path, err);
	put_out(ctx);
}

static void json_on_finished(void *ctx, const struct tally *t)
{
	json_summary(ctx, t);
	put_out(ctx);
}

struct reporter report_json(struct buf *scratch)
{
	return (struct reporter){.delivered = json_on_delivered,
				 .rejected = json_on_rejected,
				 .flawed = json_on_flawed,
				 .warning = json_on_warning,
				 .finished = json_on_finished,
				 .ctx = scratch};
}

/* -------------------------------------------------------------- receipt -- */

enum { RECEIPT_LINE_MAX = 1 << 20 };

enum sym_status receipt_open(struct receipt *r, const char *path, struct sym_err *err)
{
	struct buf name = BUF_MAX(8192);
	uint32_t random;

	os_random(&random, sizeof random);
	buf_printf(&name, "%s.%08" PRIx32 ".part", path, random);
	*r = (struct receipt){.path = path, .staged = name.data, .line = BUF_MAX(RECEIPT_LINE_MAX)};
	if (name.failed) {
		buf_release(&name);
		r->staged = NULL;
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	r->file = fopen(r->staged, "wx");
	if (!r->file) {
		int sys = errno;

		free(r->staged);
		r->staged = NULL;
		return err_sys(err, SYM_IO, sys, "cannot write the receipt %s", path);
	}
	return SYM_OK;
}

static void put_line(struct receipt *r)
{
	if (r->line.failed || fwrite(r->line.data, 1, r->line.size, r->file) != r->line.size)
		r->failed = true;
	buf_clear(&r->line);
}

static void receipt_on_delivered(void *ctx, const struct delivered *d)
{
	struct receipt *r = ctx;

	json_receipt(&r->line, d);
	put_line(r);
}

static void receipt_on_rejected(void *ctx, const struct rejected *rejected)
{
	struct receipt *r = ctx;

	json_rejected(&r->line, rejected);
	put_line(r);
}

struct reporter receipt_reporter(struct receipt *r)
{
	return (struct reporter){
		.delivered = receipt_on_delivered, .rejected = receipt_on_rejected, .ctx = r};
}

enum sym_status receipt_close(struct receipt *r, bool keep, struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	struct sym_err ignored;

	if (!r->file)
		return SYM_OK;
	if (fclose(r->file) != 0)
		r->failed = true;
	if (keep && r->failed)
		status = err_set(err, SYM_IO, "cannot write the receipt %s", r->path);
	else if (keep)
		status = os_replace(NULL, r->staged, NULL, r->path, err);
	if (!keep || status != SYM_OK)
		(void)!os_unlink(NULL, r->staged, &ignored);
	free(r->staged);
	buf_release(&r->line);
	return status;
}
