/* SPDX-License-Identifier: MIT */
#include "target/admin/lacking.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/stop.h"
#include "base/table.h"
#include "target/admin/ledger.h"
#include "target/admin/list.h"
#include "target/admin/refs.h"

#include <string.h>

struct lacking {
	struct admin admin;
	struct table looked; /* hashes of entries that were looked for */
	uint64_t id;
	void (*lacks)(void *ctx, uint64_t id, const char *path);
	void *ctx;
};

static bool stands(const struct lacking *l, const char *path)
{
	struct os_stat st;
	struct sym_err ignored;

	return os_stat(l->admin.root, path, OS_FOLLOW, &st, &ignored) == SYM_OK;
}

/* Makes name/KEY/name of name/KEY; false where that is too long. */
static bool add_file(char path[KEY_PATH_MAX])
{
	char name[KEY_PATH_MAX];
	size_t len = strlen(path), name_len;

	list_name_of(path, name);
	name_len = strlen(name);
	if (len + 1 + name_len >= KEY_PATH_MAX)
		return false;
	path[len] = '/';
	memcpy(path + len + 1, name, name_len + 1);
	return true;
}

/* Does the folder of a file hold it, or its compressed form, or the pointer to where it is? */
static bool has_file(const struct lacking *l, char path[KEY_PATH_MAX])
{
	char other[KEY_PATH_MAX];
	size_t folder = strlen(path);

	if (!add_file(path) || stands(l, path))
		return true;
	memcpy(other, path, strlen(path) + 1);
	key_compressed(other);
	if (stands(l, other))
		return true;
	if (folder + sizeof "/" REFS_POINTER_NAME > sizeof other)
		return false;
	memcpy(other + folder, "/" REFS_POINTER_NAME, sizeof "/" REFS_POINTER_NAME);
	return stands(l, other);
}

/* Unless a removal has begun meanwhile, which marks the list before it takes a file. */
static void tell_lacking(const struct lacking *l, const char *path)
{
	if (list_is_there(&l->admin, l->id, false))
		l->lacks(l->ctx, l->id, path);
}

static enum sym_status look(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	struct lacking *l = ctx;
	uint64_t hash = hash_text(HASH_START, entry->text);
	char path[KEY_PATH_MAX];
	enum os_type type;

	if (table_find(&l->looked, hash))
		return SYM_OK;
	if (!table_add(&l->looked, hash))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (list_path_of(entry->text, path, err) != SYM_OK)
		tell_lacking(l, entry->text);
	else if (list_find(&l->admin, path, &type, err) != SYM_OK || (type == OS_DIR && !has_file(l, path)))
		tell_lacking(l, path);
	return stop_check(err);
}

/* Unless a removal that is at work, or was killed, had begun with it: that, or the next one, ends it. */
static void lacks_list(struct lacking *l)
{
	char list[sizeof ADMIN_FOLDER + ADMIN_NAME_MAX] = ADMIN_FOLDER "/";

	admin_name(l->id, false, list + strlen(list));
	if (!list_is_there(&l->admin, l->id, true))
		l->lacks(l->ctx, l->id, list);
}

static enum sym_status look_through(struct lacking *l, const struct ledger *server, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < server->count && status == SYM_OK; i++) {
		l->id = server->lines[i].id;
		if (server->lines[i].removal || server->lines[i].pointers)
			continue;
		status = list_read(&l->admin, l->id, false, look, l, err);
		if (status == SYM_NOT_FOUND) {
			lacks_list(l);
			status = SYM_OK;
		}
	}
	return status;
}

enum sym_status lacking_find(struct os_dir *root, bool two_tier,
			     void (*lacks)(void *ctx, uint64_t id, const char *path), void *ctx,
			     struct sym_err *err)
{
	struct lacking l = {.admin = {.root = root, .two_tier = two_tier},
			    .looked = TABLE_OF(uint64_t),
			    .lacks = lacks,
			    .ctx = ctx};
	struct ledger server = {0};
	enum sym_status status = admin_open(&l.admin, false, err);

	if (status == SYM_NOT_FOUND)
		return SYM_OK;
	if (status == SYM_OK)
		status = ledger_read(&l.admin, ADMIN_SERVER, &server, err);
	if (status == SYM_OK)
		status = look_through(&l, &server, err);
	table_release(&l.looked);
	ledger_release(&server);
	admin_close(&l.admin);
	return status;
}
