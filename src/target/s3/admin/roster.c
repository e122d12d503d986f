/* SPDX-License-Identifier: MIT
 * Who is there: a listing of 000Admin, read by its keys alone. */
#include "target/s3/admin/admin.h"

#include "base/array.h"
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define MARKERS "removing/"

static const struct {
	const char *ending;
	unsigned state;
} states[] = {
	{"", ROSTER_WRITTEN},        {".begun", ROSTER_BEGUN},     {".dead", ROSTER_DEAD},
	{".going", ROSTER_GOING},    {".deleted", ROSTER_DELETED},
};

struct reading {
	struct roster *roster;
	size_t prefix; /* bytes of what stands before the names */
};

/* The keys of one number follow each other. */
static struct roster_number *number_of(struct roster *r, uint64_t id)
{
	void *larger;

	if (r->count > 0 && r->numbers[r->count - 1].id == id)
		return &r->numbers[r->count - 1];
	larger = array_fit(r->numbers, &r->room, r->count + 1, sizeof *r->numbers);
	if (!larger) {
		r->full = true;
		return NULL;
	}
	r->numbers = larger;
	r->numbers[r->count] = (struct roster_number){.id = id};
	return &r->numbers[r->count++];
}

static void note_marker(struct roster *r, const char *name, int64_t modified_s)
{
	size_t len = strlen(name);
	void *larger;

	if (len >= MARKER_MAX)
		return;
	larger = array_fit(r->markers, &r->marker_room, r->marker_count + 1, sizeof *r->markers);
	if (!larger) {
		r->full = true;
		return;
	}
	r->markers = larger;
	memcpy(r->markers[r->marker_count].name, name, len + 1);
	r->markers[r->marker_count++].signed_s = modified_s;
}

static void note_number(struct roster *r, const char *name, int64_t modified_s)
{
	size_t digits = strcspn(name, ".");
	uint64_t id = digits == 10 ? admin_number(name, digits) : 0;
	struct roster_number *n;

	for (size_t i = 0; id && i < ARRAY_LEN(states); i++) {
		if (strcmp(name + digits, states[i].ending) != 0)
			continue;
		n = number_of(r, id);
		if (!n)
			return;
		n->states |= states[i].state;
		if (states[i].state == ROSTER_BEGUN)
			n->begun_s = modified_s;
		if ((states[i].state & (ROSTER_GOING | ROSTER_DELETED)) && modified_s > r->removed_s)
			r->removed_s = modified_s;
		r->last = id > r->last ? id : r->last;
	}
}

static void note(void *ctx, const struct s3_object *object)
{
	const struct reading *reading = ctx;
	const char *name = object->key + reading->prefix;

	if (strlen(object->key) <= reading->prefix)
		return;
	if (strncmp(name, MARKERS, strlen(MARKERS)) == 0)
		note_marker(reading->roster, name, object->modified_s);
	else
		note_number(reading->roster, name, object->modified_s);
}

static int by_number(const void *a, const void *b)
{
	const struct roster_number *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* One row a number, in their order, though a server may list as it likes. */
static void put_in_order(struct roster *r)
{
	size_t kept = 0;

	if (r->count > 0)
		qsort(r->numbers, r->count, sizeof *r->numbers, by_number);
	for (size_t i = 0; i < r->count; i++) {
		if (kept > 0 && r->numbers[kept - 1].id == r->numbers[i].id) {
			r->numbers[kept - 1].states |= r->numbers[i].states;
			if (r->numbers[i].states & ROSTER_BEGUN)
				r->numbers[kept - 1].begun_s = r->numbers[i].begun_s;
		} else {
			r->numbers[kept++] = r->numbers[i];
		}
	}
	r->count = kept;
}

enum sym_status s3_roster_read(struct s3 *s, struct roster *out, struct sym_err *err)
{
	char key[S3_KEY_MAX + 1];
	struct reading reading = {.roster = out};
	struct s3_pages pages = {.prefix = key, .each = note, .ctx = &reading, .more = true};
	enum sym_status status = s3_key(s, ADMIN_FOLDER "/", key, err);

	*out = (struct roster){0};
	reading.prefix = strlen(key);
	while (status == SYM_OK && pages.more) {
		status = s3_list_page(s, &pages, err);
		if (pages.date_s)
			out->now_s = pages.date_s;
	}
	s3_pages_release(&pages);
	if (status == SYM_OK && out->full)
		status = err_set(err, SYM_NOMEM, "out of memory");
	if (!out->now_s)
		out->now_s = os_time_s();
	put_in_order(out);
	return status == SYM_OK || status == SYM_CANCELLED ? status : err_prefix(err, ADMIN_FOLDER);
}

void s3_roster_release(struct roster *r)
{
	free(r->numbers);
	free(r->markers);
	*r = (struct roster){0};
}

/* A removal that was killed may have left two manifests of one number: it was begun then. */
bool s3_roster_goes(const struct roster_number *n)
{
	return n->states & ROSTER_GOING;
}

bool s3_roster_lives(const struct roster_number *n)
{
	return (n->states & ROSTER_WRITTEN) && !(n->states & (ROSTER_GOING | ROSTER_DELETED));
}

bool s3_roster_is_claimed(const struct roster_number *n)
{
	return n->states == ROSTER_BEGUN;
}

bool s3_roster_is_dead_claim(const struct roster *r, const struct roster_number *n)
{
	return s3_roster_is_claimed(n) && r->now_s - n->begun_s >= RUN_DEAD_S;
}

bool s3_roster_is_dead_marker(const struct roster *r, const struct roster_marker *m)
{
	return r->now_s - m->signed_s >= REMOVAL_DEAD_S;
}

const char *s3_roster_manifest(const struct roster_number *n)
{
	if (n->states & ROSTER_GOING)
		return ".going";
	if (n->states & ROSTER_WRITTEN)
		return "";
	return n->states & ROSTER_DELETED ? ".deleted" : NULL;
}
