/* SPDX-License-Identifier: MIT */
#include "pipeline/verify/judge.h"

#include "base/err.h"
#include "base/text.h"
#include "key/asked.h"
#include "pipeline/place.h"
#include "pipeline/verify/pointer.h"
#include "target/digest.h"

#include <inttypes.h>
#include <string.h>

const char *verdict_word(enum verdict verdict)
{
	static const char *const words[VERDICT_COUNT] = {
		"fine",       "misplaced", "damaged", "missing", "changed",
		"unreadable", "unchecked", "other",   "own",
	};

	return words[verdict];
}

bool verdict_is_fault(enum verdict verdict)
{
	return verdict >= VERDICT_MISPLACED && verdict <= VERDICT_UNREADABLE;
}

/* ------------------------------------------------------------- likeness -- */

static bool same_part(const char *a, size_t a_len, const char *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && a_len == b_len; i++)
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	return a_len == b_len;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Of two identifiers: 2 where they look alike, digit for digit; 1 where only their letter case
 * is another; else 0. */
static unsigned alike(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned sum = 2;

	if (a_len != b_len)
		return 0;
	for (size_t i = 0; i < a_len; i++) {
		bool a_digit = a[i] >= '0' && a[i] <= '9', b_digit = b[i] >= '0' && b[i] <= '9';

		if (text_lower(a[i]) != text_lower(b[i]) &&
		    (text_hex_value(a[i]) < 0 || text_hex_value(b[i]) < 0))
			return 0;
		if (!a_digit && !b_digit && is_capital(a[i]) != is_capital(b[i]))
			sum = 1;
	}
	return sum;
}

unsigned place_likeness(const char *place, const char *path)
{
	enum { FIRST = 8, LAST = 4 };
	unsigned sum = 0;

	for (bool first = true;; first = false) {
		size_t a = strcspn(place, "/"), b = strcspn(path, "/");
		bool last = !place[a] && !path[b];

		sum += alike(place, a, path, b);
		if ((first || last) && same_part(place, a, path, b))
			sum += first ? FIRST : LAST;
		if (!place[a] || !path[b])
			return sum;
		place += a + 1;
		path += b + 1;
	}
}

/* -------------------------------------------------------------- judging -- */

enum { ALL_BUT_CASE = 1000 }; /* likeness of paths that differ in letter case alone */

/* One file that is being judged. */
struct judging {
	const struct place *place;
	const char *file;        /* its name */
	char member[SYM_NAME_MAX + 1]; /* name of the file inside a compressed one, else "" */
	struct judgement *out;
	bool exact;              /* a reader asks for it here */
	unsigned best;           /* likeness of out->belongs */
	struct sym_err unplaced; /* why a slice has no path; SYM_OK: all have one */
};

static void consider(struct judging *j, const struct sym_identity *id, const struct parcel_path *at)
{
	struct judgement *out = j->out;
	unsigned likeness;

	if (strcmp(at->path, j->place->key) == 0) {
		j->exact = true;
		out->kind = id->kind;
		out->readers |= at->readers;
		out->has |= id->has;
		return;
	}
	likeness = text_same_nocase(at->path, j->place->key) ? ALL_BUT_CASE
							      : place_likeness(j->place->key, at->path);
	if (out->belongs[0] && likeness <= j->best)
		return;
	j->best = likeness;
	out->odd = likeness == ALL_BUT_CASE;
	memcpy(out->belongs, at->path, sizeof out->belongs);
}

static void consider_all(struct judging *j, const struct sym_identity *id, const char *member)
{
	struct parcel p;
	struct sym_err why;

	if (place_identity(id, j->file, member, j->place->readers, j->place->two_tier, &p, &why) !=
	    SYM_OK) {
		j->unplaced = why;
		return;
	}
	for (size_t i = 0; i < p.count; i++)
		consider(j, id, &p.at[i]);
}

/* x.pdb of …/x.pdb/KEY/x.pd_: readers unpack what lies there, whatever the name inside. */
static bool unpacked_name(const struct judging *j, char out[SYM_NAME_MAX + 1])
{
	size_t len = strlen(j->file), used = (size_t)(j->file - j->place->key), slashes = 0;
	const char *name = j->place->key + used;

	while (name > j->place->key && slashes < 3)
		slashes += *--name == '/';
	name += slashes == 3;
	if (slashes < 2 || len > SYM_NAME_MAX || strcspn(name, "/") != len ||
	    !same_part(name, len - 1, j->file, len - 1))
		return false;
	memcpy(out, name, len);
	out[len] = '\0';
	return true;
}

static enum sym_status take_slice(void *ctx, const struct sym_identity *id)
{
	struct judging *j = ctx;
	bool compressed = j->member[0] != '\0';
	char name[SYM_NAME_MAX + 1];

	if (j->out->kind == SYM_KIND_NONE)
		j->out->kind = id->kind;
	consider_all(j, id, compressed ? j->member : NULL);
	if (compressed && !j->exact && unpacked_name(j, name))
		consider_all(j, id, name);
	return SYM_OK;
}

/* Has the path the form of one that readers ask for, whatever lies there? */
static bool is_asked_for(const char *key)
{
	struct key_asked asked;

	return key_asked_path(key, &asked) && asked.id.kind != SYM_KIND_NONE;
}

/* A .sym does not tell how long it is; but what dump_syms writes ends with its last line. */
static void look_at_end(os_file file, uint64_t size, struct judgement *out)
{
	char last;
	size_t got;
	struct sym_err ignored;

	if (os_read_at(file, size - 1, &last, 1, &got, &ignored) != SYM_OK || got != 1 || last == '\n')
		return;
	out->odd = true;
	err_at(&out->why, SYM_MALFORMED, size, "its last line does not end: it may be cut short");
}

/* Of a file that was identified. */
static enum verdict by_place(struct judging *j)
{
	struct judgement *out = j->out;

	if (j->exact) {
		out->odd = false;
		out->belongs[0] = '\0';
		return VERDICT_FINE;
	}
	if (out->odd) {
		err_set(&out->why, SYM_NOT_FOUND, "readers to whom letter case matters ask for another path");
		return VERDICT_FINE;
	}
	if (out->belongs[0]) {
		err_set(&out->why, SYM_NOT_FOUND, "no reader asks for it here");
		return VERDICT_MISPLACED;
	}
	out->why = j->unplaced;
	return out->why.status == SYM_REFUSED || is_asked_for(j->place->key) ? VERDICT_MISPLACED
									       : VERDICT_OTHER;
}

/* Of a file that was not: what its path promises is what it is held to. */
static enum verdict by_status(const struct judging *j)
{
	bool shaped = is_asked_for(j->place->key);

	switch (j->out->why.status) {
	case SYM_MALFORMED:
		return VERDICT_DAMAGED;
	case SYM_NOT_MINE:
		return shaped ? VERDICT_DAMAGED : VERDICT_OTHER;
	case SYM_NO_KEY:
		return shaped ? VERDICT_MISPLACED : VERDICT_OTHER;
	case SYM_UNSUPPORTED:
	case SYM_TOO_BIG:
		return shaped ? VERDICT_UNCHECKED : VERDICT_OTHER;
	default:
		return VERDICT_UNREADABLE;
	}
}

void judge_file(struct probe *probe, os_file file, uint64_t size, const struct place *place,
		struct judgement *out)
{
	struct judging j = {.place = place, .file = text_file_name(place->key), .out = out};
	struct identity_sink sink = {.found = take_slice, .ctx = &j};
	struct sym_err why;
	enum sym_status status;

	*out = (struct judgement){.kind = SYM_KIND_NONE};
	status = probe_part(probe, file, 0, size, &sink, j.member, &why);
	memcpy(out->member, j.member, sizeof out->member);
	if (status == SYM_OK) {
		out->verdict = by_place(&j);
		if (j.exact && out->kind == SYM_BREAKPAD && !out->member[0])
			look_at_end(file, size, out);
		return;
	}
	out->why = why;
	out->verdict = by_status(&j);
	out->kind = SYM_KIND_NONE;
	out->readers = out->has = 0;
	out->odd = false;
	out->belongs[0] = '\0';
}

void judge_unopened(const struct sym_err *why, struct judgement *out)
{
	*out = (struct judgement){.verdict = VERDICT_UNREADABLE, .why = *why};
}

/* --------------------------------------------------- by path and receipt -- */

/* A file that the store has for itself, or one in a folder of these? */
static bool is_the_stores_own(const char *key)
{
	char part[SYM_NAME_MAX + 1];

	for (;;) {
		size_t len = strcspn(key, "/");

		if (len <= SYM_NAME_MAX) {
			memcpy(part, key, len);
			part[len] = '\0';
			if (key_is_the_stores_own(part))
				return true;
		}
		if (!key[len])
			return false;
		key += len + 1;
	}
}

/* Of what is the store's own, file.ptr alone can be wrong. */
static void judge_own(const char *path, struct judgement *out)
{
	os_file file;
	struct os_stat st;
	enum sym_status status;

	*out = (struct judgement){.verdict = VERDICT_OWN};
	if (!text_same_nocase(text_file_name(path), "file.ptr"))
		return;
	if (os_open(NULL, path, OS_FOLLOW, &file, &st, &out->why) != SYM_OK) {
		out->verdict = VERDICT_UNREADABLE;
		return;
	}
	status = pointer_check(file, &out->why);
	os_close_quietly(file);
	if (status == SYM_OK)
		out->why.status = SYM_OK;
	else if (status == SYM_UNSUPPORTED)
		out->verdict = VERDICT_UNCHECKED;
	else if (status == SYM_MALFORMED || status == SYM_NOT_FOUND)
		out->verdict = VERDICT_DAMAGED;
	else
		out->verdict = VERDICT_UNREADABLE;
}

/* Are these the bytes of the receipt? Where they are not, `why` says so. */
static enum sym_status compare(struct judge *j, os_file file, uint64_t size, const struct expected *e,
			       struct sym_err *why)
{
	uint8_t sha256[32];
	const void *ignored;
	enum sym_status status = SYM_OK;

	if (size != e->size)
		return err_set(why, SYM_CHANGED, "it has %" PRIu64 " bytes, %" PRIu64 " by the receipt", size,
			       e->size);
	if (!e->has_sha256)
		return SYM_OK;
	if (!j->hasher)
		j->hasher = hasher_new();
	status = j->hasher ? hasher_file(j->hasher, file, 0, size, sha256, &ignored, why)
			   : err_set(why, SYM_NOMEM, "out of memory");
	if (status == SYM_OK && memcmp(sha256, e->sha256, sizeof sha256) != 0)
		status = err_set(why, SYM_CHANGED, "its SHA-256 is not the receipt's: other bytes");
	return status;
}

static void judge_open(struct judge *j, os_file file, uint64_t size, const struct place *place,
		       const struct expected *e, struct judgement *out)
{
	enum sym_status status;

	judge_file(j->probe, file, size, place, out);
	if (!e->any)
		return;
	/* What the receipt says comes first: other bytes may well be damaged ones. */
	status = compare(j, file, size, e, &out->why);
	if (status != SYM_OK)
		out->verdict = status == SYM_CHANGED ? VERDICT_CHANGED : VERDICT_UNREADABLE;
}

void judge_path(struct judge *j, const char *path, const struct place *place, const struct expected *e,
		struct os_stat *st, struct judgement *out)
{
	struct sym_err err;
	os_file file;
	enum sym_status status;

	if (is_the_stores_own(place->key)) {
		judge_own(path, out);
		return;
	}
	status = os_open(NULL, path, OS_FOLLOW, &file, st, &err);
	if (status == SYM_OK) {
		judge_open(j, file, st->size, place, e, out);
		os_close_quietly(file);
		return;
	}
	judge_unopened(&err, out);
	if (!e->any || status != SYM_NOT_FOUND)
		return;
	out->verdict = VERDICT_MISSING;
	err_set(&out->why, SYM_NOT_FOUND, "nothing is there, %" PRIu64 " bytes by the receipt", e->size);
}
