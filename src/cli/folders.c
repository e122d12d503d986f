/* SPDX-License-Identifier: MIT */
#include "cli/folders.h"

#include "cli/bugsplat.h"
#include "cli/commands.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/signal.h"

static const char *folder_of(const struct option_destination *to)
{
	return is_bugsplat(to) ? NULL : to->folder ? to->to : target_local_path(to->to);
}

bool folders_any(const struct options *o)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (folder_of(&o->destinations[i]))
			return true;
	return false;
}

static enum sym_status check_all(const struct options *o, struct sym_err *err)
{
	char word[SHOWN_MAX];

	if (o->destination_count == 0)
		return err_set(err, SYM_USAGE, "nothing says which store: give its folder with -l");
	for (size_t i = 0; i < o->destination_count; i++) {
		const struct option_destination *to = &o->destinations[i];

		if (!to->folder && !is_bugsplat(to) && target_check(to->to, err) != SYM_OK)
			return err->status;
		if (!folder_of(to))
			return err_set(err, SYM_USAGE, "%s: only a store in a folder keeps transactions",
				       shown_address(word, to->to));
	}
	return SYM_OK;
}

static enum sym_status work_on(const char *store, folder_fn *each, void *ctx, struct sym_err *err)
{
	struct os_dir *root;
	enum sym_status status = os_dir_open(NULL, store, OS_FOLLOW, &root, err);

	if (status == SYM_OK) {
		status = each(ctx, store, root, err);
		os_dir_close(root);
	}
	return status == SYM_OK || status == SYM_USAGE ? status : err_prefix(err, "%s", store);
}

int folders_each(const struct options *o, folder_fn *each, void *ctx)
{
	struct sym_err err;
	enum sym_status status = check_all(o, &err);
	int exit_status = EXIT_GOOD;

	if (status == SYM_OK)
		signal_stops();
	for (size_t i = 0; status == SYM_OK && i < o->destination_count && !signal_status(); i++) {
		status = work_on(folder_of(&o->destinations[i]), each, ctx, &err);
		if (status == SYM_OK || status == SYM_USAGE || status == SYM_CANCELLED)
			continue;
		say_error(NULL, &err);
		exit_status = EXIT_FAILED;
		status = SYM_OK;
	}
	if (signal_status())
		return signal_status();
	if (status == SYM_OK)
		return exit_status;
	say_error(NULL, &err);
	return status == SYM_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
