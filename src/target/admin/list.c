/* SPDX-License-Identifier: MIT */
#include "target/admin/list.h"

#include "base/err.h"
#include "base/lines.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------- entry and path -- */

static size_t component(const char *path)
{
	return strcspn(path, "/");
}

/* Without the first component, where that is the tier of the second. */
static const char *without_tier(const char *path)
{
	const char *rest = path + component(path);
	char tiered[KEY_PATH_MAX];

	if (*rest != '/' || strlen(++rest) >= sizeof tiered)
		return path;
	memcpy(tiered, rest, strlen(rest) + 1);
	return key_two_tier(tiered) && strcmp(tiered, path) == 0 ? rest : path;
}

/* name/KEY/name, or the same with the last letter of a compressed file? */
static bool is_in_folder_of_its_own(const char *path)
{
	size_t name = component(path);
	const char *key = path[name] ? path + name + 1 : "";
	const char *file = key[component(key)] ? key + component(key) + 1 : "";

	return name > 0 && strlen(file) == name && memcmp(file, path, name - 1) == 0 &&
	       (file[name - 1] == path[name - 1] || file[name - 1] == '_');
}

bool list_entry_of(const char *path, bool two_tier, char out[KEY_PATH_MAX])
{
	const char *plain = two_tier ? without_tier(path) : path;
	bool folder = is_in_folder_of_its_own(plain);
	size_t len = folder ? (size_t)(strrchr(plain, '/') - plain) : strlen(plain);

	for (size_t i = 0; i < len; i++)
		out[i] = plain[i] == '/' ? '\\' : plain[i];
	out[len] = '\0';
	return folder;
}

/* key_name_check() is for names that we give: a store may have others. This is for what must
 * not be followed. */
static bool is_harmless(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, ':') &&
	       !key_is_the_stores_own(name);
}

enum sym_status list_check_path(const char *path, struct sym_err *err)
{
	size_t len = strlen(path);
	char copy[KEY_PATH_MAX], *slash;

	if (len == 0 || len >= KEY_PATH_MAX)
		return err_set(err, SYM_REFUSED, "its length is not that of a path");
	memcpy(copy, path, len + 1);
	for (char *name = copy; name; name = slash) {
		slash = strchr(name, '/');
		if (slash)
			*slash++ = '\0';
		if (!is_harmless(name))
			return err_set(err, SYM_REFUSED, "it names nothing that a transaction brings");
	}
	if (!strchr(path, '/'))
		return err_set(err, SYM_REFUSED, "it names a whole part of the store");
	return SYM_OK;
}

enum sym_status list_path_of(const char *entry, char out[KEY_PATH_MAX], struct sym_err *err)
{
	size_t len = strnlen(entry, KEY_PATH_MAX);

	if (len == KEY_PATH_MAX)
		return err_set(err, SYM_REFUSED, "its length is not that of a path");
	for (size_t i = 0; i <= len; i++)
		out[i] = entry[i] == '\\' ? '/' : entry[i];
	if (list_check_path(out, err) != SYM_OK)
		return err->status;
	if (is_in_folder_of_its_own(out))
		*strrchr(out, '/') = '\0';
	return SYM_OK;
}

void list_name_of(const char *path, char out[KEY_PATH_MAX])
{
	const char *end = strrchr(path, '/'), *name = end;

	while (name > path && name[-1] != '/')
		name--;
	memcpy(out, name, (size_t)(end - name));
	out[end - name] = '\0';
}

static enum sym_status type_at(const struct admin *a, const char *path, enum os_type *type, struct sym_err *err)
{
	struct os_stat st;
	enum sym_status status = os_stat(a->root, path, OS_NOFOLLOW, &st, err);

	if (status == SYM_OK)
		*type = st.type;
	return status;
}

enum sym_status list_find(const struct admin *a, char path[KEY_PATH_MAX], enum os_type *type,
			  struct sym_err *err)
{
	char tiered[KEY_PATH_MAX];
	enum sym_status status = SYM_NOT_FOUND;

	memcpy(tiered, path, strlen(path) + 1);
	if (a->two_tier && key_two_tier(tiered))
		status = type_at(a, tiered, type, err);
	if (status == SYM_NOT_FOUND)
		return type_at(a, path, type, err);
	memcpy(path, tiered, strlen(tiered) + 1);
	return status;
}

/* ----------------------------------------------------------------- reading -- */

struct reading {
	list_entry_fn *each;
	void *ctx;
	uint64_t line; /* from 1 */
};

/* The text between quotation marks at `*at`, which moves behind them; or NULL. The second mark
 * may be missing at the end of the line: a tool in use writes it so. */
static char *quoted(char **at)
{
	char *text = *at + 1, *stop;

	if (**at != '"')
		return NULL;
	stop = strchr(text, '"');
	*at = stop ? stop + 1 : text + strlen(text);
	if (stop)
		*stop = '\0';
	return text;
}

static enum sym_status read_line(void *ctx, struct buf *line, struct sym_err *err)
{
	struct reading *r = ctx;
	struct list_entry entry = {.source = ""};
	size_t mark = ++r->line == 1 ? text_mark(line->data, line->size) : 0;
	char *at = line->data;

	while (line->size > 0 && line->data[line->size - 1] == '\r')
		line->data[--line->size] = '\0';
	if (line->size == mark && !line->failed)
		return SYM_OK;
	if (!line->failed && admin_is_line(at + mark, line->size - mark)) {
		at += mark;
		entry.text = quoted(&at);
	}
	if (!entry.text)
		return err_set(err, SYM_MALFORMED, "line %" PRIu64 " is no entry", r->line);
	if (*at == ',' && at[1] == '"') {
		at++;
		entry.source = quoted(&at);
	}
	return r->each(r->ctx, &entry, err);
}

/* What stands behind the last line feed is an entry too. */
static enum sym_status read_rest(struct lines *l, struct sym_err *err)
{
	return l->line.size > 0 || l->line.failed ? read_line(l->ctx, &l->line, err) : SYM_OK;
}

enum sym_status list_parse(const char *text, size_t n, list_entry_fn *each, void *ctx, struct sym_err *err)
{
	struct reading r = {.each = each, .ctx = ctx};
	struct lines l = {.each = read_line, .ctx = &r, .end = '\n', .line = BUF_MAX(ADMIN_LINE_MAX)};
	enum sym_status status = lines_take(&l, text, n, err);

	if (status == SYM_OK)
		status = read_rest(&l, err);
	buf_release(&l.line);
	return status;
}

bool list_is_there(const struct admin *a, uint64_t id, bool deleted)
{
	char name[ADMIN_NAME_MAX];
	struct os_stat st;
	struct sym_err ignored;

	admin_name(id, deleted, name);
	return os_stat(a->dir, name, OS_NOFOLLOW, &st, &ignored) == SYM_OK;
}

enum sym_status list_read(const struct admin *a, uint64_t id, bool deleted, list_entry_fn *each, void *ctx,
			  struct sym_err *err)
{
	struct reading r = {.each = each, .ctx = ctx};
	struct lines l = {.each = read_line, .ctx = &r, .end = '\n', .line = BUF_MAX(ADMIN_LINE_MAX)};
	char name[ADMIN_NAME_MAX];
	os_file file;
	struct os_stat st;
	enum sym_status status;

	admin_name(id, deleted, name);
	status = os_open(a->dir, name, OS_NOFOLLOW, &file, &st, err);
	if (status == SYM_OK) {
		status = os_read_lines(file, &l, err);
		os_close_quietly(file);
	}
	if (status == SYM_OK)
		status = read_rest(&l, err);
	buf_release(&l.line);
	return status == SYM_OK || status == SYM_CANCELLED ? status
							   : err_prefix(err, ADMIN_FOLDER "/%s", name);
}

enum sym_status list_read_either(const struct admin *a, uint64_t id, list_entry_fn *each, void *ctx,
				 struct sym_err *err)
{
	enum sym_status status = list_read(a, id, false, each, ctx, err);

	return status == SYM_NOT_FOUND ? list_read(a, id, true, each, ctx, err) : status;
}
