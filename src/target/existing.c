/* SPDX-License-Identifier: MIT */
#include "target/existing.h"

#include "base/err.h"
#include "base/text.h"
#include "format/format.h"

#include <string.h>

void path_settle(struct parcel_path *at, enum action action, bool warn)
{
	at->action = action;
	at->warn = warn;
}

void path_fail(struct parcel_path *at, const struct sym_err *err)
{
	if (err->status == SYM_CANCELLED)
		return;
	at->why = *err;
	path_settle(at, ACTION_FAILED, true);
}

bool existing_decides(enum existing existing, struct parcel_path *at, bool *replace)
{
	if (existing == EXISTING_KEEP) {
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key (--existing keep)");
		path_settle(at, ACTION_KEPT, true);
		return true;
	}
	if (existing == EXISTING_RICHER || at->second)
		return false;
	err_set(&at->why, SYM_EXISTS, "other bytes stood under this key (--existing replace)");
	*replace = true;
	return true;
}

bool existing_resends(enum existing existing, struct parcel_path *at)
{
	if (existing != EXISTING_REPLACE || at->second)
		return false;
	err_set(&at->why, SYM_EXISTS,
		"a file of this size stood there, and nothing tells whether it was the same (--existing replace)");
	return true;
}

void existing_unseen(struct parcel_path *at)
{
	err_set(&at->why, SYM_EXISTS, "nobody could look at what stood there (--existing replace)");
}

void has_join(unsigned has, const char *between, const char *last, char to[HAS_TEXT_MAX])
{
	const char *end = to + HAS_TEXT_MAX;
	char *at = to;

	*to = '\0';
	for (unsigned i = 0; i < HAS_BITS; i++) {
		if (!(has & 1u << i))
			continue;
		if (at > to)
			at = text_put(at, end, has >> i > 1 ? between : last);
		at = text_put(at, end, has_words[i]);
	}
}

void existing_compare(unsigned mine, unsigned theirs, struct parcel_path *at, bool *replace)
{
	char words[HAS_TEXT_MAX];

	if ((mine & theirs) == theirs && mine != theirs) {
		has_join(mine & ~theirs, ", ", " and ", words);
		err_set(&at->why, SYM_EXISTS, "what stood there lacked %s", words);
		*replace = true;
	} else if ((mine & theirs) == mine && mine != theirs) {
		has_join(theirs & ~mine, ", ", " and ", words);
		err_set(&at->why, SYM_EXISTS, "what stands there offers more: %s", words);
		path_settle(at, ACTION_KEPT, false);
	} else {
		err_set(&at->why, SYM_EXISTS,
			"other bytes stand under this key, and neither file offers more than the other");
		path_settle(at, ACTION_KEPT, true);
	}
}
