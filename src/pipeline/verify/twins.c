/* SPDX-License-Identifier: MIT */
#include "pipeline/verify/twins.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/table.h"
#include "base/text.h"
#include "pipeline/member.h"
#include "target/digest.h"

#include <stdlib.h>
#include <string.h>

/* One file. What grows with the number of files is this, and the row that leads to it. */
struct file {
	struct file *first; /* that readers take for the same; NULL: this one is it */
	struct file *next;  /* of those that have a first one */
	uint64_t device, inode;
	char plain; /* what the `_` at the end of a compressed file's name stands for; else 0 */
	char path[];
};

/* By what they are taken for: the first of each kind. */
struct row {
	uint64_t hash;
	struct file *first;
};

struct twins {
	const char *root;
	struct arena arena;
	struct table rows;
	struct file *later, **last; /* those that have a first one, in the order in which they came */
};

typedef char path_text[SOURCE_PATH_BYTES_MAX + 1];

struct twins *twins_new(const char *root)
{
	struct twins *t = calloc(1, sizeof *t);

	if (t) {
		t->root = root;
		t->rows = (struct table)TABLE_OF(struct row);
		t->last = &t->later;
	}
	return t;
}

void twins_free(struct twins *t)
{
	if (!t)
		return;
	arena_release(&t->arena);
	table_release(&t->rows);
	free(t);
}

/* Of the path by which a reader knows it that sees no letter case, and asks for either form. */
static uint64_t hash_of(const struct file *f)
{
	path_text folded;
	char *end = text_put(folded, folded + sizeof folded, f->path);

	if (f->plain && end > folded)
		end[-1] = f->plain;
	text_lower_all(folded);
	return hash_text(HASH_START, folded);
}

bool twins_add(struct twins *t, const char *path, const char *member, const struct os_stat *st)
{
	size_t len = strlen(path), member_len = strlen(member);
	struct file *f = arena_take(&t->arena, (sizeof *f + len + 1 + 7) & ~(size_t)7);
	struct row *row;

	if (!f)
		return false;
	*f = (struct file){.device = st->device, .inode = st->inode,
			   .plain = member_len ? member[member_len - 1] : '\0'};
	memcpy(f->path, path, len + 1);
	row = table_add(&t->rows, hash_of(f));
	if (!row)
		return false;
	if (!row->first) {
		row->first = f;
		return true;
	}
	f->first = row->first;
	*t->last = f;
	t->last = &f->next;
	return true;
}

/* ------------------------------------------------------------- comparing -- */

/* Of what a reader would get. False where it cannot be read: that was said before. */
static bool digest_of(const struct twins *t, const struct file *f, uint8_t sha256[32])
{
	path_text path;
	os_file file;
	struct os_stat st;
	struct sym_err ignored;
	uint64_t member_size;
	enum sym_status status;

	text_put(text_put(path, path + sizeof path, t->root), path + sizeof path, f->path);
	if (os_open(NULL, path, OS_FOLLOW, &file, &st, &ignored) != SYM_OK)
		return false;
	status = f->plain ? member_digest(file, st.size, sha256, &member_size, &ignored)
			  : digest_file(file, 0, st.size, sha256, &ignored);
	os_close_quietly(file);
	return status == SYM_OK;
}

void twins_compare(struct twins *t, void (*differs)(void *ctx, const char *path, const char *twin),
		   void *ctx)
{
	uint8_t one[32], other[32];

	for (const struct file *f = t->later; f && !stop_asked(); f = f->next) {
		if (f->device == f->first->device && f->inode == f->first->inode)
			continue;
		if (digest_of(t, f, one) && digest_of(t, f->first, other) && memcmp(one, other, 32) != 0)
			differs(ctx, f->path, f->first->path);
	}
}
