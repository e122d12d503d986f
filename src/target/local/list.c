/* SPDX-License-Identifier: MIT
 * What there is in a part of the store. Letter case is passed over, which on most systems
 * tells files apart and for most readers should not. */
#include "target/local/local.h"

#include "base/err.h"
#include "base/text.h"

#include <string.h>

enum { DEPTH_MAX = 8 }; /* levels: two tiers have four, lldb's folders six */

struct listing {
	size_t most, told;
	const struct target_lister *to;
	struct sym_err *err;
};

/* One folder of it. */
struct level {
	struct listing *l;
	struct os_dir *dir;
	const char *prefix; /* what the paths below it begin with */
	unsigned depth;
	char path[KEY_PATH_MAX]; /* its own, with its slash */
	size_t len;
};

static enum sym_status each_name(void *ctx, const char *name, enum os_type type);

static enum sym_status go_down(const struct level *above, const char *name, const char *prefix)
{
	struct listing *l = above->l;
	struct level level = {.l = l, .prefix = prefix, .depth = above->depth + 1};
	enum sym_status status;

	if (level.depth > DEPTH_MAX)
		return SYM_OK;
	status = os_dir_open(above->dir, name, OS_NOFOLLOW, &level.dir, l->err);
	if (status == SYM_REFUSED || status == SYM_NOT_FOUND)
		return SYM_OK; /* a link, no folder, or gone by now */
	if (status != SYM_OK)
		return status;
	memcpy(level.path, above->path, above->len);
	level.len = (size_t)(text_put(text_put(level.path + above->len, level.path + sizeof level.path, name),
				      level.path + sizeof level.path, "/") - level.path);
	status = os_dir_list(level.dir, each_name, &level, l->err);
	os_dir_close(level.dir);
	return status;
}

static void tell(struct level *level, const char *name, const struct os_stat *st)
{
	char path[KEY_PATH_MAX];
	struct target_entry entry = {.path = path, .size = st->size, .mtime_s = st->mtime_ns / 1000000000};

	memcpy(path, level->path, level->len);
	text_put(path + level->len, path + sizeof path, name);
	level->l->to->each(level->l->to->ctx, &entry);
	level->l->told++;
}

static enum sym_status each_name(void *ctx, const char *name, enum os_type type)
{
	struct level *level = ctx;
	size_t len = strcspn(level->prefix, "/");
	bool inside = level->prefix[len] == '/'; /* only one folder here leads to it */
	struct os_stat st;
	struct sym_err gone;

	if (level->l->told >= level->l->most)
		return SYM_TOO_BIG;
	if (level->len + strlen(name) + 2 > KEY_PATH_MAX || (inside && strlen(name) != len))
		return SYM_OK;
	for (size_t i = 0; i < len; i++)
		if (text_lower(name[i]) != text_lower(level->prefix[i]))
			return SYM_OK;
	if (type == OS_LINK || os_stat(level->dir, name, OS_NOFOLLOW, &st, &gone) != SYM_OK)
		return SYM_OK;
	if (st.type == OS_DIR)
		return go_down(level, name, inside ? level->prefix + len + 1 : "");
	if (st.type == OS_FILE && !inside)
		tell(level, name, &st);
	return SYM_OK;
}

enum sym_status local_list(struct target *t, const char *prefix, size_t most,
			   const struct target_lister *to, bool *all, struct sym_err *err)
{
	struct local *l = (struct local *)t;
	struct listing listing = {.most = most, .to = to, .err = err};
	struct level root = {.l = &listing, .dir = l->root, .prefix = prefix};
	enum sym_status status = l->root ? os_dir_list(l->root, each_name, &root, err) : SYM_OK;

	*all = status != SYM_TOO_BIG;
	return *all ? status : SYM_OK;
}
