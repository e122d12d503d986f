/* SPDX-License-Identifier: MIT
 * The list of targets, and the choice among them by what the user wrote. */
#include "target/target.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "target/xfer/xfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct target_kind local_target, http_target, https_target, s3_target, bugsplat_target;

static const struct target_kind *const kinds[] = {
	&local_target,
	&http_target,
	&https_target,
	&s3_target,
	&bugsplat_target,
};

const char *action_word(enum action action)
{
	static const char *const words[ACTION_COUNT] = {
		"pending", "stored", "present", "replaced",
		"kept", "missing", "skipped", "failed", "planned",
	};

	return words[action];
}

bool action_is_there(enum action action)
{
	return action == ACTION_STORED || action == ACTION_PRESENT || action == ACTION_REPLACED ||
	       action == ACTION_KEPT;
}

void target_unheard_of(char path[KEY_PATH_MAX])
{
	uint8_t guid[16];
	char digits[2 * sizeof guid + 1];

	os_random(guid, sizeof guid);
	text_hex_upper(digits, guid, sizeof guid);
	snprintf(path, KEY_PATH_MAX, "no-such-file.pdb/%s1/no-such-file.pdb", digits);
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

const struct target_kind *target_kind_of(const char *where)
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

enum sym_status target_check(const char *where, struct sym_err *err)
{
	struct buf schemes = BUF_MAX(200);

	if (!target_local_path(where) && strncmp(where, "file://", 7) == 0)
		return err_set(err, SYM_USAGE, "a folder's address is file:///folder, with three slashes");
	if (target_kind_of(where))
		return SYM_OK;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i] != &bugsplat_target) /* which is named, without an address */
			buf_printf(&schemes, "%s%s://", i == 0 ? "" : ", ", kinds[i]->scheme);
	err_set(err, SYM_USAGE, "no target is reached by %.*s://, only by %s, and BugSplat by --to bugsplat",
		(int)(strstr(where, "://") - where), where, schemes.data);
	buf_release(&schemes);
	return SYM_USAGE;
}

enum sym_status target_open(const char *where, const struct target_options *options,
			    struct target **out, struct sym_err *err)
{
	const char *folder = target_local_path(where);

	if (target_check(where, err) != SYM_OK)
		return SYM_USAGE;
	return target_kind_of(where)->open(folder ? folder : where, options, out, err);
}

char *target_show_address(const char *where)
{
	char shown[512];

	xfer_shown_url(where, shown, sizeof shown);
	return strdup(shown);
}

struct target *target_unopened(const char *where, const struct target_options *options,
			       const struct sym_err *why)
{
	const struct target_kind *kind = target_kind_of(where);
	const char *folder = target_local_path(where);
	char *shown = folder ? strdup(folder)
			     : kind->show ? kind->show(options->remote) : target_show_address(where);
	struct target *t = shown ? target_lost(kind, shown, why) : NULL;

	free(shown);
	return t;
}
