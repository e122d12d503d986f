/* SPDX-License-Identifier: MIT */
#include "source/later.h"

#include "base/err.h"
#include "source/tree.h"

#include <string.h>

enum what { FOUND, WARNED, LEFT_OUT };

/* The head of a finding. Behind it stand the path, the bundle if there is one, each with its NUL,
 * and a warning's struct sym_err. */
struct entry {
	enum what what;
	bool by_hand, by_pattern, bundle;
	size_t name_at; /* where in the path the file's name begins */
	uint64_t device, inode;
};

void later_release(struct later *l)
{
	buf_release(&l->said);
}

static void keep(struct later *l, struct entry e, const struct source_file *file)
{
	e.by_hand = file->by_hand;
	e.by_pattern = file->by_pattern;
	e.bundle = file->bundle != NULL;
	buf_add(&l->said, &e, sizeof e);
	buf_add(&l->said, file->path, strlen(file->path) + 1);
	if (file->bundle)
		buf_add(&l->said, file->bundle, strlen(file->bundle) + 1);
}

void later_found(struct later *l, const struct source_file *file, const char *name,
		 uint64_t device, uint64_t inode)
{
	size_t name_at = strlen(file->path) - strlen(name);

	keep(l, (struct entry){FOUND, .name_at = name_at, .device = device, .inode = inode}, file);
}

void later_warn(struct later *l, const struct source_file *at, const struct sym_err *why)
{
	keep(l, (struct entry){WARNED}, at);
	buf_add(&l->said, why, sizeof *why);
}

void later_left_out(struct later *l, const char *path, uint64_t device, uint64_t inode)
{
	keep(l, (struct entry){LEFT_OUT, .device = device, .inode = inode},
	     &(struct source_file){.path = path});
}

/* Copies the next `size` bytes of what was said, of which `*at` were read. */
static void next(const struct later *l, size_t *at, void *to, size_t size)
{
	memcpy(to, l->said.data + *at, size);
	*at += size;
}

static const char *next_text(const struct later *l, size_t *at)
{
	const char *text = l->said.data + *at;

	*at += strlen(text) + 1;
	return text;
}

enum sym_status later_tell(const struct later *l, struct finder *f)
{
	size_t at = 0;
	enum sym_status status = SYM_OK;
	struct entry e;
	struct sym_err why;

	if (l->said.failed)
		return err_set(f->err, SYM_NOMEM, "out of memory");
	f->counts->seen += l->counts.seen;
	f->counts->folders += l->counts.folders;
	while (at < l->said.size && status == SYM_OK) {
		struct source_file file = {0};

		next(l, &at, &e, sizeof e);
		file.by_hand = e.by_hand;
		file.by_pattern = e.by_pattern;
		file.path = next_text(l, &at);
		file.bundle = e.bundle ? next_text(l, &at) : NULL;
		if (e.what == FOUND) {
			status = finder_offer(f, &file, file.path + e.name_at, e.device, e.inode);
		} else if (e.what == WARNED) {
			next(l, &at, &why, sizeof why);
			finder_warn(f, file.path, file.by_hand, file.bundle, &why);
		} else {
			finder_leaves_out(f, e.device, e.inode, file.path);
		}
	}
	return status;
}
