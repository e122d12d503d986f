/* SPDX-License-Identifier: MIT */
#include "pipeline/identify.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/text.h"
#include "key/key.h"
#include "pipeline/pairs/flaw.h"
#include "source/archive/zip.h"
#include "target/compare.h"

#include <string.h>

/* Packed identities of one file, while it is being read. */
struct packing {
	const char *file; /* its name */
	size_t used;
	uint16_t count;
	struct sym_err without; /* slices that have no identifier; SYM_OK: all have one */
	uint8_t bytes[(size_t)PACK_BYTES_MAX * MACHO_SLICES_MAX * 2]; /* and what is made of them */
};

static enum sym_status pack_one(void *ctx, const struct sym_identity *id)
{
	struct packing *to = ctx;

	if (to->used + PACK_BYTES_MAX > sizeof to->bytes)
		return SYM_TOO_BIG;
	to->used += identity_pack(id, to->file, to->bytes + to->used);
	to->count++;
	return SYM_OK;
}

static void note_without(void *ctx, const struct sym_err *why)
{
	((struct packing *)ctx)->without = *why;
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

/* A zip that the user meant, for a target that takes it as it is. So are jars and NuGet's
 * packages: what is meant as a zip is called so. */
static bool is_wanted_zip(const struct bench *b, const struct record *r, os_file file)
{
	uint8_t magic[4];
	struct sym_err ignored;
	size_t got;

	return b->takes_zips && !r->in_folder && text_ends_nocase(r->name, ".zip") &&
	       os_read_at(file, 0, magic, sizeof magic, &got, &ignored) == SYM_OK &&
	       got == sizeof magic && zip_is(magic);
}

static enum sym_status pack_zip(struct packing *to, os_file file, uint64_t size, struct sym_err *err)
{
	const struct sym_identity zip = {.kind = SYM_ZIP, .whole_file = true, .slice_size = size};
	enum sym_status status = zip_check(file, size, err);

	return status == SYM_OK ? pack_one(to, &zip) : status;
}

/* `member` is "" where the file is not compressed. False: out of memory. */
static bool keep_member(struct bench *b, struct record *r, const char *member)
{
	struct extra *extra = record_extra(r, &b->arena);

	if (!extra)
		return false;
	extra->member = member[0] ? arena_text(&b->arena, member, strlen(member)) : NULL;
	return extra->member || !member[0];
}

/* Those of the file whose r->size bytes begin at `offset`. */
static enum sym_status read_identities(struct bench *b, struct record *r, os_file file, uint64_t offset,
				       struct packing *packing, struct sym_err *err)
{
	struct identity_sink sink = {.found = pack_one, .ctx = packing, .without = note_without};
	char member[SYM_NAME_MAX + 1];
	enum sym_status status;

	packing->file = r->name;
	packing->used = 0;
	packing->count = 0;
	packing->without.status = SYM_OK;
	status = probe_part(b->probe, file, offset, r->size, &sink, member, err);
	if (status == SYM_NOT_MINE && is_wanted_zip(b, r, file))
		return pack_zip(packing, file, r->size, err);
	if (status == SYM_OK && (member[0] || r->extra->member) && !keep_member(b, r, member))
		return err_set(err, SYM_NOMEM, "out of memory");
	return status;
}

/* ---------------------------------------------------------------- dumping -- */

static bool can_be_dumped(const struct packing *packing)
{
	struct slices slices = slices_of(packing->bytes, packing->count);
	struct sym_identity id;

	while (slices_next(&slices, &id))
		if (!dump_takes(&id))
			return false;
	return packing->count > 0;
}

/* Adds to `to` what is made of each slice of `from`. */
static enum sym_status dump_slices(struct bench *b, const struct record *r, const struct packing *from,
				   struct packing *to, struct sym_err *err)
{
	/* node-dump-syms picks a slice itself. */
	struct slices slices = slices_of(from->bytes, b->dump.dumper->takes_output ? 1 : from->count);
	struct sym_identity id, made;
	char path[RECORD_PATH_MAX];
	enum sym_status status = SYM_OK;

	record_path(r, path);
	while (status == SYM_OK && slices_next(&slices, &id)) {
		status = dump_make(&b->dump, b->probe, path, r->size, &id, from->count > 1, &made, err);
		if (status == SYM_OK)
			status = pack_one(to, &made);
	}
	return status;
}

/* Gives the record one. NULL: out of memory. */
static struct dump *dump_new(struct bench *b, struct record *r)
{
	char name[KEY_DUMP_NAME_MAX];
	struct dump *dump = arena_take(&b->arena, sizeof *dump);
	struct extra *extra = record_extra(r, &b->arena);

	if (!dump || !extra)
		return NULL;
	key_dump_name(r->name, name);
	*dump = (struct dump){.name = arena_text(&b->arena, name, strlen(name)), .spool = OS_NO_FILE};
	extra->dump = dump->name ? dump : NULL;
	return dump->name ? dump : NULL;
}

/* Of what the program says, the error has the last line. */
static const char *keep_messages(struct bench *b)
{
	const char *said = b->dump.messages.data;

	return said && strchr(said, '\n') ? arena_text(&b->arena, said, strlen(said)) : NULL;
}

/* What is made of the file takes the place of its identities, or comes behind them; where it
 * fails, the latter stay, or none. */
static enum sym_status dump_record(struct bench *b, struct record *r, struct packing *packing,
				   struct sym_err *err)
{
	struct dump *dump = dump_new(b, r);
	struct packing made;
	enum sym_status status;

	if (!dump)
		return err_set(err, SYM_NOMEM, "out of memory");
	made.file = r->name;
	made.used = made.count = 0;
	made.without = packing->without;
	if (b->dump.keep_originals)
		made = *packing;
	if (r->extra->member || record_archive_len(r) > 0)
		status = err_set(err, SYM_UNSUPPORTED, "dump_syms takes no packed file: unpack it");
	else
		status = dump_slices(b, r, packing, &made, err);
	dump->spool = b->dump.spool;
	if (status == SYM_OK) {
		*packing = made;
		return SYM_OK;
	}
	dump->messages = status == SYM_IO ? keep_messages(b) : NULL;
	packing->count = b->dump.keep_originals ? packing->count : 0;
	return status;
}

/* Should something be made of it, and is there time? */
static bool dump_is_due(const struct bench *b, struct record *r, const struct packing *packing)
{
	if (!b->dump.dumper || !can_be_dumped(packing))
		return false;
	r->left = stop_is_due(os_now_ms());
	return !r->left;
}

/* Makes of it what is to be made, and keeps in the record what was found, or why nothing was. */
static void keep_findings(struct bench *b, struct record *r, struct packing *packing,
			  enum sym_status status, struct sym_err *err)
{
	if (status != SYM_OK)
		packing->count = 0;
	else if (dump_is_due(b, r, packing))
		status = dump_record(b, r, packing, err);
	r->left |= status == SYM_CANCELLED;
	if (packing->count > 0 && !r->left) {
		r->ids = arena_copy(&b->arena, packing->bytes, packing->used);
		r->id_count = packing->count;
		if (!r->ids) {
			r->id_count = 0;
			status = err_set(err, SYM_NOMEM, "out of memory");
		}
		r->roles = roles_of(r);
	}
	if (status != SYM_OK && status != SYM_CANCELLED)
		record_fail(r, &b->arena, err);
	else if (packing->without.status != SYM_OK)
		record_fail(r, &b->arena, &packing->without);
}

/* --------------------------------------------------------------- archives -- */

/* The archive in hand. */
struct opening {
	struct bench *b;
	const struct record *archive;
	struct contents *contents;
	struct branch_names branch; /* in it */
	struct spooled spooled; /* of each file, but for its place */
	struct archived_sink sink;
};

/* Keeps the file, of which the record has the findings, among the archive's contents: in the
 * archive's state. */
static enum sym_status add_inside(struct opening *o, const char *path, const struct record *r, struct sym_err *err)
{
	struct inside *in = arena_take(&o->b->arena, sizeof *in);

	if (!in)
		return err_set(err, SYM_NOMEM, "out of memory");
	*in = (struct inside){.record = *r, .extra = *r->extra};
	in->record.extra = &in->extra;
	in->record.device = o->archive->device;
	in->record.inode = o->archive->inode ^ hash_text(HASH_START, path); /* the journal tells files apart by it */
	in->record.mtime_ns = o->archive->mtime_ns;
	in->record.ctime_ns = o->archive->ctime_ns;
	in->record.in_folder = true; /* it was not asked for by its own name */
	if (!record_name_after(&in->record, path, &o->branch, &o->b->arena))
		return err_set(err, SYM_NOMEM, "out of memory");
	*o->contents->end = in;
	o->contents->end = &in->next;
	o->contents->count++;
	return SYM_OK;
}

static uint64_t mark_inside(void *ctx)
{
	return ((struct opening *)ctx)->contents->count;
}

static void forget_inside(void *ctx, uint64_t mark)
{
	struct contents *c = ((struct opening *)ctx)->contents;

	c->end = &c->first;
	for (c->count = 0; c->count < mark; c->count++)
		c->end = &(*c->end)->next;
	*c->end = NULL;
}

static enum sym_status found_inside(void *ctx, const struct archived *file, bool *keep, struct sym_err *err)
{
	struct opening *o = ctx;
	struct extra extra = {.spooled = o->spooled};
	struct record r = {.name = text_file_name(file->path), .size = file->size, .in_folder = true,
			   .extra = &extra};
	struct packing packing;
	enum sym_status status;
	struct sym_err why;

	extra.spooled.spool = file->spool;
	extra.spooled.offset = file->offset;
	status = read_identities(o->b, &r, file->spool, file->offset, &packing, &why);
	if (status == SYM_NOT_MINE) {
		o->sink.others++;
		return SYM_OK;
	}
	keep_findings(o->b, &r, &packing, status, &why);
	*keep = r.id_count > 0;
	return add_inside(o, file->path, &r, err);
}

static enum sym_status damaged_inside(void *ctx, const char *path, const struct sym_err *why, struct sym_err *err)
{
	struct opening *o = ctx;
	const struct extra extra = {.problem = problem_keep(&o->b->arena, why), .spooled = o->spooled};
	const struct record r = {.extra = &extra};

	return add_inside(o, path, &r, err);
}

/* `zip_goes`: to the targets that take a zip as it is. */
static enum sym_status open_archive(struct bench *b, struct record *r, os_file file, const struct os_stat *st,
				    const char *path, bool zip_goes, struct sym_err *err)
{
	struct sym_err changed;
	struct opening o = {.b = b,
			    .archive = r,
			    .spooled = {OS_NO_FILE, .archive_len = (uint16_t)strlen(path), .zip_goes = zip_goes},
			    .sink = {.ctx = &o, .found = found_inside, .damaged = damaged_inside,
				     .mark = mark_inside, .forget = forget_inside}};
	struct extra *extra = record_extra(r, &b->arena);
	enum sym_status status;

	o.contents = arena_take(&b->arena, sizeof *o.contents);
	if (!o.contents || !extra)
		return err_set(err, SYM_NOMEM, "out of memory");
	*o.contents = (struct contents){.end = &o.contents->first};
	status = archive_each(&b->archive, b->probe, file, r->size, path, &o.sink, err);
	o.contents->others = o.sink.others;
	if (status != SYM_CANCELLED && compare_state(file, st, &changed) != SYM_OK) {
		*err = changed;
		status = err->status;
	}
	if (status != SYM_CANCELLED && status != SYM_CHANGED) /* else the archive is left, or fails, as a whole */
		extra->contents = o.contents;
	return status;
}

/* ------------------------------------------------------------- the record -- */

/* What is in a zip that one target takes as it is, whatever becomes of this, and another does not. */
static void open_wanted_zip(struct bench *b, struct record *r, os_file file, const struct os_stat *st,
			    const char *path, struct packing *packing)
{
	enum sym_status status = open_archive(b, r, file, st, path, true, &packing->without);

	r->left = status == SYM_CANCELLED;
	if (status == SYM_CANCELLED || status == SYM_NOT_MINE)
		packing->without.status = SYM_OK;
}

void record_identify(struct bench *b, struct record *r)
{
	char path[RECORD_PATH_MAX];
	struct packing packing;
	struct os_stat st;
	struct sym_err err;
	os_file file;
	bool archive;
	enum sym_status status;

	r->left = stop_is_due(os_now_ms());
	if (r->left)
		return;
	packing.used = packing.count = 0;
	packing.without.status = SYM_OK;
	record_path(r, path);
	status = os_open(NULL, path, OS_FOLLOW, &file, &st, &err);
	if (status == SYM_OK) {
		keep_state(r, &st);
		status = read_identities(b, r, file, 0, &packing, &err);
		/* What was only met in a folder is not looked into: a build's hold many an archive of other things. */
		archive = status == SYM_NOT_MINE && probe_met_archive(b->probe);
		r->unopened = archive && r->in_folder;
		if (b->opens_zips && is_wanted_zip(b, r, file))
			open_wanted_zip(b, r, file, &st, path, &packing);
		else if (archive && !r->in_folder)
			status = open_archive(b, r, file, &st, path, false, &err);
		os_close_quietly(file);
	}
	keep_findings(b, r, &packing, status, &err);
}

/* Has the file still the slices and keys for which its paths were planned? */
static bool same_keys(const struct record *r, const struct packing *now)
{
	struct slices before = record_slices(r), after = slices_of(now->bytes, now->count);
	struct sym_identity was, is;

	if (now->count != r->id_count)
		return false;
	while (slices_next(&before, &was) && slices_next(&after, &is))
		if (!key_same(&was, &is))
			return false;
	return true;
}

enum sym_status record_refresh(struct bench *b, struct record *r, os_file file,
			       const struct os_stat *st, struct sym_err *err)
{
	struct packing packing;
	struct record fresh = *r;
	enum sym_status status;

	if (r->extra->dump)
		return err_set(err, SYM_CHANGED, "the file changed after dump_syms had read it: run again");
	keep_state(&fresh, st);
	status = read_identities(b, &fresh, file, 0, &packing, err);
	if (status != SYM_OK)
		return err_prefix(err, "the file changed during the run");
	if (!same_keys(r, &packing) || strcmp(record_name(r), record_name(&fresh)) != 0)
		return err_set(err, SYM_CHANGED,
			       "the file changed during the run, and so did its key: run again");
	fresh.ids = arena_copy(&b->arena, packing.bytes, packing.used);
	if (!fresh.ids)
		return err_set(err, SYM_NOMEM, "out of memory");
	*r = fresh;
	return SYM_OK;
}
