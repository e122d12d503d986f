/* SPDX-License-Identifier: MIT
 * Debug information is found in two lists of record numbers. One goes by identifier, for what
 * fits; the other by name, for what nearly does, and of one name no further than a ceiling: a
 * store of many builds has it thousands of times. */
#include "pipeline/pairs/pairing.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/keyed.h"
#include "base/limits.h"
#include "base/text.h"
#include "key/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How near a file of the right name comes: the sum of what holds. Its GUID counts for more
 * than all the rest. */
enum { NEAR_SKIPPED = 1, NEAR_BUILD = 2, NEAR_FOLDER = 3, NEAR_AGE = 6 };

/* Records by hash, those of one hash in their order. */
struct list {
	struct keyed *rows; /* NULL: not made yet */
	size_t count;
};

struct pair_index {
	const struct records *records;
	struct list ids, names;
};

static bool list_init(struct list *l, size_t most)
{
	l->rows = malloc((most + 1) * sizeof *l->rows);
	return l->rows != NULL;
}

static void list_add(struct list *l, uint64_t hash, size_t record)
{
	l->rows[l->count++] = (struct keyed){.key = hash, .number = (uint32_t)record};
}

/* The first row of `hash`, or the one behind `at`; NULL where there is none. */
static const struct keyed *list_next(const struct list *l, uint64_t hash, const struct keyed *at)
{
	const struct keyed *row = at ? at + 1 : keyed_find(l->rows, l->count, hash);

	return row < l->rows + l->count && row->key == hash ? row : NULL;
}

/* ----------------------------------------------------------------- keys -- */

/* What both sides of a pair have alike. A portable PDB is asked for by its GUID alone. */
static uint64_t hash_of_id(const struct sym_debug_id *debug)
{
	uint64_t words[2];

	memcpy(words, debug->guid, sizeof words);
	return hash_number(hash_number(hash_number(HASH_START, words[0]), words[1]),
			   debug->form == SYM_DEBUG_PORTABLE ? 0 : debug->age);
}

/* Windows does not tell letter case apart; others are compared once more. */
static uint64_t hash_of_name(const char *name)
{
	char folded[SYM_NAME_MAX + 8];

	text_put(folded, folded + sizeof folded, name);
	text_lower_all(folded);
	return hash_text(HASH_START, folded);
}

bool pairing_carries(const struct sym_identity *id)
{
	switch (id->kind) {
	case SYM_PDB:
	case SYM_PORTABLE_PDB:
	case SYM_BREAKPAD:
		return true;
	case SYM_PE: /* the unstripped twin of one that mingw's strip was at */
		return id->has & SYM_HAS_DEBUG && id->debug.form != SYM_DEBUG_NONE;
	case SYM_ELF:
	case SYM_MACHO:
	case SYM_WASM:
		return (id->traits & SYM_COMPANION) != 0 || (id->has & SYM_HAS_DEBUG) != 0;
	default:
		return false;
	}
}

/* ---------------------------------------------------------------- index -- */

/* Is it worth finding by its name, if only to say that it is not the one? */
static bool counts_by_name(const struct record *r)
{
	struct slices slices = record_slices(r);
	struct sym_identity id;

	if (r->id_count == 0)
		return r->extra->problem && r->extra->problem->status != SYM_NOT_MINE;
	while (slices_next(&slices, &id))
		if (pairing_carries(&id) && id.kind != SYM_BREAKPAD)
			return true;
	return false;
}

static void add_ids(struct pair_index *index, size_t number)
{
	const struct record *r = records_at(index->records, number);
	struct slices slices = record_slices(r);
	struct sym_identity id;

	while (r->roles & 1u << ROLE_CARRIES && slices_next(&slices, &id))
		if (pairing_carries(&id))
			list_add(&index->ids, hash_of_id(&id.debug), number);
}

enum sym_status pair_index_new(const struct records *records, struct pair_index **out,
			       struct sym_err *err)
{
	struct pair_index *index = calloc(1, sizeof *index);

	if (!index || !list_init(&index->ids, records_slices(records, ROLE_CARRIES))) {
		pair_index_free(index);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	index->records = records;
	for (size_t i = 0; i < records->count; i++)
		add_ids(index, i);
	keyed_sort(index->ids.rows, index->ids.count);
	*out = index;
	return SYM_OK;
}

enum sym_status pair_index_names(struct pair_index *index, struct sym_err *err)
{
	size_t count = 0;

	for (size_t i = 0; i < index->records->count; i++)
		count += counts_by_name(records_at(index->records, i));
	if (!list_init(&index->names, count))
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < index->records->count; i++) {
		const struct record *r = records_at(index->records, i);

		if (counts_by_name(r))
			list_add(&index->names, hash_of_name(record_name(r)), i);
	}
	keyed_sort(index->names.rows, index->names.count);
	return SYM_OK;
}

void pair_index_free(struct pair_index *index)
{
	if (!index)
		return;
	free(index->ids.rows);
	free(index->names.rows);
	free(index);
}

/* --------------------------------------------------------------- wanted -- */

/* The file with the DWARF of a stripped image: .gnu_debuglink says that there is one, and how it
 * is called. */
static void wanted_dwarf(const struct sym_want *link, const char *file, struct pairing *p)
{
	p->wanted.traits = SYM_COMPANION;
	p->unnamed = !link;
	if (link)
		snprintf(p->name, sizeof p->name, "%s", link->name);
	else
		snprintf(p->name, sizeof p->name, "%.*s.debug", SYM_NAME_MAX, file);
	p->has_crc32 = link && link->has_crc32;
	p->crc32 = p->has_crc32 ? link->crc32 : 0;
}

static void wanted_pdb(const struct sym_want *want, const char *file, struct pairing *p)
{
	p->wanted.debug = want->debug;
	p->wanted.kind = want->debug.form == SYM_DEBUG_PORTABLE ? SYM_PORTABLE_PDB : SYM_PDB;
	if (want->name[0])
		snprintf(p->name, sizeof p->name, "%s", want->name);
	else
		key_pdb_of(file, p->name);
}

/* mingw's ld makes an identifier, and names no PDB by it: gdb looks for DWARF. */
static bool wanted_by_pe(const struct sym_identity *image, const char *file, struct pairing *p)
{
	const struct sym_want *want = image->wants_count ? &image->wants[0] : NULL;

	if (image->debug.form == SYM_DEBUG_NONE)
		return false;
	p->wanted.code.form = SYM_CODE_NONE;
	p->weak = !want;
	if (want && !want->has_crc32)
		wanted_pdb(want, file, p);
	else
		wanted_dwarf(want, file, p);
	return true;
}

/* What a linker never leaves out, the symbol table, says that there is a companion, too, where
 * it is gone. */
static bool wanted_by_elf(const struct sym_identity *image, const char *file, struct pairing *p)
{
	const struct sym_want *link = image->wants_count ? &image->wants[0] : NULL;

	if (image->code.form != SYM_CODE_BYTES)
		return false; /* no reader could ask for it */
	p->weak = !link && image->has & SYM_HAS_SYMBOLS;
	wanted_dwarf(link, file, p);
	return true;
}

/* Without the dwz file gdb reads none of the debug information that names it. */
static bool wanted_dwz(const struct sym_want *want, struct pairing *p)
{
	p->wanted.traits = SYM_COMPANION;
	p->wanted.has = SYM_HAS_DEBUG;
	p->wanted.name[0] = '\0';
	p->wanted.code = want->code;
	p->wanted.debug = want->debug;
	p->dwz = true;
	snprintf(p->name, sizeof p->name, "%s", want->name);
	return true;
}

static bool wanted_dsym(const char *file, struct pairing *p)
{
	p->wanted.kind = SYM_MACHO;
	p->wanted.traits = SYM_COMPANION | SYM_DSYM;
	snprintf(p->name, sizeof p->name, "%.*s", SYM_NAME_MAX, file);
	return true;
}

/* By external_debug_info. Whoever splits a module leaves both parts its build_id. */
static bool wanted_by_wasm(const struct sym_want *want, struct pairing *p)
{
	if (!want || p->wanted.code.form != SYM_CODE_BYTES)
		return false;
	p->wanted.traits = SYM_COMPANION;
	snprintf(p->name, sizeof p->name, "%s", want->name);
	return true;
}

bool pairing_wanted(const struct sym_identity *image, const char *file, struct pairing *out)
{
	const struct sym_want *last = image->wants_count ? &image->wants[image->wants_count - 1] : NULL;
	bool dwz = last && last->code.form;

	out->state = PAIRING_UNWANTED;
	out->weak = out->unnamed = out->dwz = out->has_crc32 = out->has_sym = false;
	if (!dwz && (!(image->traits & SYM_IMAGE) || image->traits & SYM_DATA_ONLY || image->has & SYM_HAS_DEBUG))
		return false;
	memcpy(&out->wanted, image, offsetof(struct sym_identity, wants_count));
	out->wanted.wants_count = 0;
	out->wanted.whole_file = true;
	if (dwz)
		return wanted_dwz(last, out);
	switch (image->kind) {
	case SYM_PE:
		return wanted_by_pe(image, file, out);
	case SYM_ELF:
		return wanted_by_elf(image, file, out);
	case SYM_MACHO:
		return wanted_dsym(file, out);
	case SYM_WASM:
		return wanted_by_wasm(last, out);
	default:
		return false;
	}
}

/* -------------------------------------------------------------- finding -- */

static bool same_guid(const struct sym_debug_id *a, const struct sym_debug_id *b)
{
	return memcmp(a->guid, b->guid, sizeof a->guid) == 0;
}

static bool same_debug_id(const struct sym_debug_id *a, const struct sym_debug_id *b)
{
	return a->form == b->form && same_guid(a, b) &&
	       (a->form == SYM_DEBUG_PORTABLE || a->age == b->age);
}

static bool same_code_id(const struct sym_code_id *a, const struct sym_code_id *b)
{
	return a->form == b->form && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool is_pdb(enum sym_kind kind)
{
	return kind == SYM_PDB || kind == SYM_PORTABLE_PDB;
}

/* Is `id` the debug information that is wanted? */
static bool answers(const struct pairing *p, const struct sym_identity *id)
{
	switch (id->kind) {
	case SYM_PDB:
	case SYM_PORTABLE_PDB:
		return (id->kind == p->wanted.kind || p->wanted.kind == SYM_PE) &&
		       same_debug_id(&id->debug, &p->wanted.debug);
	case SYM_PE:
		return (is_pdb(p->wanted.kind) || p->wanted.kind == SYM_PE) &&
		       same_debug_id(&id->debug, &p->wanted.debug);
	case SYM_ELF:
	case SYM_MACHO:
	case SYM_WASM:
		return id->kind == p->wanted.kind && same_code_id(&id->code, &p->wanted.code);
	default:
		return false;
	}
}

/* Takes the slice of a record into the pairing, if it is better than what is there; true
 * where nothing better can come. */
static bool consider(const struct record *r, size_t number, const struct sym_identity *id,
		     struct pairing *p)
{
	bool by_name = is_pdb(p->wanted.kind);
	bool fits;

	if (!pairing_carries(id))
		return false;
	if (id->kind == SYM_BREAKPAD && !p->has_sym && same_debug_id(&id->debug, &p->wanted.debug)) {
		p->has_sym = true;
		p->sym = number;
		p->sym_id = *id;
	}
	if (!answers(p, id))
		return false;
	fits = !by_name || id->kind == SYM_PE || text_same_nocase(record_name(r), p->name);
	if (!fits && p->state == PAIRING_OTHER_NAME)
		return false;
	p->state = fits ? PAIRING_ANSWERED : PAIRING_OTHER_NAME;
	p->found = number;
	p->found_id = *id;
	return fits;
}

static void find_by_id(const struct pair_index *pairs, struct pairing *p)
{
	uint64_t hash = hash_of_id(&p->wanted.debug);

	for (const struct keyed *at = NULL; (at = list_next(&pairs->ids, hash, at));) {
		const struct record *r = records_at(pairs->records, at->number);
		struct slices slices = record_slices(r);
		struct sym_identity id;

		while (slices_next(&slices, &id))
			if (consider(r, at->number, &id, p))
				return;
	}
}

/* Could it be taken for the one that is wanted: the same kind of file for the same machine? */
static bool is_alike(const struct pairing *p, const struct sym_identity *id)
{
	bool pdb = is_pdb(id->kind);

	if (!pairing_carries(id) || pdb != is_pdb(p->wanted.kind) || (!pdb && id->kind != p->wanted.kind))
		return false;
	return id->arch == p->wanted.arch || id->arch == SYM_ARCH_UNKNOWN ||
	       id->kind == SYM_PORTABLE_PDB;
}

/* How near does a record of the right name come? 0: not at all. */
static unsigned nearness(const struct record *r, const struct pairing *p,
			 enum pairing_state *state, struct sym_identity *id)
{
	struct slices slices = record_slices(r);
	struct sym_identity other;
	unsigned best = r->id_count == 0 ? NEAR_SKIPPED : 0;

	*state = PAIRING_SKIPPED;
	while (slices_next(&slices, &other)) {
		bool age = other.kind == SYM_PDB && same_guid(&other.debug, &p->wanted.debug);
		unsigned near = age ? NEAR_AGE : NEAR_BUILD;

		if (!is_alike(p, &other) || near <= best)
			continue;
		best = near;
		*state = age ? PAIRING_OTHER_AGE : PAIRING_OTHER_BUILD;
		*id = other;
	}
	return best;
}

static void find_by_name(const struct pair_index *pairs, const struct record *image, const char *name,
			 struct pairing *p)
{
	uint64_t hash = hash_of_name(name);
	unsigned best = 0, looked = 0;

	for (const struct keyed *at = NULL;
	     (at = list_next(&pairs->names, hash, at)) && looked < PAIR_NAMES_MAX; looked++) {
		const struct record *r = records_at(pairs->records, at->number);
		enum pairing_state state;
		struct sym_identity id;
		unsigned near;

		if (!text_same_nocase(record_name(r), name))
			continue;
		near = nearness(r, p, &state, &id);
		if (near && strcmp(r->folder, image->folder) == 0)
			near += NEAR_FOLDER;
		if (near <= best)
			continue;
		best = near;
		p->state = state;
		p->found = at->number;
		if (state != PAIRING_SKIPPED)
			p->found_id = id;
	}
}

void pairing_find(const struct pair_index *pairs, size_t index, const struct sym_identity *image,
		  struct pairing *out)
{
	const struct record *r = records_at(pairs->records, index);

	if (!pairing_wanted(image, r->name, out))
		return;
	out->state = PAIRING_ALONE;
	find_by_id(pairs, out);
	if (out->state == PAIRING_ALONE && pairs->names.rows)
		find_by_name(pairs, r, out->name, out);
	if (out->state == PAIRING_ALONE && pairs->names.rows && out->unnamed)
		find_by_name(pairs, r, r->name, out); /* the unstripped one, as Android's builds keep it */
}
