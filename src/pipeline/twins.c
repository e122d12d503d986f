/* SPDX-License-Identifier: MIT */
#include "pipeline/twins.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/table.h"
#include "base/text.h"
#include "source/cabinet.h"
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

static enum sym_status read_file(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				 struct sym_err *err)
{
	return os_read_at(*(const os_file *)ctx, offset, to, n, got, err);
}

static enum sym_status digest_member(os_file file, uint64_t size, uint8_t sha256[32],
				     struct sym_err *err)
{
	enum { PIECE = 16 << 10 };
	struct cabinet *cabinet;
	struct digest *digest = digest_new();
	char piece[PIECE];
	size_t got = PIECE;
	enum sym_status status = digest ? cabinet_open(size, read_file, &file, &cabinet, err)
					: err_set(err, SYM_NOMEM, "out of memory");

	if (status != SYM_OK) {
		digest_free(digest);
		return status;
	}
	for (uint64_t at = 0; got == PIECE && status == SYM_OK; at += got) {
		status = cabinet_read(cabinet, at, piece, PIECE, &got, err);
		if (status == SYM_OK)
			digest_feed(digest, piece, got);
	}
	digest_end(digest, sha256);
	digest_free(digest);
	cabinet_close(cabinet);
	return status;
}

/* Of what a reader would get. False where it cannot be read: that was said before. */
static bool digest_of(const struct twins *t, const struct file *f, uint8_t sha256[32])
{
	path_text path;
	os_file file;
	struct os_stat st;
	struct sym_err ignored;
	enum sym_status status;

	text_put(text_put(path, path + sizeof path, t->root), path + sizeof path, f->path);
	if (os_open(NULL, path, OS_FOLLOW, &file, &st, &ignored) != SYM_OK)
		return false;
	status = f->plain ? digest_member(file, st.size, sha256, &ignored)
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
