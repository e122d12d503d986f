/* SPDX-License-Identifier: MIT */
#include "pipeline/identify.h"

#include "base/err.h"
#include "base/limits.h"
#include "key/key.h"
#include "pipeline/place.h"
#include "source/zip.h"

#include <string.h>

/* Packed identities of one file, while it is being read. */
struct packing {
	size_t used;
	uint16_t count;
	uint8_t bytes[(size_t)PACK_BYTES_MAX * MACHO_SLICES_MAX];
};

static enum sym_status pack_one(void *ctx, const struct sym_identity *id)
{
	struct packing *to = ctx;

	if (to->used + PACK_BYTES_MAX > sizeof to->bytes)
		return SYM_TOO_BIG;
	to->used += identity_pack(id, to->bytes + to->used);
	to->count++;
	return SYM_OK;
}

static void keep_state(struct record *r, const struct os_stat *st)
{
	r->device = st->device;
	r->inode = st->inode;
	r->size = st->size;
	r->mtime_ns = st->mtime_ns;
	r->ctime_ns = st->ctime_ns;
}

bool record_is_current(const struct record *r, const struct os_stat *st)
{
	return r->size == st->size && r->mtime_ns == st->mtime_ns && r->ctime_ns == st->ctime_ns;
}

/* A zip that the user meant, for a target that takes it as it is. */
static bool is_wanted_zip(const struct bench *b, const struct record *r, os_file file)
{
	uint8_t magic[4];
	struct sym_err ignored;
	size_t got;

	return b->takes_zips && !r->in_folder &&
	       os_read_at(file, 0, magic, sizeof magic, &got, &ignored) == SYM_OK &&
	       got == sizeof magic && zip_is(magic);
}

static enum sym_status read_identities(struct bench *b, struct record *r, os_file file,
				       struct packing *packing, struct sym_err *err)
{
	struct identity_sink sink = {.found = pack_one, .ctx = packing};
	struct probed probed;
	enum sym_status status;

	packing->used = 0;
	packing->count = 0;
	status = probe_file(b->probe, file, r->size, &sink, &probed, err);
	if (status == SYM_NOT_MINE && is_wanted_zip(b, r, file))
		return pack_one(packing, &(struct sym_identity){.kind = SYM_ZIP, .whole_file = true,
								.slice_size = r->size});
	if (status == SYM_OK && probed.member[0] && !r->member) {
		r->member = arena_text(&b->arena, probed.member, strlen(probed.member));
		if (!r->member)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return status;
}

void record_identify(struct bench *b, struct record *r)
{
	char path[RECORD_PATH_MAX];
	struct packing packing;
	struct os_stat st;
	struct sym_err err;
	os_file file;
	enum sym_status status;

	record_path(r, path);
	status = os_open(NULL, path, OS_FOLLOW, &file, &st, &err);
	if (status == SYM_OK) {
		keep_state(r, &st);
		status = read_identities(b, r, file, &packing, &err);
		os_close_quietly(file);
	}
	if (status == SYM_OK) {
		r->ids = arena_copy(&b->arena, packing.bytes, packing.used);
		r->id_count = packing.count;
		if (!r->ids)
			status = err_set(&err, SYM_NOMEM, "out of memory");
	}
	if (status != SYM_OK)
		r->problem = problem_keep(&b->arena, &err);
}

/* Has the file still the slices and keys for which its paths were planned? */
static bool same_keys(const struct record *r, const struct packing *now)
{
	const uint8_t *a = r->ids, *b = now->bytes;

	if (now->count != r->id_count)
		return false;
	for (unsigned i = 0; i < now->count; i++) {
		struct sym_identity was, is;

		a = identity_unpack(a, &was);
		b = identity_unpack(b, &is);
		if (!key_same(&was, &is))
			return false;
	}
	return true;
}

enum sym_status record_refresh(struct bench *b, struct record *r, os_file file,
			       const struct os_stat *st, struct sym_err *err)
{
	struct packing packing;
	struct record fresh = *r;
	enum sym_status status;

	keep_state(&fresh, st);
	status = read_identities(b, &fresh, file, &packing, err);
	if (status != SYM_OK)
		return err_prefix(err, "the file changed during the run");
	if (!same_keys(r, &packing))
		return err_set(err, SYM_CHANGED,
			       "the file changed during the run, and so did its key: run again");
	fresh.ids = arena_copy(&b->arena, packing.bytes, packing.used);
	if (!fresh.ids)
		return err_set(err, SYM_NOMEM, "out of memory");
	*r = fresh;
	return SYM_OK;
}

/* ------------------------------------------------- what stands in a store -- */

struct likeness {
	const struct parcel_path *at;
	const char *file;
	bool two_tier;
	bool found;
	unsigned has;
};

static enum sym_status compare_one(void *ctx, const struct sym_identity *id)
{
	struct likeness *l = ctx;
	struct parcel p;
	struct sym_err ignored;

	if (place_identity(id, l->file, NULL, l->at->readers, l->two_tier, &p, &ignored) != SYM_OK)
		return SYM_OK;
	for (size_t i = 0; i < p.count; i++)
		if (strcmp(p.at[i].path, l->at->path) == 0) {
			l->found = true;
			l->has |= id->has;
		}
	return SYM_OK;
}

enum sym_status file_offers(struct probe *probe, os_file file, uint64_t size,
			    const struct parcel_path *at, bool two_tier, unsigned *has,
			    struct sym_err *err)
{
	struct likeness l = {.at = at, .file = strrchr(at->path, '/') + 1, .two_tier = two_tier};
	struct identity_sink sink = {.found = compare_one, .ctx = &l};
	struct probed probed;
	enum sym_status status = probe_file(probe, file, size, &sink, &probed, err);

	if (status == SYM_OK && !l.found)
		status = err_set(err, SYM_NOT_FOUND, "it is the file of another key");
	*has = l.has;
	return status;
}
