/* SPDX-License-Identifier: MIT */
#include "target/admin/transaction.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/stop.h"
#include "base/table.h"
#include "target/admin/ledger.h"
#include "target/admin/list.h"
#include "target/admin/refs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 64 << 10, LINE_BYTES_MAX = 16 << 10 };

struct transaction {
	struct admin admin;
	const struct transaction_title *title;
	uint64_t id;        /* 0: none is claimed, or it was committed */
	char *here;         /* the current folder */
	os_file list;       /* the transaction's file, staged; OS_NO_FILE: not yet begun */
	uint32_t ticket;
	struct buf pending; /* lines that are not yet written to it */
	struct table entered; /* hashes of the list's entries: several files of a run may have one path */
	struct buf line, refs; /* used again for each file */
	struct sym_err failed; /* the first failure */
};

/* --------------------------------------------------------------- beginning -- */

enum sym_status transaction_check(const struct transaction_title *title, struct sym_err *err)
{
	if (ledger_check_text("the application's name", title->product, err) == SYM_OK &&
	    ledger_check_text("the version", title->version, err) == SYM_OK &&
	    ledger_check_text("--label", title->label, err) == SYM_OK)
		return SYM_OK;
	return err->status = SYM_USAGE;
}

/* The lowest number that nobody ever had: what a run leaves in refs.ptr that ends badly must not
 * speak for another one. Under the lock. */
static enum sym_status claim_locked(struct transaction *t, struct sym_err *err)
{
	char name[ADMIN_NAME_MAX];
	uint64_t last;
	os_file file;
	enum sym_status status = admin_last(&t->admin, 1, &last, err);

	if (status != SYM_OK)
		return status;
	admin_name(last + 1, false, name);
	if (os_create(t->admin.dir, name, &file, err) != SYM_OK)
		return err_prefix(err, ADMIN_FOLDER);
	os_close_quietly(file);
	t->id = last + 1;
	return admin_write_last(&t->admin, t->id, err); /* nobody gets it again */
}

static enum sym_status claim(struct transaction *t, struct sym_err *err)
{
	struct os_dir *lock;
	enum sym_status status = admin_lock(&t->admin, &lock, err);

	if (status != SYM_OK)
		return status;
	status = claim_locked(t, err);
	os_dir_close(lock);
	return status;
}

enum sym_status transaction_begin(struct os_dir *root, struct staging *staging, bool two_tier, bool sync,
				  const struct transaction_title *title, struct transaction **out,
				  struct sym_err *err)
{
	static const struct transaction_title untitled = {.product = "", .version = "", .label = ""};
	struct transaction *t;
	bool wanted;
	enum sym_status status = os_is_there(root, ADMIN_FOLDER, OS_NOFOLLOW, &wanted, err);

	*out = NULL;
	if (status != SYM_OK || !(wanted || (title && title->wanted)))
		return status;
	t = calloc(1, sizeof *t);
	if (!t)
		return err_set(err, SYM_NOMEM, "out of memory");
	*t = (struct transaction){
		.admin = {.root = root, .staging = staging, .two_tier = two_tier, .sync = sync},
		.title = title ? title : &untitled,
		.list = OS_NO_FILE,
		.here = os_absolute("."),
		.entered = TABLE_OF(uint64_t),
		.pending = BUF_MAX(2 * PIECE_BYTES),
		.line = BUF_MAX(LINE_BYTES_MAX),
		.refs = BUF_MAX(REFS_BYTES_MAX)};
	status = transaction_check(t->title, err);
	if (status == SYM_OK)
		status = admin_open(&t->admin, true, err);
	if (status == SYM_OK)
		status = claim(t, err);
	if (status == SYM_OK) {
		*out = t;
		return SYM_OK;
	}
	transaction_end(t);
	/* Where there are no locks nothing is ever removed by removal.h: nobody needs to know. */
	return status == SYM_UNSUPPORTED && !(title && title->wanted) ? SYM_OK : status;
}

/* ---------------------------------------------------------------- entering -- */

void transaction_add_source(const char *here, const char *source, struct buf *out)
{
	bool absolute = *source == '/' || *source == '\\' || (*source && source[1] == ':');

	if (!absolute && here)
		buf_printf(out, "%s/", here);
	buf_add_text(out, source);
}

/* The source between quotation marks, which know no escape. */
static void add_source(const struct transaction *t, struct buf *line, const char *source)
{
	size_t from;

	buf_add_char(line, '"');
	from = line->size;
	transaction_add_source(t->here, source, line);
	for (size_t i = from; i < line->size; i++)
		if (line->data[i] == '"' || (unsigned char)line->data[i] < ' ')
			line->data[i] = '?';
	buf_add_char(line, '"');
}

/* "pub" is a stripped PDB, "pri" one with private symbols, "bin" an image. */
static const char *type_word(const struct sym_identity *id)
{
	if (id->kind != SYM_PDB)
		return "bin";
	return id->traits & SYM_PUBLIC ? "pub" : "pri";
}

/* 0000000007,file,"/build/app.pdb",pri,,N,, */
static void write_refs_line(struct transaction *t, const char *source, const struct sym_identity *id,
			    const char *path)
{
	bool packed = path[strlen(path) - 1] == '_';

	buf_clear(&t->line);
	buf_printf(&t->line, "%010" PRIu64 ",file,", t->id);
	add_source(t, &t->line, source);
	buf_printf(&t->line, ",%s,,%s,,", type_word(id), packed ? "Y" : "N");
}

/* Under the lock of the file's folder: other runs add their lines, too. */
static enum sym_status add_ref(struct transaction *t, const char *path, struct sym_err *err)
{
	char folder[KEY_PATH_MAX];
	struct os_dir *dir;
	enum sym_status status;

	memcpy(folder, path, strlen(path) + 1);
	*strrchr(folder, '/') = '\0';
	buf_clear(&t->refs);
	status = os_dir_open(t->admin.root, folder, OS_NOFOLLOW, &dir, err);
	if (status != SYM_OK)
		return err_prefix(err, "%s", folder);
	status = os_dir_lock(dir, true, err);
	if (status == SYM_OK)
		status = admin_read(dir, REFS_NAME, &t->refs, err);
	if (status == SYM_NOT_FOUND)
		status = SYM_OK;
	if (status == SYM_OK && !refs_has(&t->refs, t->id)) {
		refs_add(&t->refs, t->line.data, t->line.size);
		status = admin_write(&t->admin, dir, REFS_NAME, &t->refs, err);
	}
	os_dir_close(dir);
	return status == SYM_OK ? status : err_prefix(err, "%s", folder);
}

static enum sym_status write_pending(struct transaction *t, struct sym_err *err)
{
	enum sym_status status = t->pending.failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;

	if (status == SYM_OK && t->list == OS_NO_FILE)
		status = staging_create(t->admin.staging, 0, &t->list, &t->ticket, err);
	if (status == SYM_OK)
		status = os_write(t->list, t->pending.data, t->pending.size, err);
	buf_clear(&t->pending);
	return status;
}

static enum sym_status enter(struct transaction *t, const char *source, const struct sym_identity *id,
			     const char *path, struct sym_err *err)
{
	char entry[KEY_PATH_MAX];
	bool folder = list_entry_of(path, t->admin.two_tier, entry);
	uint64_t hash = hash_text(HASH_START, entry);
	enum sym_status status = SYM_OK;

	if (table_find(&t->entered, hash))
		return SYM_OK;
	if (!table_add(&t->entered, hash))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (folder) {
		write_refs_line(t, source, id, path);
		status = t->line.failed ? err_set(err, SYM_TOO_BIG, "the source's path is too long to be noted")
					: add_ref(t, path, err);
	}
	buf_printf(&t->pending, "\"%s\",", entry);
	add_source(t, &t->pending, source);
	buf_add_text(&t->pending, "\r\n");
	if (status == SYM_OK && t->pending.size >= PIECE_BYTES)
		status = write_pending(t, err);
	return status;
}

void transaction_enter(struct transaction *t, const char *source, const struct parcel *p)
{
	struct sym_err err;

	for (size_t i = 0; i < p->count && t->failed.status == SYM_OK; i++)
		if (action_is_there(p->at[i].action) && enter(t, source, p->id, p->at[i].path, &err) != SYM_OK)
			t->failed = err;
}

/* --------------------------------------------------------------------- end -- */

static enum sym_status close_list(struct transaction *t, struct sym_err *err)
{
	os_file list;
	enum sym_status status = write_pending(t, err);

	list = t->list;
	t->list = OS_NO_FILE;
	return staging_end(list, t->admin.sync, status, err);
}

/* The claimed file is empty; now it gets its text, in one step. */
static enum sym_status publish_list(const struct transaction *t, struct sym_err *err)
{
	char name[ADMIN_NAME_MAX];

	admin_name(t->id, false, name);
	return staging_replace(t->admin.staging, t->ticket, t->admin.dir, name, err);
}

static enum sym_status commit_locked(struct transaction *t, struct sym_err *err)
{
	struct buf line = BUF_MAX(LINE_BYTES_MAX);
	struct ledger_line add = {.id = t->id,
				  .product = t->title->product,
				  .version = t->title->version,
				  .label = t->title->label};
	enum sym_status status = publish_list(t, err);

	ledger_add(&line, &add);
	if (status == SYM_OK)
		status = ledger_append(&t->admin, ADMIN_SERVER, &line, err);
	if (status == SYM_OK) {
		t->id = 0; /* it lives: the number is not to be given up */
		status = ledger_append(&t->admin, ADMIN_HISTORY, &line, err);
	}
	if (status == SYM_OK && t->admin.sync)
		status = os_sync_dir(t->admin.dir, err);
	buf_release(&line);
	return status;
}

enum sym_status transaction_commit(struct transaction *t, struct sym_err *err)
{
	struct os_dir *lock;
	enum sym_status status;

	*err = t->failed;
	if (t->failed.status != SYM_OK || t->entered.count == 0)
		return t->failed.status;
	status = close_list(t, err);
	if (status == SYM_OK && t->admin.sync && os_syncs_all())
		status = os_sync_all(t->admin.root, stop_asked, err); /* the refs.ptr of all files */
	if (status == SYM_OK)
		status = admin_lock(&t->admin, &lock, err);
	if (status != SYM_OK)
		return err_prefix(err, "the transaction cannot be noted");
	status = commit_locked(t, err);
	os_dir_close(lock);
	return status == SYM_OK ? status : err_prefix(err, "the transaction cannot be noted");
}

void transaction_end(struct transaction *t)
{
	char name[ADMIN_NAME_MAX];
	struct sym_err ignored;

	if (!t)
		return;
	os_close_quietly(t->list);
	if (t->id) {
		admin_name(t->id, false, name);
		(void)!os_unlink(t->admin.dir, name, &ignored);
	}
	admin_close(&t->admin);
	free(t->here);
	table_release(&t->entered);
	buf_release(&t->pending);
	buf_release(&t->line);
	buf_release(&t->refs);
	free(t);
}
