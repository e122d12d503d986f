/* SPDX-License-Identifier: MIT */
#include "target/admin/discard.h"

#include "base/err.h"
#include "target/admin/list.h"
#include "target/admin/refs.h"

#include <string.h>

/* What is left of a refs.ptr. */
struct left {
	struct buf text;
	uint64_t by;     /* a living transaction that it names; 0: none */
	bool files;      /* a "file" line is left: the file itself is needed */
	bool strange;    /* a line that makes no sense is left */
	bool had;        /* there was a refs.ptr */
	char pointer[4096]; /* of the last line, where that is a "ptr" line */
};

/* ------------------------------------------------------------------ refs.ptr -- */

static void keep_line(struct left *left, const struct refs_line *line)
{
	size_t len = line->pointer && line->path_len < sizeof left->pointer ? line->path_len : 0;

	refs_add(&left->text, line->text, line->len);
	left->strange |= line->id == 0;
	left->files |= !line->pointer;
	if (line->id)
		left->by = line->id;
	memcpy(left->pointer, len > 0 ? line->path : "", len);
	left->pointer[len] = '\0';
}

/* Lines of transactions that do not live any more, or never did, go with those asked for. */
static enum sym_status read_left(const struct discard *d, struct os_dir *dir, struct left *left,
				 struct sym_err *err)
{
	struct buf text = BUF_MAX(REFS_BYTES_MAX);
	enum sym_status status = admin_read(dir, REFS_NAME, &text, err);
	struct refs_line line;

	left->had = status == SYM_OK;
	for (size_t at = 0; status == SYM_OK && refs_next(&text, &at, &line);)
		if (line.id == 0 || d->lives(d->ctx, line.id))
			keep_line(left, &line);
	buf_release(&text);
	return status == SYM_NOT_FOUND ? SYM_OK : status;
}

static enum sym_status unlink_if_there(struct os_dir *dir, const char *name, struct sym_err *err)
{
	enum sym_status status = os_unlink(dir, name, err);

	return status == SYM_NOT_FOUND ? SYM_OK : status;
}

/* file.ptr is there where the last line is a pointer, and holds its path. */
static enum sym_status write_pointer(const struct discard *d, struct os_dir *dir, const struct left *left,
				     struct sym_err *err)
{
	struct buf text = BUF_MAX(sizeof left->pointer);
	enum sym_status status;

	if (!left->pointer[0])
		return unlink_if_there(dir, REFS_POINTER_NAME, err);
	buf_add_text(&text, left->pointer);
	status = admin_write(d->admin, dir, REFS_POINTER_NAME, &text, err);
	buf_release(&text);
	return status;
}

static enum sym_status write_left(const struct discard *d, struct os_dir *dir, const struct left *left,
				  struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (left->text.size > 0)
		status = admin_write(d->admin, dir, REFS_NAME, &left->text, err);
	else if (left->had)
		status = unlink_if_there(dir, REFS_NAME, err);
	return status == SYM_OK && left->had ? write_pointer(d, dir, left, err) : status;
}

/* -------------------------------------------------------------------- files -- */

/* Is this the last name of the file, or will it be when all that is planned is done? */
static bool is_last_name(const struct discard *d, const struct os_stat *st)
{
	struct discard_names *names;

	if (st->links <= 1 || !d->plan)
		return st->links <= 1;
	names = table_add(d->names, st->inode);
	return names && ++names->count == st->links;
}

/* Counts the file, and removes it unless it is only planned. Answers whether it was there. */
static bool remove_file(const struct discard *d, struct os_dir *dir, const char *name,
			struct removal_told *told, struct sym_err *why)
{
	struct os_stat st;
	enum sym_status status = os_stat(dir, name, OS_NOFOLLOW, &st, why);

	if (status == SYM_NOT_FOUND)
		return false;
	if (status == SYM_OK && !d->plan)
		status = os_unlink(dir, name, why);
	if (status != SYM_OK) {
		told->fate = FATE_FAILED;
		return true;
	}
	told->files++;
	told->bytes += is_last_name(d, &st) ? st.size : 0;
	return true;
}

/* Removes the folder, and those above it, as long as they are empty. */
static void remove_empty(struct os_dir *root, char path[KEY_PATH_MAX])
{
	struct sym_err ignored;

	while (os_rmdir(root, path, &ignored) == SYM_OK) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return;
		*slash = '\0';
	}
}

/* Of name/KEY: the file, its compressed twin, and what the store itself keeps beside them. */
static void discard_folder(const struct discard *d, struct os_dir *dir, const char *path,
			   struct removal_told *told, struct sym_err *why)
{
	char file[KEY_PATH_MAX];
	struct left left = {.text = BUF_MAX(REFS_BYTES_MAX)};
	bool there = false;

	list_name_of(path, file);
	if (read_left(d, dir, &left, why) != SYM_OK) {
		told->fate = FATE_FAILED;
	} else if (d->needed || left.files || left.strange) {
		told->fate = FATE_NEEDED;
		told->by = told->by ? told->by : left.by;
	} else {
		told->fate = FATE_GONE;
		there = remove_file(d, dir, file, told, why);
		key_compressed(file);
		if (told->fate != FATE_FAILED) /* whose reason is to be told */
			there |= remove_file(d, dir, file, told, why);
	}
	if (told->fate != FATE_FAILED && !d->plan && write_left(d, dir, &left, why) != SYM_OK)
		told->fate = FATE_FAILED;
	if (told->fate == FATE_GONE && !there)
		told->fate = FATE_MISSING;
	buf_release(&left.text);
}

/* ---------------------------------------------------------------- the entry -- */

void discard_entry(const struct discard *d, char path[KEY_PATH_MAX], struct removal_told *told,
		   struct sym_err *why)
{
	char folder[KEY_PATH_MAX];
	enum os_type type;
	struct os_dir *dir;
	enum sym_status status;

	told->fate = d->needed ? FATE_NEEDED : FATE_MISSING;
	status = list_find(d->admin, path, &type, why);
	if (status == SYM_NOT_FOUND || (status == SYM_OK && type != OS_DIR && type != OS_FILE))
		return;
	if (status != SYM_OK) {
		told->fate = FATE_FAILED;
		return;
	}
	if (type == OS_FILE && d->needed)
		return;
	memcpy(folder, path, strlen(path) + 1);
	if (type == OS_FILE)
		*strrchr(folder, '/') = '\0';
	status = os_dir_open(d->admin->root, folder, OS_NOFOLLOW, &dir, why);
	if (status != SYM_OK) {
		told->fate = FATE_FAILED;
		return;
	}
	told->fate = FATE_GONE;
	if (type == OS_DIR)
		discard_folder(d, dir, path, told, why);
	else
		(void)remove_file(d, dir, strrchr(path, '/') + 1, told, why);
	os_dir_close(dir);
	if (!d->plan && told->fate != FATE_FAILED)
		remove_empty(d->admin->root, folder);
}
