/* SPDX-License-Identifier: MIT */
#include "target/admin/removal.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/stop.h"
#include "base/table.h"
#include "base/text.h"
#include "target/admin/discard.h"
#include "target/admin/list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* An entry of a transaction that goes, whatever its letter case. */
struct doomed {
	uint64_t hash;
	uint64_t by; /* a living transaction that needs it, too; 0: none */
};

/* A transaction of server.txt. */
struct known {
	uint64_t hash; /* its number */
	bool goes;
};

struct removing {
	struct admin admin;
	struct removal *r;
	struct ledger server;
	struct table known;
	uint64_t *ids;      /* that go: those asked for, and those that somebody had begun */
	size_t count;
	uint64_t last;      /* the highest number before those of the removals */
	struct table doomed;
	struct table settled; /* hashes of entries, as they are written, that were told of */
	struct table names; /* discard.h */
	uint64_t id;        /* whose list is being read */
};

const char *removal_fate_word(enum removal_fate fate, bool plan)
{
	static const char *const words[FATE_COUNT] = {
		[FATE_GONE] = "removed",     [FATE_NEEDED] = "needed", [FATE_MISSING] = "missing",
		[FATE_REFUSED] = "refused",  [FATE_FAILED] = "failed",
	};

	return plan && fate == FATE_GONE ? "planned" : words[fate];
}

void removal_tell(struct removal *r, const struct removal_told *told)
{
	r->entries[told->fate]++;
	r->files += told->files;
	r->bytes += told->bytes;
	if (r->told)
		r->told(r->ctx, told);
}

enum sym_status removal_verdict(const struct removal *r, struct sym_err *err)
{
	uint64_t failed = r->entries[FATE_FAILED];

	if (failed == 0)
		return SYM_OK;
	return err_set(err, SYM_IO, "%" PRIu64 " %s could not be removed: give the command again when %s can", failed,
		       failed == 1 ? "entry" : "entries", failed == 1 ? "it" : "they");
}

static bool goes(void *ctx, uint64_t id)
{
	const struct removing *g = ctx;
	const struct known *k = table_find(&g->known, id);

	return k && k->goes;
}

static bool lives(void *ctx, uint64_t id)
{
	const struct removing *g = ctx;
	const struct known *k = table_find(&g->known, id);

	return k && !k->goes;
}

/* Of its path, in whatever way the entry tells that. Letter case counts for nothing: where the
 * store's file system is of that mind, two such entries are one, and elsewhere it costs a file that
 * could have gone. */
static uint64_t hash_of(const char *entry)
{
	char path[KEY_PATH_MAX];
	struct sym_err ignored;

	if (list_path_of(entry, path, &ignored) != SYM_OK)
		return hash_text(HASH_START, entry);
	text_lower_all(path);
	return hash_text(HASH_START, path);
}

/* ------------------------------------------------------------ which they are -- */

bool removal_is_begun(const struct admin *a, uint64_t id)
{
	return !list_is_there(a, id, false) && list_is_there(a, id, true);
}

static enum sym_status learn(struct removing *g, struct sym_err *err)
{
	for (size_t i = 0; i < g->server.count; i++)
		if (!g->server.lines[i].removal && !table_add(&g->known, g->server.lines[i].id))
			return err_set(err, SYM_NOMEM, "out of memory");
	g->ids = calloc(g->server.count + 1, sizeof *g->ids);
	return g->ids ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

static void let_go(struct removing *g, uint64_t id)
{
	struct known *k = table_find(&g->known, id);

	if (!k->goes)
		g->ids[g->count++] = id;
	k->goes = true;
}

static enum sym_status choose(struct removing *g, struct sym_err *err)
{
	for (size_t i = 0; i < g->r->count; i++) {
		if (table_find(&g->known, g->r->ids[i]))
			let_go(g, g->r->ids[i]);
		else if (!g->r->chosen)
			return err_set(err, SYM_NOT_FOUND, "there is no live transaction %" PRIu64 " in the store",
				       g->r->ids[i]);
	}
	for (size_t i = 0; i < g->server.count; i++)
		if (!g->server.lines[i].removal && removal_is_begun(&g->admin, g->server.lines[i].id))
			let_go(g, g->server.lines[i].id);
	return SYM_OK;
}

/* ------------------------------------------------------ what is needed still -- */

static enum sym_status doom(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	struct removing *g = ctx;

	return table_add(&g->doomed, hash_of(entry->text)) ? SYM_OK
							   : err_set(err, SYM_NOMEM, "out of memory");
}

static enum sym_status need(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	struct removing *g = ctx;
	struct doomed *d = table_find(&g->doomed, hash_of(entry->text));

	if (d)
		d->by = g->id;
	return stop_check(err);
}

/* A transaction that goes without its list takes nothing with it. */
static enum sym_status read_going(struct removing *g, list_entry_fn *each, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < g->count && status == SYM_OK; i++) {
		g->id = g->ids[i];
		status = list_read_either(&g->admin, g->id, each, g, err);
		if (status == SYM_NOT_FOUND)
			status = SYM_OK;
	}
	return status;
}

/* A transaction of pointers needs no file. */
static enum sym_status read_living(struct removing *g, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < g->server.count && status == SYM_OK; i++) {
		g->id = g->server.lines[i].id;
		if (g->server.lines[i].removal || g->server.lines[i].pointers || goes(g, g->id))
			continue;
		status = list_read(&g->admin, g->id, false, need, g, err);
		if (status == SYM_NOT_FOUND)
			err_set(err, status, "transaction %" PRIu64 " lives, but its list " ADMIN_FOLDER "/%010" PRIu64
				" is missing: nobody can say what it needs", g->id, g->id);
	}
	return status;
}

/* --------------------------------------------------------------------- going -- */

static enum sym_status settle(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	struct removing *g = ctx;
	const struct doomed *d = table_find(&g->doomed, hash_of(entry->text));
	uint64_t exact = hash_text(HASH_START, entry->text);
	char path[KEY_PATH_MAX];
	struct sym_err why = {0};
	struct removal_told told = {.id = g->id, .path = path, .by = d ? d->by : 0, .why = &why};
	struct discard discard = {.admin = &g->admin,
				  .plan = g->r->plan,
				  .names = &g->names,
				  .needed = told.by != 0,
				  .lives = lives,
				  .ctx = g};

	if (table_find(&g->settled, exact))
		return stop_check(err);
	if (!table_add(&g->settled, exact))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (list_path_of(entry->text, path, &why) != SYM_OK) {
		told.path = entry->text;
		told.fate = FATE_REFUSED;
	} else {
		discard_entry(&discard, path, &told, &why);
	}
	removal_tell(g->r, &told);
	return stop_check(err);
}

/* From now on the removal is begun, and no loss of power takes that back while files go. */
static enum sym_status mark_deleted(struct removing *g, struct sym_err *err)
{
	char from[ADMIN_NAME_MAX], to[ADMIN_NAME_MAX];
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < g->count && status == SYM_OK; i++) {
		admin_name(g->ids[i], false, from);
		admin_name(g->ids[i], true, to);
		status = os_replace(g->admin.dir, from, g->admin.dir, to, err);
		if (status == SYM_NOT_FOUND) /* it was begun before */
			status = SYM_OK;
	}
	return status == SYM_OK ? os_sync_dir(g->admin.dir, err) : status;
}

/* The end of it: nobody may say any more that they live. */
static enum sym_status strike(struct removing *g, struct sym_err *err)
{
	struct buf lines = BUF_MAX(ADMIN_TEXT_BYTES_MAX);
	struct ledger_line line = {.removal = true, .id = g->last};
	enum sym_status status = g->admin.sync && os_syncs_all() ? os_sync_all(g->admin.root, stop_asked, err) : SYM_OK;

	for (size_t i = 0; i < g->count; i++) {
		line.id++;
		line.of = g->ids[i];
		ledger_add(&lines, &line);
	}
	if (status == SYM_OK)
		status = admin_write_last(&g->admin, line.id, err); /* nobody gets them again */
	if (status == SYM_OK)
		status = ledger_append(&g->admin, ADMIN_HISTORY, &lines, err);
	if (status == SYM_OK)
		status = ledger_drop(&g->admin, goes, g, err);
	buf_release(&lines);
	if (status == SYM_OK && os_touch(g->admin.root, "pingme.txt", err) != SYM_OK)
		return err_prefix(err, "pingme.txt");
	return status;
}

/* A number that a run claimed and died with: an empty list of no transaction. */
static enum sym_status sweep_claim(void *ctx, const char *name, enum os_type type)
{
	const struct removing *g = ctx;
	uint64_t id = admin_number(name, strlen(name));
	struct os_stat st;
	struct sym_err ignored;

	(void)type;
	if (id && !table_find(&g->known, id) &&
	    os_stat(g->admin.dir, name, OS_NOFOLLOW, &st, &ignored) == SYM_OK && st.size == 0)
		(void)!os_unlink(g->admin.dir, name, &ignored);
	return SYM_OK;
}

static enum sym_status remove_chosen(struct removing *g, struct sym_err *err)
{
	enum sym_status status = admin_last(&g->admin, g->count, &g->last, err);

	if (status == SYM_OK)
		status = read_going(g, doom, err);
	if (status == SYM_OK)
		status = read_living(g, err);
	if (status == SYM_OK && !g->r->plan)
		status = mark_deleted(g, err);
	if (status == SYM_OK)
		status = read_going(g, settle, err);
	if (status == SYM_OK)
		status = removal_verdict(g->r, err);
	return status == SYM_OK && !g->r->plan ? strike(g, err) : status;
}

static enum sym_status remove_all(struct removing *g, struct sym_err *err)
{
	enum sym_status status = ledger_read(&g->admin, ADMIN_SERVER, &g->server, err);

	if (status == SYM_OK)
		status = learn(g, err);
	if (status == SYM_OK && !g->r->plan)
		status = os_dir_list(g->admin.dir, sweep_claim, g, err);
	if (status == SYM_OK)
		status = choose(g, err);
	if (status == SYM_OK && g->count > 0)
		status = remove_chosen(g, err);
	g->r->gone = g->count;
	table_release(&g->doomed);
	table_release(&g->settled);
	table_release(&g->names);
	table_release(&g->known);
	ledger_release(&g->server);
	free(g->ids);
	return status;
}

/* ------------------------------------------------------------- being alone -- */

/* Takes the lock when no run fills the store: each has its staging folder while it lives, and
 * claims its number under the lock, before it asks what is there. */
static enum sym_status be_alone(struct removing *g, struct os_dir **lock, struct sym_err *err)
{
	for (bool said = false;; said = true) {
		enum sym_status status = admin_lock(&g->admin, lock, err);

		if (status != SYM_OK)
			return status;
		staging_sweep(g->admin.root);
		status = staging_idle(g->admin.root, err);
		if (status == SYM_OK)
			return SYM_OK;
		os_dir_close(*lock);
		if (status != SYM_EXISTS)
			return err_prefix(err, "cannot tell whether a run fills the store");
		if (!said && g->r->waiting)
			g->r->waiting(g->r->ctx, "a run that fills the store");
		admin_pause();
		if (stop_check(err) != SYM_OK)
			return err->status;
	}
}

static enum sym_status remove_alone(struct removing *g, struct sym_err *err)
{
	struct os_dir *lock;
	enum sym_status status = be_alone(g, &lock, err);

	if (status != SYM_OK)
		return status;
	status = staging_open(g->admin.root, 1, &g->admin.staging, err);
	if (status == SYM_OK)
		status = remove_all(g, err);
	staging_close(g->admin.staging);
	os_dir_close(lock);
	return status;
}

enum sym_status removal_run(struct os_dir *root, struct removal *r, struct sym_err *err)
{
	struct removing g = {.admin = {.root = root, .sync = true},
			     .r = r,
			     .known = TABLE_OF(struct known),
			     .doomed = TABLE_OF(struct doomed),
			     .settled = TABLE_OF(uint64_t),
			     .names = TABLE_OF(struct discard_names)};
	enum sym_status status = admin_open(&g.admin, false, err);

	if (status != SYM_OK)
		return status;
	status = os_is_there(root, "index2.txt", OS_FOLLOW, &g.admin.two_tier, err);
	if (status == SYM_OK)
		status = r->plan ? remove_all(&g, err) : remove_alone(&g, err);
	admin_close(&g.admin);
	return status;
}
