/* SPDX-License-Identifier: MIT */
#include "pipeline/record.h"

#include "base/err.h"
#include "base/text.h"
#include "pipeline/dump.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, CHUNKS = RECORDS_MAX / CHUNK };

static const struct extra no_extra;

enum sym_status records_init(struct records *rs, struct sym_err *err)
{
	memset(rs, 0, sizeof *rs);
	rs->chunks = calloc(CHUNKS, sizeof(struct record **)); /* touched only as far as it is used */
	return rs->chunks ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

void records_release(struct records *rs)
{
	for (size_t i = 0; rs->chunks && i < CHUNKS && rs->chunks[i]; i++)
		free(rs->chunks[i]);
	free(rs->chunks);
	arena_release(&rs->arena);
}

struct record *records_at(const struct records *rs, size_t index)
{
	return rs->chunks[index / CHUNK][index % CHUNK];
}

static const char *folder_of(struct branch_names *branch, struct arena *a, const char *path, size_t len)
{
	const char *copy;

	while (branch->depth > 0) {
		const char *top = branch->folders[branch->depth - 1];
		size_t top_len = strlen(top);

		if (top_len == len && memcmp(top, path, len) == 0)
			return top;
		if (top_len < len && memcmp(top, path, top_len) == 0)
			break;
		branch->depth--;
	}
	copy = arena_text(a, path, len);
	if (copy && branch->depth < ARRAY_LEN(branch->folders))
		branch->folders[branch->depth++] = copy;
	return copy;
}

bool record_name_after(struct record *r, const char *path, struct branch_names *branch, struct arena *a)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	r->folder = folder_of(branch, a, path, (size_t)(name - path));
	r->name = arena_text(a, name, strlen(name));
	return r->folder && r->name;
}

struct extra *record_extra(struct record *r, struct arena *a)
{
	struct extra *extra = arena_copy(a, r->extra, sizeof *extra);

	if (extra)
		r->extra = extra;
	return extra;
}

static enum sym_status append(struct records *rs, struct record *r, struct sym_err *err)
{
	struct record ***chunk = &rs->chunks[rs->count / CHUNK];

	if (rs->count / CHUNK >= CHUNKS)
		return err_set(err, SYM_TOO_BIG, "more than %u files in one run", RECORDS_MAX);
	if (!*chunk)
		*chunk = malloc(CHUNK * sizeof **chunk);
	if (!*chunk)
		return err_set(err, SYM_NOMEM, "out of memory");
	(*chunk)[rs->count++ % CHUNK] = r;
	return SYM_OK;
}

enum sym_status records_add(struct records *rs, const char *path, struct record **out,
			    struct sym_err *err)
{
	struct record *r = arena_take(&rs->arena, sizeof *r);

	if (r)
		*r = (struct record){.extra = &no_extra};
	if (!r || !record_name_after(r, path, &rs->branch, &rs->arena))
		return err_set(err, SYM_NOMEM, "out of memory");
	*out = r;
	return append(rs, r, err);
}

size_t records_slices(const struct records *rs, enum role role)
{
	size_t count = 0;

	for (size_t i = 0; i < rs->count; i++) {
		const struct record *r = records_at(rs, i);

		count += r->roles & 1u << role ? r->id_count : 0;
	}
	return count;
}

struct slices record_slices(const struct record *r)
{
	return slices_of(r->ids, r->id_count);
}

void record_path(const struct record *r, char out[RECORD_PATH_MAX])
{
	text_put(text_put(out, out + RECORD_PATH_MAX, r->folder), out + RECORD_PATH_MAX, r->name);
}

bool record_in_spool(const struct record *r, const struct sym_identity *id, os_file *spool, uint64_t *offset)
{
	bool dumped = is_dumped(r, id);
	const struct spooled *spooled = &r->extra->spooled;

	if (!record_archive_len(r) && !dumped)
		return false;
	*spool = dumped ? r->extra->dump->spool : spooled->spool;
	*offset = id->slice_offset + (dumped ? 0 : spooled->offset);
	return true;
}

enum sym_status records_add_contents(struct records *rs, const struct record *r, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (struct inside *in = r->extra->contents->first; in && status == SYM_OK; in = in->next)
		status = append(rs, &in->record, err);
	return status;
}

size_t record_archive_len(const struct record *r)
{
	return r->extra->spooled.archive_len;
}

const char *record_name(const struct record *r)
{
	return r->extra->member ? r->extra->member : r->name;
}

/* Where the tickets begin: from the result, in bytes. */
static size_t tickets_at(unsigned paths)
{
	return (offsetof(struct result, actions) + paths + 3) & ~(size_t)3;
}

struct result *result_new(struct arena *a, unsigned paths, unsigned slices)
{
	size_t size = (tickets_at(paths) + slices * sizeof(uint32_t) + 7) & ~(size_t)7;
	struct result *result = arena_take(a, size);

	if (!result)
		return NULL;
	memset(result, 0, size);
	result->paths = (uint16_t)paths;
	return result;
}

uint32_t *result_tickets(struct result *result)
{
	return (uint32_t *)(void *)((char *)result + tickets_at(result->paths));
}

static const struct problem no_memory = {.status = SYM_NOMEM, .text = "out of memory"};

const struct problem *problem_keep(struct arena *a, const struct sym_err *err)
{
	size_t size = strlen(err->text) + 1;
	struct problem *p = arena_take(a, (sizeof *p + size + 7) & ~(size_t)7);

	if (!p)
		return &no_memory;
	*p = (struct problem){.status = err->status, .has_offset = err->has_offset, .offset = err->offset,
			      .text = memcpy(p + 1, err->text, size)};
	return p;
}

void record_fail(struct record *r, struct arena *a, const struct sym_err *err)
{
	static const struct extra unkept = {.problem = &no_memory};
	struct extra *extra = record_extra(r, a);

	if (extra)
		extra->problem = problem_keep(a, err);
	else
		r->extra = &unkept;
}

void problem_tell(const struct problem *p, struct sym_err *out)
{
	*out = (struct sym_err){.status = p->status, .has_offset = p->has_offset, .offset = p->offset};
	memcpy(out->text, p->text, strlen(p->text) + 1);
}

void remark_keep(struct arena *a, struct result *result, unsigned path, bool warn,
		 const struct sym_err *why)
{
	struct remark *m = arena_take(a, sizeof *m);

	if (!m)
		return;
	m->path = (uint16_t)path;
	m->warn = warn;
	m->why = problem_keep(a, why);
	m->next = result->remarks;
	result->remarks = m;
}
