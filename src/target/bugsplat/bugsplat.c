/* SPDX-License-Identifier: MIT
 * The BugSplat service as a target. It tells nothing of what it has: what this run has is
 * sent. Of a key that two files of a run have, the first is sent. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_MAX = 16 << 10 }; /* bytes */

static struct bugsplat *bugsplat_of(struct target *t)
{
	return (struct bugsplat *)t;
}

static void bugsplat_close(struct target *t)
{
	struct bugsplat *b = bugsplat_of(t);

	if (!b)
		return;
	xfer_close(b->xfer);
	text_forget(b->token);
	table_release(&b->sent);
	free(b->numbers);
	pthread_mutex_destroy(&b->lock);
	free(b->base.shown);
	free(b->base.place);
	free(b);
}

/* "bugsplat:DB/app/1.2.3" */
static char *shown_of(const struct remote_options *o)
{
	char database[100], application[100], version[100], all[320];

	text_shown(database, sizeof database, o->database, strlen(o->database));
	text_shown(application, sizeof application, o->application, strlen(o->application));
	text_shown(version, sizeof version, o->version, strlen(o->version));
	snprintf(all, sizeof all, "bugsplat:%s/%s/%s", database, application, version);
	return strdup(all);
}

static enum sym_status name_place(struct bugsplat *b, struct sym_err *err)
{
	struct buf place = BUF_MAX(ADDRESS_MAX);

	bugsplat_add_address(b, &place);
	b->base.place = place.data;
	return place.failed ? err_set(err, SYM_USAGE, "the names of database, application and version "
						      "are too long to be sent")
			    : SYM_OK;
}

static void draw_boundary(char out[48])
{
	uint64_t random[2];

	os_random(random, sizeof random);
	snprintf(out, 48, "--symbol-upload-%016" PRIx64 "%08" PRIx32, random[0], (uint32_t)random[1]);
}

enum sym_status bugsplat_new(const struct remote_options *o, struct bugsplat **out,
			     struct sym_err *err)
{
	struct bugsplat *b = calloc(1, sizeof *b);

	*out = b;
	if (!b)
		return err_set(err, SYM_NOMEM, "out of memory");
	pthread_mutex_init(&b->lock, NULL);
	b->base.kind = &bugsplat_target;
	b->base.shown = shown_of(o);
	b->remote = o;
	b->sent = (struct table)TABLE_OF(struct bugsplat_sent);
	b->too_big = UINT64_MAX;
	b->policy = retry_policy_of(o->tries);
	draw_boundary(b->boundary);
	if (!b->base.shown)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (bugsplat_origin(o->host, b->origin, err) != SYM_OK || name_place(b, err) != SYM_OK)
		return err->status;
	return xfer_open(&o->connect, &b->xfer, err);
}

enum sym_status bugsplat_name(struct sym_err *err)
{
	return text_starts_nocase(err->text, "BugSplat") ? err->status : err_prefix(err, "BugSplat");
}

enum sym_status bugsplat_log_in(struct bugsplat *b, struct sym_err *err)
{
	unsigned number;
	char *token = NULL;
	enum sym_status status = bugsplat_token_take(b, &token, &number, err);

	text_forget(token);
	return status;
}

/* Logs in before anything is packed: wrong credentials are told at once. */
static enum sym_status begin(struct bugsplat *b, struct sym_err *err)
{
	const struct remote_options *o = b->remote;
	enum sym_status status = bugsplat_log_in(b, err);

	if (status == SYM_OK)
		bugsplat_log(b, "About to upload symbols for %s-%s-%s...", o->database, o->application,
			     o->version);
	return status;
}

static enum sym_status bugsplat_open(const char *where, const struct target_options *options,
				     struct target **out, struct sym_err *err)
{
	const struct remote_options *o = options->remote;
	struct bugsplat *b;
	enum sym_status status;

	if (strcmp(where, BUGSPLAT_ADDRESS) != 0 || !o || !o->database)
		return err_set(err, SYM_USAGE, "BugSplat is named as \"bugsplat\", without an address");
	status = bugsplat_new(o, &b, err);
	if (status == SYM_OK) {
		b->options = *options;
		b->numbers = calloc(options->workers + 1, sizeof *b->numbers);
		if (!b->numbers)
			status = err_set(err, SYM_NOMEM, "out of memory");
		else if (!options->dry_run)
			status = begin(b, err);
	}
	if (status != SYM_OK) {
		bugsplat_close(b ? &b->base : NULL);
		return bugsplat_name(err);
	}
	*out = &b->base;
	return SYM_OK;
}

/* The last line of version 11's log; it counted what was skipped, too. */
static enum sym_status bugsplat_finish(struct target *t, bool changed, struct sym_err *err)
{
	struct bugsplat *b = bugsplat_of(t);
	uint64_t took_ms = os_now_ms() - b->began_ms;
	char size[BUGSPLAT_SIZE_MAX], rate[BUGSPLAT_SIZE_MAX];

	(void)changed;
	(void)err;
	if (b->files == 0)
		return SYM_OK;
	bugsplat_size_text(b->bytes, size);
	bugsplat_size_text(b->bytes * 1000 / (took_ms > 0 ? took_ms : 1), rate);
	bugsplat_log(b, "Uploaded %" PRIu64 " symbols totaling %s @ %s/sec", b->files, size, rate);
	return SYM_OK;
}

static enum sym_status bugsplat_ask(struct target *t, const char *path,
				    const struct target_sink *sink, struct target_answer *out,
				    struct sym_err *err)
{
	(void)t;
	(void)path;
	(void)sink;
	*out = (struct target_answer){0};
	return err_set(err, SYM_UNSUPPORTED, "BugSplat does not tell what symbols it has");
}

const struct target_kind bugsplat_target = {
	.scheme = "bugsplat",
	.is_remote = true,
	.takes_keyless = true,
	.open = bugsplat_open,
	.show = shown_of,
	.foresee = bugsplat_foresee,
	.stage = bugsplat_stage,
	.ask = bugsplat_ask,
	.finish = bugsplat_finish,
	.close = bugsplat_close,
};
