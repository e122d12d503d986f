/* SPDX-License-Identifier: MIT */
#include "pipeline/record.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"
#include "pipeline/dump.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, CHUNKS = 65536 };

enum sym_status records_init(struct records *rs, struct sym_err *err)
{
	memset(rs, 0, sizeof *rs);
	rs->chunks = calloc(CHUNKS, sizeof(struct record *)); /* touched only as far as it is used */
	return rs->chunks ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

void records_release(struct records *rs)
{
	for (size_t i = 0; rs->chunks && i < CHUNKS && rs->chunks[i]; i++)
		free(rs->chunks[i]);
	free(rs->chunks);
	arena_release(&rs->names);
}

struct record *records_at(const struct records *rs, size_t index)
{
	return &rs->chunks[index / CHUNK][index % CHUNK];
}

/* The one copy of a folder's name that its files share. The walk goes depth first, so
 * that the folders it may come back to are those on its branch. */
static const char *folder_of(struct records *rs, const char *path, size_t len)
{
	const char *copy;

	while (rs->depth > 0) {
		const char *top = rs->folders[rs->depth - 1];
		size_t top_len = strlen(top);

		if (top_len == len && memcmp(top, path, len) == 0)
			return top;
		if (top_len < len && memcmp(top, path, top_len) == 0)
			break;
		rs->depth--;
	}
	copy = arena_text(&rs->names, path, len);
	if (copy && rs->depth < ARRAY_LEN(rs->folders))
		rs->folders[rs->depth++] = copy;
	return copy;
}

/* What of a path names the folder. */
static size_t folder_len_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash + 1 - path) : 0;
}

/* `name` is the end of the path, and stays; NULL where memory is out. */
static enum sym_status add(struct records *rs, const char *path, const char *name, struct record **out,
			   struct sym_err *err)
{
	struct record *r;

	if (rs->count / CHUNK >= CHUNKS)
		return err_set(err, SYM_TOO_BIG, "more than %u files in one run", (unsigned)CHUNK * CHUNKS);
	if (!rs->chunks[rs->count / CHUNK])
		rs->chunks[rs->count / CHUNK] = malloc(CHUNK * sizeof *r);
	if (!rs->chunks[rs->count / CHUNK])
		return err_set(err, SYM_NOMEM, "out of memory");
	r = records_at(rs, rs->count);
	memset(r, 0, sizeof *r);
	r->folder = folder_of(rs, path, folder_len_of(path));
	r->name = name;
	if (!r->folder || !r->name)
		return err_set(err, SYM_NOMEM, "out of memory");
	rs->count++;
	*out = r;
	return SYM_OK;
}

enum sym_status records_add(struct records *rs, const char *path, struct record **out,
			    struct sym_err *err)
{
	const char *name = path + folder_len_of(path);

	return add(rs, path, arena_text(&rs->names, name, strlen(name)), out, err);
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

	if (!r->spooled && !dumped)
		return false;
	*spool = dumped ? r->dump->spool : r->spooled->spool;
	*offset = id->slice_offset + (dumped ? 0 : r->spooled->offset);
	return true;
}

enum sym_status records_add_contents(struct records *rs, const struct record *r, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (const struct inside *in = r->contents->first; in && status == SYM_OK; in = in->next) {
		struct record *added;

		status = add(rs, in->path, in->path + folder_len_of(in->path), &added, err);
		if (status != SYM_OK)
			break;
		added->member = in->member;
		added->ids = in->ids;
		added->id_count = in->id_count;
		added->problem = in->problem;
		added->spooled = &in->spooled;
		added->device = r->device;
		added->inode = r->inode ^ hash_text(HASH_START, in->path); /* the journal tells files apart by it */
		added->size = in->size;
		added->mtime_ns = r->mtime_ns;
		added->ctime_ns = r->ctime_ns;
		added->in_folder = true; /* it was not asked for by its own name */
		added->left = in->left;
		added->roles = in->roles;
	}
	return status;
}

size_t record_archive_len(const struct record *r)
{
	return r->spooled ? r->spooled->archive_len : 0;
}

const char *record_name(const struct record *r)
{
	return r->member ? r->member : r->name;
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
