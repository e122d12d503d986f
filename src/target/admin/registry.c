/* SPDX-License-Identifier: MIT
 * The registry of a store in a folder. */
#include "target/registry.h"

#include "base/err.h"
#include "target/target.h"

#include <stdlib.h>

extern const struct registry_kind folder_registry;

struct folder_registry {
	struct registry base;
	struct os_dir *root;
};

static struct os_dir *root_of(struct registry *r)
{
	return ((struct folder_registry *)r)->root;
}

static void folder_close(struct registry *r)
{
	if (r)
		os_dir_close(root_of(r));
	free(r);
}

static enum sym_status folder_open(const char *where, const struct remote_options *remote, struct registry **out,
				   struct sym_err *err)
{
	struct folder_registry *f = calloc(1, sizeof *f);
	const char *folder = target_local_path(where);
	enum sym_status status;

	(void)remote;
	if (!f)
		return err_set(err, SYM_NOMEM, "out of memory");
	f->base.kind = &folder_registry;
	status = os_dir_open(NULL, folder ? folder : where, OS_FOLLOW, &f->root, err);
	if (status != SYM_OK) {
		free(f);
		return err_prefix(err, "%s", folder ? folder : where);
	}
	*out = &f->base;
	return SYM_OK;
}

static enum sym_status folder_history(struct registry *r, history_entry_fn *each, void *ctx, struct sym_err *err)
{
	return history_read(root_of(r), each, ctx, err);
}

static enum sym_status folder_living(struct registry *r, struct ledger *out, struct sym_err *err)
{
	struct admin admin = {.root = root_of(r)};
	enum sym_status status = admin_open(&admin, false, err);

	*out = (struct ledger){0};
	if (status == SYM_OK)
		status = ledger_read(&admin, ADMIN_SERVER, out, err);
	for (size_t i = 0; i < out->count && status == SYM_OK; i++)
		out->lines[i].begun = !out->lines[i].removal && removal_is_begun(&admin, out->lines[i].id);
	admin_close(&admin);
	return status;
}

static enum sym_status folder_remove(struct registry *r, struct removal *removal, struct sym_err *err)
{
	return removal_run(root_of(r), removal, err);
}

const struct registry_kind folder_registry = {
	.open = folder_open,
	.history = folder_history,
	.living = folder_living,
	.remove = folder_remove,
	.close = folder_close,
};
