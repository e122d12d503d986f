/* SPDX-License-Identifier: MIT
 * One file to the service: announced, put, confirmed. What fails on the way begins
 * again at the announcement: a presigned address is good for one try. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "source/zip.h"
#include "target/gzip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SYMBOL_BYTES_MAX (4ull << 30) /* the service takes no larger file */

/* One file in hand. */
struct turn {
	struct bugsplat *b;
	unsigned worker;                    /* from 1, as version 11 counts them */
	struct parcel *p;
	const char *name;                   /* symFileName */
	char module[KEY_PATH_MAX];
	char id[KEY_PATH_MAX];
	char size[24];
	struct bugsplat_body body;
	uint64_t not_before_ms;
	struct bugsplat_failure failure;
};

/* --------------------------------------------------------------- naming -- */

/* "module/ID/file": the path under which version 11 keeps the file in a folder. */
static void split_path(struct turn *t, const char *path)
{
	const char *slash = strchr(path, '/'), *last = strrchr(path, '/');

	snprintf(t->module, sizeof t->module, "%.*s", (int)(slash - path), path);
	snprintf(t->id, sizeof t->id, "%.*s", (int)(last - slash - 1), slash + 1);
	t->name = last + 1;
}

static void add_field(struct bugsplat_form *form, const char *name, const char *value)
{
	form->at[form->count++] = (struct bugsplat_field){name, value};
}

/* Has the file a key? Else its path is its name, and it goes the older way. */
static bool has_key(const char *path)
{
	return strchr(path, '/') != NULL;
}

static void add_whose(const struct bugsplat *b, struct bugsplat_form *form)
{
	add_field(form, "database", b->remote->database);
	add_field(form, "appName", b->remote->application);
	add_field(form, "appVersion", b->remote->version);
}

/* The nine fields of /symsrv/…, whose servers read them by name; the order is version 11's. */
static void fill_form(const struct turn *t, const char *modified, struct bugsplat_form *form)
{
	add_whose(t->b, form);
	add_field(form, "size", t->size);
	add_field(form, "symFileName", t->name);
	add_field(form, "moduleName", t->module);
	add_field(form, "dbgId", t->id);
	add_field(form, "lastModified", modified);
	add_field(form, "SendPdbsVersion", "spdbsv2");
}

/* -------------------------------------------------------------- sending -- */

static bool no_address(struct turn *t)
{
	memset(&t->failure, 0, sizeof t->failure);
	err_set(&t->failure.err, SYM_NET, "BugSplat answers without an address to put the file to");
	return false;
}

/* The older way, for what has no key: a zip, and nothing to confirm. */
static bool send_zip_once(struct turn *t)
{
	char text[BUGSPLAT_TIME_MAX];
	struct bugsplat_form form = {0};
	struct bugsplat_answer answer;
	bool good;

	bugsplat_time_text(t->p->mtime_ns, text);
	add_whose(t->b, &form);
	add_field(&form, "size", t->size);
	add_field(&form, "symFileName", t->name);
	add_field(&form, "lastModified", text);
	if (t->module[0])
		add_field(&form, "moduleName", t->module);
	if (!bugsplat_post(t->b, "/api/v2/versions", &form, t->not_before_ms, &answer, &t->failure))
		return false;
	good = answer.url ? bugsplat_put(t->b, answer.url, &t->body, &t->failure) : no_address(t);
	bugsplat_answer_release(&answer);
	return good;
}

/* One attempt. */
static bool send_once(struct turn *t)
{
	char iso[BUGSPLAT_TIME_MAX], text[BUGSPLAT_TIME_MAX];
	struct bugsplat_form announce = {0}, confirm = {0};
	struct bugsplat_answer answer;
	bool good;

	bugsplat_time_iso(t->p->mtime_ns, iso);
	fill_form(t, iso, &announce);
	if (!bugsplat_post(t->b, "/symsrv/uploadUrl", &announce, t->not_before_ms, &answer, &t->failure))
		return false;
	good = answer.url ? bugsplat_put(t->b, answer.url, &t->body, &t->failure) : no_address(t);
	bugsplat_answer_release(&answer);
	if (!good)
		return false;
	bugsplat_time_text(t->p->mtime_ns, text);
	fill_form(t, text, &confirm);
	good = bugsplat_post(t->b, "/symsrv/uploadComplete", &confirm, 0, &answer, &t->failure);
	if (good)
		bugsplat_answer_release(&answer);
	return good;
}

/* Attempts until one is final. A token that was refused is exchanged once. */
static enum sym_status insist(struct turn *t, struct sym_err *err)
{
	bool renewed = false;

	for (t->p->attempts = 1; !(t->id[0] ? send_once(t) : send_zip_once(t)); t->p->attempts++) {
		bool renew = t->failure.unauthorised && !renewed;

		if (renew) {
			renewed = true;
			t->not_before_ms = 0;
		} else if (!bugsplat_again(t->b, &t->failure, t->p->attempts, &t->not_before_ms)) {
			*err = t->failure.err;
			if (t->p->attempts > 1 && err->status != SYM_CANCELLED)
				err_set(err, err->status, "%.200s (tried %u times)", t->failure.err.text,
					t->p->attempts);
			return err->status;
		}
	}
	return SYM_OK;
}

static enum sym_status send_body(struct turn *t, struct sym_err *err)
{
	uint64_t began_ms = os_now_ms(), took_ms;
	char size[BUGSPLAT_SIZE_MAX], rate[BUGSPLAT_SIZE_MAX];
	enum sym_status status;

	bugsplat_log(t->b, "Worker %u uploading %s...", t->worker, t->name);
	status = insist(t, err);
	if (status == SYM_OK) {
		took_ms = os_now_ms() - began_ms;
		bugsplat_size_text(t->p->id->slice_size, size);
		bugsplat_size_text(t->p->id->slice_size * 1000 / (took_ms > 0 ? took_ms : 1), rate);
		bugsplat_log(t->b, "Worker %u uploaded %s! (%s @ %s/sec)", t->worker, t->name, size, rate);
	} else if (status != SYM_CANCELLED) {
		bugsplat_log(t->b, "Worker %u failed to upload %s: %s", t->worker, t->name, err->text);
	}
	return status;
}

/* Is the source still what it was before it was packed? */
static enum sym_status check_source(const struct turn *t, const struct os_stat *before,
				    struct sym_err *err)
{
	struct os_stat after;
	enum sym_status status = os_file_stat(t->p->source, &after, err);

	if (status == SYM_OK &&
	    (after.mtime_ns != before->mtime_ns || after.ctime_ns != before->ctime_ns))
		return err_set(err, SYM_CHANGED, "the file changed while it was packed");
	return status;
}

/* Packs the slice, as it was when its key was read: SYM_CHANGED where it is no longer. */
static enum sym_status send_symbol(struct turn *t, const char *path, struct sym_err *err)
{
	const struct sym_identity *id = t->p->id;
	struct os_stat before;
	struct gzipped packed;
	enum sym_status status = os_file_stat(t->p->source, &before, err);

	if (status != SYM_OK)
		return status;
	split_path(t, path);
	snprintf(t->size, sizeof t->size, "%" PRIu64, id->slice_size);
	status = gzip_whole(t->p->source, id->slice_offset, id->slice_size, &packed, err);
	if (status != SYM_OK)
		return status;
	status = check_source(t, &before, err);
	t->body = (struct bugsplat_body){packed.file, packed.memory, packed.size, NULL, true};
	if (status == SYM_OK)
		status = send_body(t, err);
	gzipped_release(&packed);
	return status;
}

/* What of it is zipped already goes as it is. */
static enum sym_status send_zip(struct turn *t, const char *path, struct sym_err *err)
{
	const struct sym_identity *id = t->p->id;
	char name[KEY_PATH_MAX + sizeof ".zip"];
	struct os_stat before;
	enum sym_status status = os_file_stat(t->p->source, &before, err);

	if (status != SYM_OK)
		return status;
	if (id->kind != SYM_UNREAL_SYM) /* of which version 11 knew no module */
		snprintf(t->module, sizeof t->module, "%s", path);
	snprintf(name, sizeof name, "%s%s", path, id->kind == SYM_ZIP ? "" : ".zip");
	t->name = name;
	t->body = (struct bugsplat_body){t->p->source, NULL, id->slice_size, &before, false};
	if (id->kind != SYM_ZIP) {
		t->body.as_it_was = NULL;
		status = os_spool(&t->body.file, err);
		if (status != SYM_OK)
			return status;
		status = zip_file(t->p->source, id->slice_size, path, t->p->mtime_ns, t->body.file,
				  &t->body.size, err);
		if (status == SYM_OK)
			status = check_source(t, &before, err);
	}
	snprintf(t->size, sizeof t->size, "%" PRIu64, t->body.size);
	if (status == SYM_OK)
		status = send_body(t, err);
	if (id->kind != SYM_ZIP)
		os_close_quietly(t->body.file);
	return status;
}

/* ------------------------------------------------------------- deciding -- */

static enum bugsplat_known was_sent(struct bugsplat *b, const struct parcel *p, const char *path)
{
	enum bugsplat_known known;

	pthread_mutex_lock(&b->lock);
	known = bugsplat_sent_find(&b->sent, path, p->sha256);
	pthread_mutex_unlock(&b->lock);
	return known;
}

static void note_sent(struct bugsplat *b, const struct parcel *p, const char *path)
{
	pthread_mutex_lock(&b->lock);
	bugsplat_sent_add(&b->sent, path, p->sha256);
	pthread_mutex_unlock(&b->lock);
}

/* Settles what needs no request. */
static bool settle_early(struct bugsplat *b, const struct parcel *p, struct parcel_path *at)
{
	enum bugsplat_known known = SENT_NOTHING;

	if (p->id->slice_size > SYMBOL_BYTES_MAX) {
		at->action = ACTION_FAILED;
		err_set(&at->why, SYM_TOO_BIG, "BugSplat takes no file over 4 GiB");
	} else if (b->options.dry_run) {
		at->action = ACTION_PLANNED;
	} else if (at->second && p->sha256) {
		known = was_sent(b, p, at->path);
	}
	if (known == SENT_SAME)
		at->action = ACTION_PRESENT;
	if (known == SENT_OTHER) {
		at->action = ACTION_KEPT;
		err_set(&at->why, SYM_EXISTS, "another file of this run has this key, and was sent");
	}
	return at->action != ACTION_PENDING;
}

enum sym_status bugsplat_stage(struct target *target, unsigned worker, struct parcel *p,
			       struct sym_err *err)
{
	struct bugsplat *b = (struct bugsplat *)target;

	for (size_t i = 0; i < p->count; i++) {
		struct parcel_path *at = &p->at[i];
		struct turn t = {.b = b, .worker = worker + 1, .p = p};
		enum sym_status status;

		if (settle_early(b, p, at))
			continue;
		status = has_key(at->path) ? send_symbol(&t, at->path, err) : send_zip(&t, at->path, err);
		if (status == SYM_CANCELLED)
			return SYM_OK; /* it stays as it is: the run ends */
		if (status == SYM_CHANGED)
			return status; /* the caller begins anew */
		if (status == SYM_OK) {
			at->action = ACTION_STORED;
			if (p->sha256)
				note_sent(b, p, at->path);
		} else {
			at->action = ACTION_FAILED;
			at->why = *err;
		}
	}
	return SYM_OK;
}
