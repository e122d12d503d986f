/* SPDX-License-Identifier: MIT
 * Three passes over the records: what the run alone does not settle becomes a query; the
 * queries are settled by several threads; all is told in the order of the walk. Each pass
 * finds the pairings again: they are quickly found, and large to keep. */
#include "pipeline/pairs/pairs.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/keyed.h"
#include "base/stop.h"
#include "pipeline/crew.h"
#include "pipeline/pairs/elsewhere.h"
#include "target/gzip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 32 << 10, WHERE_BYTES_MAX = 4096 };

enum pair_verdict { PAIR_FINE, PAIR_MISSING, PAIR_CRC };

/* Something that the records alone do not settle. There may be one for every file. */
struct query {
	uint32_t record;
	uint32_t first;   /* the number of the first query for the very same, which stands for it */
	union {
		uint32_t crc32; /* PAIR_CRC: that the companion has */
		uint32_t where; /* PAIR_MISSING: the first target that lacks it … */
	};
	uint8_t slice;
	uint8_t verdict;  /* enum pair_verdict */
	bool elsewhere;   /* … while another one has it */
	bool silent;      /* … or that did not say */
	bool unasked;     /* no reader of the run asks for it */
};

struct pairs {
	struct delivery *d;
	struct teller *teller;
	struct pair_index *index; /* NULL: no image wants anything */
	struct query *queries;
	size_t count;
	struct keyed *wanted;     /* while they are collected: a hash of what each query wants */
	_Atomic bool *dead;       /* one a target: it does not answer, and is not asked again */
	_Atomic uint64_t done;
};

/* -------------------------------------------------------------- queries -- */

static uint64_t hash_of(const struct pairing *p)
{
	char code[KEY_ID_MAX], debug[KEY_ID_MAX];

	key_code_text(&p->wanted.code, code);
	key_debug_text(&p->wanted.debug, debug);
	return hash_text(hash_text(hash_text(hash_number(HASH_START, p->wanted.kind), code), debug), p->name);
}

/* The slice of a query. */
static const struct record *image_of(const struct pairs *ps, const struct query *q,
				     struct sym_identity *image)
{
	const struct record *r = records_at(ps->d->records, q->record);
	struct slices slices = record_slices(r);

	while (slices_next(&slices, image) && slices.number < q->slice)
		;
	return r;
}

static void add_query(struct pairs *ps, size_t record, unsigned slice, const struct pairing *p)
{
	ps->wanted[ps->count] = (struct keyed){.key = hash_of(p), .number = (uint32_t)ps->count};
	ps->queries[ps->count++] = (struct query){.record = (uint32_t)record, .slice = (uint8_t)slice};
}

/* Of the queries that want the same, the first stands for all. */
static void find_firsts(struct pairs *ps)
{
	const struct keyed *end = ps->wanted + ps->count;

	keyed_sort(ps->wanted, ps->count);
	for (const struct keyed *first = ps->wanted, *q = first; q < end; q++) {
		if (q->key != first->key)
			first = q;
		ps->queries[q->number].first = first->number;
	}
}

/* Has the companion, found by build-id, to be read? Only the file that .gnu_debuglink names. */
static bool is_to_be_summed(const struct pairs *ps, const struct record *image,
			    const struct pairing *p)
{
	const struct record *found = records_at(ps->d->records, p->found);

	return p->has_crc32 && !image->known && !found->extra->member && strcmp(found->name, p->name) == 0;
}

static void collect_record(struct pairs *ps, size_t number)
{
	const struct record *r = records_at(ps->d->records, number);
	struct slices slices = record_slices(r);
	struct sym_identity id;

	while (r->roles & 1u << ROLE_WANTS && slices_next(&slices, &id)) {
		struct pairing p;

		pairing_find(ps->index, number, &id, &p);
		if (p.state == PAIRING_UNWANTED || (p.weak && p.state != PAIRING_ANSWERED) ||
		    (p.state == PAIRING_ANSWERED && !is_to_be_summed(ps, r, &p)))
			continue;
		add_query(ps, number, slices.number, &p);
	}
}

/* Where all is well, which is usual, no memory is touched for queries, and there are no names
 * to go by. */
static enum sym_status collect(struct pairs *ps, struct sym_err *err)
{
	const struct records *records = ps->d->records;
	size_t most = records_slices(records, ROLE_WANTS); /* no more can become queries */

	if (most == 0)
		return SYM_OK;
	if (pair_index_new(records, &ps->index, err) != SYM_OK)
		return err->status;
	ps->queries = malloc(most * sizeof *ps->queries);
	ps->wanted = malloc(most * sizeof *ps->wanted);
	if (!ps->queries || !ps->wanted)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < records->count; i++)
		collect_record(ps, i);
	find_firsts(ps);
	free(ps->wanted);
	ps->wanted = NULL;
	return ps->count > 0 ? pair_index_names(ps->index, err) : SYM_OK;
}

/* ------------------------------------------------------------- settling -- */

/* What the query is about, found again. */
static void matter_of(const struct pairs *ps, const struct query *q, struct matter *m)
{
	m->r = image_of(ps, q, &m->image);
	pairing_find(ps->index, q->record, &m->image, &m->p);
}

static void settle_missing(struct pairs *ps, struct query *q, const struct matter *m)
{
	bool there = false;

	q->unasked = true;
	for (size_t where = 0; where < ps->d->destination_count; where++) {
		enum answer answer = elsewhere_ask(ps->d, where, m, &ps->dead[where]);

		there |= answer == ANSWER_THERE;
		q->unasked &= answer == ANSWER_UNWANTED;
		if ((answer != ANSWER_MISSING && answer != ANSWER_SILENT) || q->verdict)
			continue;
		q->verdict = PAIR_MISSING;
		q->where = (uint32_t)where;
		q->silent = answer == ANSWER_SILENT;
	}
	q->elsewhere = there;
}

static void settle_crc(struct pairs *ps, struct query *q, const struct pairing *p)
{
	const struct record *r = records_at(ps->d->records, p->found);
	const struct spooled *in = &r->extra->spooled;
	char path[RECORD_PATH_MAX];
	struct os_stat st;
	struct sym_err ignored;
	os_file file = OS_NO_FILE;

	record_path(r, path);
	if (!in->archive_len && os_open(NULL, path, OS_FOLLOW, &file, &st, &ignored) != SYM_OK)
		return; /* the delivery will say so */
	if (gzip_crc32(in->archive_len ? in->spool : file, in->offset, r->size, &q->crc32, &ignored) == SYM_OK &&
	    q->crc32 != p->crc32)
		q->verdict = PAIR_CRC;
	os_close_quietly(file);
}

static void settle_job(void *ctx, unsigned worker, size_t index)
{
	struct pairs *ps = ctx;
	struct query *q = &ps->queries[index];
	struct matter m;

	(void)worker;
	if (q->first == index) {
		matter_of(ps, q, &m);
		if (m.p.state == PAIRING_ANSWERED)
			settle_crc(ps, q, &m.p);
		else
			settle_missing(ps, q, &m);
	}
	atomic_fetch_add(&ps->done, 1);
}

static void tick(void *ctx)
{
	struct pairs *ps = ctx;
	struct run_progress p = {.phase = RUN_PAIRING,
				 .files = ps->count,
				 .files_done = atomic_load(&ps->done)};

	ps->d->options->progress(ps->d->options->progress_ctx, &p);
}

/* Before several threads ask it. */
static enum sym_status meet(struct pairs *ps, size_t where, struct sym_err *err)
{
	const struct destination *place = &ps->d->destinations[where];
	size_t questions = 0;

	for (size_t i = 0; i < ps->count; i++) {
		const struct query *q = &ps->queries[i];

		questions += q->first == i &&
			     elsewhere_is_asked(ps->d, where, records_at(ps->d->records, q->record));
	}
	if (questions == 0)
		return SYM_OK;
	if (delivery_meet(ps->d, where, err) != SYM_OK)
		return err->status;
	if (place->target->kind->expect)
		place->target->kind->expect(place->target, questions);
	return SYM_OK;
}

static enum sym_status settle(struct pairs *ps, struct sym_err *err)
{
	struct crew *crew;

	if (ps->count == 0)
		return SYM_OK;
	for (size_t i = 0; i < ps->d->destination_count; i++)
		if (meet(ps, i, err) != SYM_OK)
			return err->status;
	crew = crew_start(ps->d->workers, 0, settle_job, ps);
	if (!crew)
		return err_set(err, SYM_NOMEM, "cannot start a thread");
	crew_allow(crew, ps->count);
	crew_finish(crew, ps->d->options->progress ? tick : NULL, ps);
	return stop_check(err);
}

/* -------------------------------------------------------------- telling -- */

/* What is to be said of the target: nothing, where there is but one, and it answered. */
static void add_where(const struct pairs *ps, const struct query *q, struct buf *out)
{
	const struct destination *place = &ps->d->destinations[q->where];

	if (q->silent && (q->elsewhere || !place->target->kind->takes_keyless))
		buf_printf(out, ", and %s does not say whether it has it", place->shown);
	else if (q->elsewhere)
		buf_printf(out, ", nor in %s", place->shown);
}

static void add_crc(struct buf *out, const struct query *q, const struct pairing *p, const char *path)
{
	buf_printf(out, "its %s has the right build-id, but CRC %08x and not %08x, as .gnu_debuglink has "
			"it: changed or damaged since: %s",
		   p->name, (unsigned)q->crc32, (unsigned)p->crc32, path);
}

static void tell_pair(struct pairs *ps, const struct query *query, const char *path,
		      const struct pairing *p)
{
	const struct query *q = &ps->queries[query->first];
	const struct record *r = records_at(ps->d->records, query->record);
	struct buf text = BUF_MAX(TEXT_BYTES_MAX), where = BUF_MAX(WHERE_BYTES_MAX);
	char found[RECORD_PATH_MAX];
	struct flawed f = {.path = path, .archive_len = record_archive_len(r), .member = r->extra->member,
			   .repeated = q != query, .pair = p};

	if (p->state != PAIRING_ALONE) {
		record_path(records_at(ps->d->records, p->found), found);
		f.found_path = found;
	}
	if (q->verdict == PAIR_CRC) {
		f.flaw = FLAW_CRC;
		add_crc(&text, q, p, found);
	} else {
		f.flaw = flaw_of_pairing(p);
		add_where(ps, q, &where);
		flaw_add_pairing(&text, p, record_name(r), r->id_count > 1, where.data ? where.data : "",
				 f.found_path);
	}
	f.text = text.data ? text.data : "";
	tell_flawed(ps->teller, &f);
	buf_release(&text);
	buf_release(&where);
}

/* What the slice itself lacks, even together with its companion. */
static unsigned own_flaws(const struct sym_identity *id, const struct pairing *p, bool unasked)
{
	unsigned flaws = flaws_of(id, id->has | (p->state == PAIRING_ANSWERED ? p->found_id.has : 0));

	if (p->state != PAIRING_UNWANTED && !p->weak && !unasked)
		flaws &= ~(1u << FLAW_NO_DEBUG); /* it is the other one that lacks */
	return flaws;
}

/* Those of `flaws` that were not told of the file for an earlier slice. */
static void tell_flaws(struct pairs *ps, const struct record *r, const char *path,
		       const struct sym_identity *id, unsigned flaws, unsigned *told)
{
	for (unsigned i = 0; i < FLAW_COUNT; i++) {
		struct flawed f = {.path = path,
				   .archive_len = record_archive_len(r),
				   .member = r->extra->member,
				   .flaw = (enum flaw)i,
				   .text = flaw_text((enum flaw)i, id)};

		if (flaws & ~*told & 1u << i)
			tell_flawed(ps->teller, &f);
	}
	*told |= flaws;
}

static bool is_delivered(const struct record *r)
{
	for (const struct result *result = r->results; result; result = result->next)
		if (result->paths > 0)
			return true;
	return false;
}

/* `next`: the first query that was not told yet. */
static void tell_record(struct pairs *ps, size_t number, size_t *next)
{
	const struct record *r = records_at(ps->d->records, number);
	struct slices slices = record_slices(r);
	struct sym_identity id;
	unsigned told = is_delivered(r) ? 0 : UINT_MAX;
	char path[RECORD_PATH_MAX];

	if (!(r->roles & (1u << ROLE_WANTS | 1u << ROLE_FLAWED)))
		return;
	record_path(r, path);
	while (slices_next(&slices, &id)) {
		const struct query *q = *next < ps->count ? &ps->queries[*next] : NULL;
		struct pairing p; /* large: not to be cleared for each file */
		bool unasked = false;

		p.state = PAIRING_UNWANTED;
		if (ps->index)
			pairing_find(ps->index, number, &id, &p);
		if (q && q->record == number && q->slice == slices.number) {
			(*next)++;
			unasked = ps->queries[q->first].unasked;
			if (ps->queries[q->first].verdict != PAIR_FINE)
				tell_pair(ps, q, path, &p);
		}
		tell_flaws(ps, r, path, &id, own_flaws(&id, &p, unasked), &told);
	}
}

enum sym_status pairs_check(struct delivery *d, struct teller *t, struct sym_err *err)
{
	struct pairs ps = {.d = d, .teller = t};
	size_t next = 0;
	enum sym_status status = SYM_OK;

	ps.dead = calloc(d->destination_count, sizeof *ps.dead);
	if (!ps.dead)
		status = err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK)
		status = collect(&ps, err);
	if (status == SYM_OK)
		status = settle(&ps, err);
	for (size_t i = 0; i < d->records->count && status == SYM_OK; i++)
		tell_record(&ps, i, &next);
	pair_index_free(ps.index);
	free(ps.queries);
	free(ps.wanted);
	free(ps.dead);
	return status;
}
