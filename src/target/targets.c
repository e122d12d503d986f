/* SPDX-License-Identifier: MIT
 * The list of targets, and the choice among them by what the user wrote. */
#include "target/target.h"

#include <string.h>

extern const struct target_kind local_target, s3_target;

static const struct target_kind *const kinds[] = {
	&local_target,
	&s3_target,
};

const char *action_word(enum action action)
{
	static const char *const words[ACTION_COUNT] = {
		"pending", "stored", "present", "replaced", "kept", "skipped", "failed", "planned",
	};

	return words[action];
}

const char *target_local_path(const char *where)
{
	const char *colon = strstr(where, "://");

	if (!colon)
		return where;
	if (strncmp(where, "file:///", 8) == 0)
		return where + 7;
	return NULL;
}

static const struct target_kind *kind_of(const char *where)
{
	const char *colon = strstr(where, "://");

	if (target_local_path(where))
		return &local_target;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i]->scheme);

		if ((size_t)(colon - where) == len && strncmp(where, kinds[i]->scheme, len) == 0)
			return kinds[i];
	}
	return NULL;
}

bool target_is_remote(const char *where)
{
	const struct target_kind *kind = kind_of(where);

	return kind && kind->is_remote;
}

enum sym_status target_open(const char *where, const struct target_options *options,
			    struct target **out, struct sym_err *err)
{
	const struct target_kind *kind = kind_of(where);
	const char *folder = target_local_path(where);

	if (kind)
		return kind->open(folder ? folder : where, options, out, err);
	return err_set(err, SYM_USAGE, "no target takes \"%s\": a folder or file:///folder is expected",
		       where);
}
