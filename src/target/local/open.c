/* SPDX-License-Identifier: MIT
 * Opening the store in a folder, which is made where it is not there, and closing it. */
#include "target/local/local.h"

#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void local_close(struct target *t)
{
	struct local *l = (struct local *)t;

	if (!l)
		return;
	transaction_end(l->transaction);
	staging_close(l->staging);
	os_dir_close(l->root);
	free(l->base.shown);
	free(l->base.place);
	free(l);
}

static enum sym_status any_entry(void *ctx, const char *name, enum os_type type)
{
	bool *any = ctx;

	(void)name;
	(void)type;
	*any = true;
	return SYM_CANCELLED;
}

/* Is there nothing in the folder yet? */
static bool is_empty(struct os_dir *root)
{
	bool any = false;
	struct sym_err ignored;

	return os_dir_list(root, any_entry, &any, &ignored) == SYM_OK && !any;
}

/* A dry run makes nothing. Could the folder be made? Not where a file stands in its way. */
static enum sym_status could_make(const char *where, struct sym_err *err)
{
	char *path = strdup(where);
	enum sym_status status = path ? SYM_NOT_FOUND : err_set(err, SYM_NOMEM, "out of memory");

	for (size_t len = strlen(where); len > os_root_len(where) && status == SYM_NOT_FOUND;) {
		struct os_stat st;

		status = os_stat(NULL, path, OS_FOLLOW, &st, err);
		if (status == SYM_OK && st.type != OS_DIR)
			status = err_set(err, SYM_IO, "%.*s is a file, and no folder", text_fit(path, 120), path);
		while (len > 0 && path[len - 1] != '/')
			len--;
		while (len > 0 && path[len - 1] == '/')
			path[--len] = '\0';
	}
	free(path);
	return status == SYM_NOT_FOUND ? SYM_OK : status;
}

static enum sym_status open_root(struct local *l, const char *where, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (!l->options.dry_run)
		status = os_mkdirs(where, err);
	if (status == SYM_OK)
		status = os_dir_open(NULL, where, OS_FOLLOW, &l->root, err);
	return status == SYM_NOT_FOUND && l->options.dry_run ? could_make(where, err) : status;
}

/* Are names one here that differ in letter case? Those of the store itself tell. */
static bool folds_case(struct os_dir *root)
{
	static const char *const names[][2] = {{STAGING_FOLDER, ".SYMBOL-UPLOAD"}, {"pingme.txt", "PINGME.TXT"}};
	bool folds = os_folds_case();

	for (size_t i = 0; i < ARRAY_LEN(names) && !folds; i++) {
		struct os_stat one, other;
		struct sym_err ignored;

		folds = os_stat(root, names[i][0], OS_NOFOLLOW, &one, &ignored) == SYM_OK &&
			os_stat(root, names[i][1], OS_NOFOLLOW, &other, &ignored) == SYM_OK &&
			one.inode == other.inode && one.device == other.device;
	}
	return folds;
}

/* A store that is only to be read does for files that are there already. But it cannot note a run. */
static enum sym_status go_without_writing(struct local *l, struct sym_err *err)
{
	const struct target_options *o = &l->options;
	char text[320];
	bool transactions;

	if (!(os_takes_nothing(err->sys) || os_is_denied(err->sys)) || (o->transaction && o->transaction->wanted))
		return err->status;
	l->closed = *err;
	if (os_is_there(l->root, ADMIN_FOLDER, OS_NOFOLLOW, &transactions, err) != SYM_OK)
		return err->status;
	if (transactions && o->note) {
		snprintf(text, sizeof text,
			 "This run is not noted as a transaction in %.*s, which cannot be written to.",
			 text_fit(l->base.shown, 200), l->base.shown);
		o->note(o->note_ctx, text);
	}
	return SYM_OK;
}

static enum sym_status begin_writing(struct local *l, struct sym_err *err)
{
	const struct target_options *o = &l->options;

	l->new = is_empty(l->root);
	staging_sweep(l->root);
	if (staging_open(l->root, o->workers, &l->staging, err) != SYM_OK)
		return go_without_writing(l, err);
	return transaction_begin(l->root, l->staging, l->base.two_tier, o->flush != FLUSH_NONE, o->transaction,
				 &l->transaction, err);
}

enum sym_status local_open(const char *where, const struct target_options *options, struct target **out,
			   struct sym_err *err)
{
	struct local *l = calloc(1, sizeof *l);
	enum sym_status status;

	if (!l)
		return err_set(err, SYM_NOMEM, "out of memory");
	l->base.kind = &local_target;
	l->options = *options;
	if (options->flush == FLUSH_BATCH && !os_syncs_all())
		l->options.flush = FLUSH_EACH;
	l->base.shown = strdup(where);
	status = l->base.shown ? open_root(l, where, err) : err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK && l->root)
		status = os_is_there(l->root, "index2.txt", OS_FOLLOW, &l->base.two_tier, err);
	if (status == SYM_OK && !options->dry_run)
		status = begin_writing(l, err);
	if (status != SYM_OK) {
		local_close(&l->base);
		return err_prefix(err, "%s", where);
	}
	l->base.folds_case = l->root && folds_case(l->root);
	l->base.place = os_absolute(where);
	*out = &l->base;
	return SYM_OK;
}
