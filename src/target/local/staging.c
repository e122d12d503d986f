/* SPDX-License-Identifier: MIT */
#include "target/local/staging.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RANDOM_BYTES = 8,
	TRIES = 100,
	PIECE = 32 << 20, /* bytes: some tenths of a second on a slow disk */
};

struct staging {
	struct os_dir *root;  /* borrowed */
	struct os_dir *litter; /* .symbol-upload */
	struct os_dir *dir;    /* .symbol-upload/<random>, locked */
	char name[2 * RANDOM_BYTES + 1];
	unsigned workers;
	atomic_uint next; /* number of files so far */
	struct os_dir **each; /* a folder per worker: creating in one would serialise them */
};

/* One attempt at a folder of our own: made, opened, locked, and still there. A sweep
 * of another run may take it before we lock it; then another name is tried. */
static enum sym_status claim(struct staging *s, struct sym_err *err)
{
	uint8_t random[RANDOM_BYTES];
	char path[sizeof STAGING_FOLDER + sizeof s->name + 1];
	struct os_stat mine, named;
	struct sym_err ignored;
	enum sym_status status;

	os_random(random, sizeof random);
	text_hex_lower(s->name, random, sizeof random);
	snprintf(path, sizeof path, "%s/%s", STAGING_FOLDER, s->name);
	status = os_dir_make(s->root, path, &s->dir, err);
	if (status == SYM_OK)
		status = os_dir_claim(s->dir, err);
	if (status == SYM_UNSUPPORTED) /* no locks here: nobody sweeps either */
		status = SYM_OK;
	if (status == SYM_OK)
		status = os_dir_open(s->root, STAGING_FOLDER, OS_NOFOLLOW, &s->litter, err);
	if (status == SYM_OK)
		status = os_dir_stat(s->dir, &mine, err);
	if (status == SYM_OK)
		status = os_stat(s->litter, s->name, OS_NOFOLLOW, &named, err);
	if (status == SYM_OK && (mine.inode != named.inode || mine.device != named.device))
		status = err_set(err, SYM_NOT_FOUND, "the staging folder was swept away");
	if (status != SYM_OK) {
		if (s->dir)
			os_dir_disclaim(s->dir);
		(void)!os_rmdir(s->root, path, &ignored);
		os_dir_close(s->dir);
		os_dir_close(s->litter);
		s->dir = s->litter = NULL;
	}
	return status;
}

static enum sym_status make_worker_folders(struct staging *s, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	s->each = calloc(s->workers, sizeof *s->each);
	if (!s->each)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (unsigned i = 0; i < s->workers && status == SYM_OK; i++) {
		char name[STAGING_NAME_MAX];

		snprintf(name, sizeof name, "%u", i);
		status = os_dir_make(s->dir, name, &s->each[i], err);
	}
	return status;
}

enum sym_status staging_open(struct os_dir *root, unsigned workers, struct staging **out,
			     struct sym_err *err)
{
	struct staging *s = calloc(1, sizeof *s);
	enum sym_status status = SYM_NOT_FOUND;

	if (!s)
		return err_set(err, SYM_NOMEM, "out of memory");
	s->root = root;
	s->workers = workers;
	for (int i = 0; i < TRIES && (status == SYM_NOT_FOUND || status == SYM_EXISTS); i++)
		status = claim(s, err);
	if (status == SYM_OK)
		status = make_worker_folders(s, err);
	if (status != SYM_OK) {
		staging_close(s);
		return err_prefix(err, "it cannot be written to");
	}
	*out = s;
	return SYM_OK;
}

void staging_name(uint32_t ticket, char name[STAGING_NAME_MAX])
{
	text_hex_number(name, ticket, 1);
}

struct os_dir *staging_dir(struct staging *s, uint32_t ticket)
{
	return s->each[ticket % s->workers];
}

/* A number tells its worker: ticket % workers. */
uint32_t staging_number(struct staging *s, unsigned worker)
{
	return (atomic_fetch_add(&s->next, 1) + 1) * s->workers + worker;
}

enum sym_status staging_create(struct staging *s, unsigned worker, os_file *file, uint32_t *ticket,
			       struct sym_err *err)
{
	uint32_t number = staging_number(s, worker);
	char name[STAGING_NAME_MAX];
	enum sym_status status;

	staging_name(number, name);
	status = os_create(s->each[worker], name, file, err);
	if (status == SYM_OK)
		*ticket = number;
	return status;
}

enum sym_status staging_publish(struct staging *s, uint32_t ticket, struct os_dir *dir, const char *name,
				struct sym_err *err)
{
	char staged[STAGING_NAME_MAX];

	staging_name(ticket, staged);
	return os_publish(staging_dir(s, ticket), staged, dir, name, err);
}

enum sym_status staging_replace(struct staging *s, uint32_t ticket, struct os_dir *dir, const char *name,
				struct sym_err *err)
{
	char staged[STAGING_NAME_MAX];

	staging_name(ticket, staged);
	if (os_replace(staging_dir(s, ticket), staged, dir, name, err) == SYM_OK)
		return SYM_OK;
	staging_remove(s, ticket);
	return err->status;
}

void staging_remove(struct staging *s, uint32_t ticket)
{
	char name[STAGING_NAME_MAX];
	struct sym_err ignored;

	staging_name(ticket, name);
	(void)!os_unlink(staging_dir(s, ticket), name, &ignored);
}

enum sym_status staging_end(os_file file, bool sync, enum sym_status status, struct sym_err *err)
{
	if (status == SYM_OK && sync)
		status = os_sync_file(file, err);
	if (status == SYM_OK)
		return os_close(file, err);
	os_close_quietly(file);
	return status;
}

enum sym_status staging_write(struct staging *s, unsigned worker, const void *bytes, size_t n, bool sync,
			      uint32_t *ticket, struct sym_err *err)
{
	os_file file;
	enum sym_status status = staging_create(s, worker, &file, ticket, err);

	if (status != SYM_OK)
		return status;
	status = staging_end(file, sync, os_write(file, bytes, n, err), err);
	if (status != SYM_OK)
		staging_remove(s, *ticket);
	return status;
}

enum sym_status staging_fill(os_file to, os_file from, uint64_t offset, uint64_t size,
			     struct gauge *gauge, struct sym_err *err)
{
	while (size > 0) {
		uint64_t want = min_u64(size, PIECE), copied;
		enum sym_status status = stop_check(err);

		if (status == SYM_OK)
			status = os_copy(from, offset, want, to, &copied, err);
		if (status != SYM_OK)
			return status;
		if (copied < want)
			return err_at(err, SYM_CHANGED, offset + copied,
				      "the file became shorter while it was read");
		gauge_move(gauge, (int64_t)copied);
		offset += copied;
		size -= copied;
	}
	return SYM_OK;
}

/* ----------------------------------------------------------- removing -- */

static enum sym_status remove_file(void *ctx, const char *name, enum os_type type)
{
	struct sym_err ignored;

	(void)type;
	(void)!os_unlink(ctx, name, &ignored);
	return SYM_OK;
}

static enum sym_status remove_worker_folder(void *ctx, const char *name, enum os_type type)
{
	struct os_dir *inner;
	struct sym_err ignored;

	(void)type;
	if (os_dir_open(ctx, name, OS_NOFOLLOW, &inner, &ignored) != SYM_OK)
		return SYM_OK;
	(void)!os_dir_list(inner, remove_file, inner, &ignored);
	os_dir_close(inner);
	(void)!os_rmdir(ctx, name, &ignored);
	return SYM_OK;
}

/* Empties a locked staging folder and removes it. */
static void remove_staging(struct os_dir *litter, const char *name, struct os_dir *dir)
{
	struct sym_err ignored;

	(void)!os_dir_list(dir, remove_worker_folder, dir, &ignored);
	os_dir_disclaim(dir);
	(void)!os_rmdir(litter, name, &ignored);
}

static enum sym_status sweep_one(void *ctx, const char *name, enum os_type type)
{
	struct os_dir *dir;
	struct sym_err ignored;

	(void)type;
	if (os_dir_open(ctx, name, OS_NOFOLLOW, &dir, &ignored) != SYM_OK)
		return SYM_OK;
	if (os_dir_claim(dir, &ignored) == SYM_OK)
		remove_staging(ctx, name, dir);
	os_dir_close(dir);
	return SYM_OK;
}

void staging_sweep(struct os_dir *root)
{
	struct os_dir *litter;
	struct sym_err ignored;

	if (os_dir_open(root, STAGING_FOLDER, OS_NOFOLLOW, &litter, &ignored) != SYM_OK)
		return;
	(void)!os_dir_list(litter, sweep_one, litter, &ignored);
	os_dir_close(litter);
	(void)!os_rmdir(root, STAGING_FOLDER, &ignored); /* stays while another run uses it */
}

struct look {
	struct os_dir *litter;
	struct sym_err *err;
};

static enum sym_status look_at_lock(void *ctx, const char *name, enum os_type type)
{
	const struct look *look = ctx;
	struct os_dir *dir;
	enum sym_status status = os_dir_open(look->litter, name, OS_NOFOLLOW, &dir, look->err);

	(void)type;
	if (status == SYM_OK) {
		status = os_dir_claim(dir, look->err);
		os_dir_disclaim(dir);
		os_dir_close(dir);
	}
	if (status == SYM_NOT_FOUND || status == SYM_REFUSED || status == SYM_UNSUPPORTED)
		return SYM_OK; /* gone again, no folder, or without locks: nobody's, as far as can be seen */
	return status == SYM_OK ? status : err_prefix(look->err, STAGING_FOLDER "/%s", name);
}

enum sym_status staging_idle(struct os_dir *root, struct sym_err *err)
{
	struct look look = {.err = err};
	enum sym_status status = os_dir_open(root, STAGING_FOLDER, OS_NOFOLLOW, &look.litter, err);

	if (status != SYM_OK)
		return status == SYM_NOT_FOUND || status == SYM_REFUSED ? SYM_OK : status;
	status = os_dir_list(look.litter, look_at_lock, &look, err);
	os_dir_close(look.litter);
	return status;
}

void staging_close(struct staging *s)
{
	struct sym_err ignored;

	if (!s)
		return;
	for (unsigned i = 0; s->each && i < s->workers; i++)
		os_dir_close(s->each[i]);
	if (s->dir)
		remove_staging(s->litter, s->name, s->dir);
	os_dir_close(s->dir);
	os_dir_close(s->litter);
	(void)!os_rmdir(s->root, STAGING_FOLDER, &ignored);
	free(s->each);
	free(s);
}
