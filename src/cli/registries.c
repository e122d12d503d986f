/* SPDX-License-Identifier: MIT */
#include "cli/registries.h"

#include "base/err.h"
#include "cli/bugsplat.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/signal.h"
#include "pipeline/run.h"

static const struct registry_kind *kind_of(const struct option_destination *to)
{
	return is_bugsplat(to) ? NULL : target_kind_of(to->to)->registry;
}

bool registries_any(const struct options *o)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (kind_of(&o->destinations[i]))
			return true;
	return false;
}

static enum sym_status check_all(const struct options *o, struct sym_err *err)
{
	char word[SHOWN_MAX];

	if (o->destination_count == 0)
		return err_set(err, SYM_USAGE, "no store is given: use -l DIR or --to TARGET");
	for (size_t i = 0; i < o->destination_count; i++) {
		const struct option_destination *to = &o->destinations[i];

		if (!kind_of(to))
			return err_set(err, SYM_USAGE, "%s: only a store in a folder or in S3 keeps transactions",
				       shown_address(word, to->to));
	}
	return SYM_OK;
}

/* As the user wrote it, a folder without its scheme. */
static const char *name_of(const struct option_destination *to)
{
	return is_local(to) ? target_local_path(to->to) : to->to;
}

static enum sym_status work_on(const struct option_destination *to, registry_fn *each, void *ctx,
			       struct sym_err *err)
{
	const struct registry_kind *kind = kind_of(to);
	struct registry *registry = NULL;
	struct remote remote;
	enum sym_status status = remote_init(&remote, to, 0, err);

	if (status == SYM_OK)
		status = kind->open(to->to, &remote.options, &registry, err);
	if (status == SYM_OK) {
		status = each(ctx, name_of(to), registry, err);
		if (status != SYM_OK && status != SYM_USAGE)
			err_prefix(err, "%s", name_of(to));
		kind->close(registry);
	}
	remote_release(&remote);
	return status;
}

int registries_each(const struct options *o, registry_fn *each, void *ctx)
{
	struct sym_err err;
	enum sym_status status = check_all(o, &err);
	int exit_status = EXIT_GOOD;

	if (status == SYM_OK)
		signal_stops();
	for (size_t i = 0; status == SYM_OK && i < o->destination_count && !signal_status(); i++) {
		status = work_on(&o->destinations[i], each, ctx, &err);
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
	return exit_status_for(status);
}
