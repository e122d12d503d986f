/* SPDX-License-Identifier: MIT
 * Transactions go, and with them the files that no other one needs: those that no manifest of a living
 * one names. The order is: the marker; `.going` for each, and its manifest goes; its files; `.deleted`,
 * and `.going` goes; the marker. What is killed in between is finished by the next removal. */
#include "target/s3/admin/admin.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/stop.h"
#include "target/admin/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAUSE_MS = 500, /* and up to twice that again, before who waits looks anew */
	AT_ONCE = 16,   /* manifests on their way */
};

#define EMPTY "{}\n" /* the text of what counts by its name alone */

/* A path of a transaction that goes. */
struct doomed {
	uint64_t hash;
	uint64_t by; /* a living transaction that needs it, too; 0: none */
	bool told;
};

struct removing {
	struct s3 *s;
	struct removal *r;
	struct roster roster;
	char marker[MARKER_MAX];
	bool marked;
	uint64_t signed_ms;  /* when the last sign of life was begun, by os_now_ms … */
	int64_t signed_s;    /* … and by the clock, which goes on while a machine sleeps */
	struct table doomed;
	struct s3_discard discard;
	uint64_t id;         /* whose manifest is being read */
};

static bool is_asked_for(const struct removal *r, uint64_t id)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->ids[i] == id)
			return true;
	return false;
}

/* Asked for, or begun by a removal that was killed. */
static bool goes(const struct removing *g, const struct roster_number *n)
{
	return s3_roster_goes(n) || (s3_roster_lives(n) && is_asked_for(g->r, n->id));
}

static bool is_known(const struct removing *g, uint64_t id)
{
	for (size_t i = 0; i < g->roster.count; i++)
		if (g->roster.numbers[i].id == id)
			return s3_roster_lives(&g->roster.numbers[i]) || s3_roster_goes(&g->roster.numbers[i]);
	return false;
}

static enum sym_status check_asked(const struct removing *g, struct sym_err *err)
{
	for (size_t i = 0; i < g->r->count && !g->r->chosen; i++)
		if (!is_known(g, g->r->ids[i]))
			return err_set(err, SYM_NOT_FOUND, "there is no live transaction %" PRIu64 " in the store",
				       g->r->ids[i]);
	return SYM_OK;
}

/* -------------------------------------------------------------- being alone -- */

static uint64_t seconds_since_sign(const struct removing *g)
{
	int64_t by_clock = os_time_s() - g->signed_s;
	uint64_t counted = (os_now_ms() - g->signed_ms) / 1000;

	return by_clock > 0 && (uint64_t)by_clock > counted ? (uint64_t)by_clock : counted;
}

static enum sym_status put_marker(struct removing *g, struct sym_err *err)
{
	struct s3_body body = s3_body_of(EMPTY, strlen(EMPTY));

	g->signed_ms = os_now_ms();
	g->signed_s = os_time_s();
	g->s->until_ms = g->signed_ms + REMOVAL_STOPS_S * 1000;
	g->s->until_s = g->signed_s + REMOVAL_STOPS_S;
	g->marked = true;
	return s3_admin_put(g->s, g->marker, &body, err);
}

/* Deaf: also of a removal that was stopped nobody has to wait until it is taken for dead. */
static void drop_marker(struct removing *g)
{
	struct xfer *usual;
	struct sym_err ignored;

	g->s->until_ms = 0;
	if (!g->marked)
		return;
	usual = s3_deafen(g->s);
	(void)!s3_admin_delete(g->s, g->marker, &ignored);
	s3_hear(g->s, usual);
	g->marked = false;
}

/* Before anything is changed: runs trust that who gave no sign for so long does nothing any more. */
static enum sym_status may_go_on(void *ctx, struct sym_err *err)
{
	struct removing *g = ctx;

	if (g->r->plan)
		return stop_check(err);
	if (seconds_since_sign(g) >= REMOVAL_STOPS_S)
		return err_set(err, SYM_CHANGED, S3_STOOD_STILL);
	if (seconds_since_sign(g) >= REMOVAL_SIGNS_S && put_marker(g, err) != SYM_OK)
		return err->status;
	return stop_check(err);
}

/* Whom to wait for, or NULL. */
static const char *find_others(const struct removing *g)
{
	const struct roster *r = &g->roster;

	for (size_t i = 0; i < r->marker_count; i++)
		if (strcmp(r->markers[i].name, g->marker) != 0 && !s3_roster_is_dead_marker(r, &r->markers[i]))
			return "another removal";
	for (size_t i = 0; i < r->count; i++)
		if (s3_roster_is_claimed(&r->numbers[i]) && !s3_roster_is_dead_claim(r, &r->numbers[i]))
			return "a run that fills the store";
	return NULL;
}

/* Two that meet shall not meet again. */
static enum sym_status pause(struct sym_err *err)
{
	uint64_t random, until;

	os_random(&random, sizeof random);
	until = os_now_ms() + PAUSE_MS + random % (2 * PAUSE_MS);
	while (os_now_ms() < until && stop_check(err) == SYM_OK)
		admin_pause();
	return stop_check(err);
}

static enum sym_status look(struct removing *g, struct sym_err *err)
{
	s3_roster_release(&g->roster);
	return s3_roster_read(g->s, &g->roster, err);
}

static enum sym_status be_alone(struct removing *g, struct sym_err *err)
{
	const char *whom;
	/* Of who may delete nothing, not even the marker shall stay behind. */
	enum sym_status status = s3_admin_delete(g->s, g->marker, err);

	for (bool said = false; status == SYM_OK; said = true) {
		status = put_marker(g, err);
		if (status == SYM_OK)
			status = look(g, err);
		whom = status == SYM_OK ? find_others(g) : NULL;
		if (!whom)
			return status;
		status = s3_admin_delete(g->s, g->marker, err);
		g->marked = status != SYM_OK;
		if (!said && g->r->waiting)
			g->r->waiting(g->r->ctx, whom);
		if (status == SYM_OK)
			status = pause(err);
	}
	return status;
}

/* A claim that will be none, for good: the number is never given again. */
static enum sym_status bury(struct removing *g, const struct roster_number *n, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (s3_roster_is_dead_claim(&g->roster, n))
		status = s3_admin_put_state(g->s, n->id, ".dead", EMPTY, err);
	return status == SYM_OK ? s3_admin_delete_state(g->s, n->id, ".begun", err) : status;
}

/* What runs and removals left that are no more. Then it is looked again who is there: a run that
 * ended meanwhile may have written its manifest. */
static enum sym_status sweep(struct removing *g, struct sym_err *err)
{
	const struct roster *r = &g->roster;
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < r->count && status == SYM_OK; i++)
		if ((r->numbers[i].states & ROSTER_BEGUN) && r->now_s - r->numbers[i].begun_s >= RUN_DEAD_S)
			status = bury(g, &r->numbers[i], err);
	for (size_t i = 0; i < r->marker_count && status == SYM_OK; i++)
		if (strcmp(r->markers[i].name, g->marker) != 0 && s3_roster_is_dead_marker(r, &r->markers[i]))
			status = s3_admin_delete(g->s, r->markers[i].name, err);
	return status == SYM_OK ? look(g, err) : status;
}

/* ------------------------------------------------------ what is needed still -- */

static enum sym_status doom(void *ctx, const char *path, struct sym_err *err)
{
	struct removing *g = ctx;

	return table_add(&g->doomed, hash_text(HASH_START, path)) ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

static enum sym_status need(void *ctx, const char *path, struct sym_err *err)
{
	struct removing *g = ctx;
	struct doomed *d = table_find(&g->doomed, hash_text(HASH_START, path));

	(void)err;
	if (d)
		d->by = g->id;
	return SYM_OK;
}

/* The next number, from number `*i` of the roster on, whose manifest is one of those. */
static const struct roster_number *next_manifest(const struct removing *g, bool of_going, size_t *i)
{
	while (*i < g->roster.count) {
		const struct roster_number *n = &g->roster.numbers[(*i)++];

		if (goes(g, n) == of_going && (s3_roster_lives(n) || s3_roster_goes(n)))
			return n;
	}
	return NULL;
}

/* One that is gone by now was taken back by its own run. */
static enum sym_status read_manifest(struct removing *g, bool of_going, struct s3_fetch *f, s3_manifest_fn *each,
				     struct sym_err *err)
{
	enum sym_status status = s3_manifest_read(f, g->id, each, g, err);

	if (status == SYM_NOT_FOUND && !of_going)
		status = SYM_OK;
	return status == SYM_OK ? may_go_on(g, err) : status;
}

/* Reads the manifests of those that go, or of those that stay, in their order: while one is read, the next
 * ones are on their way. */
static enum sym_status read_manifests(struct removing *g, bool of_going, s3_manifest_fn *each, struct sym_err *err)
{
	struct s3_fetch *fetches = calloc(AT_ONCE, sizeof *fetches);
	const struct roster_number *numbers[AT_ONCE], *n;
	size_t next = 0, started = 0, ended = 0;
	struct sym_err ignored;
	enum sym_status status = fetches ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");

	while (status == SYM_OK) {
		while (started - ended < AT_ONCE && (n = next_manifest(g, of_going, &next))) {
			numbers[started % AT_ONCE] = n;
			s3_manifest_start(g->s, n->id, s3_roster_manifest(n), &fetches[started++ % AT_ONCE]);
		}
		if (ended == started)
			break;
		g->id = numbers[ended % AT_ONCE]->id;
		status = read_manifest(g, of_going, &fetches[ended++ % AT_ONCE], each, err);
	}
	for (; ended < started; ended++)
		if (s3_admin_fetch_end(&fetches[ended % AT_ONCE], &ignored) == SYM_OK)
			os_close_quietly(fetches[ended % AT_ONCE].file);
	free(fetches);
	return status;
}

/* -------------------------------------------------------------------- going -- */

static void told(void *ctx, struct removal_told *told)
{
	struct removing *g = ctx;

	told->id = g->id;
	removal_tell(g->r, told);
}

static enum sym_status settle(void *ctx, const char *path, struct sym_err *err)
{
	struct removing *g = ctx;
	struct doomed *d = table_find(&g->doomed, hash_text(HASH_START, path));
	struct sym_err why;

	if (!d || d->told) /* one that goes was told with the first transaction that has it */
		return SYM_OK;
	d->told = true;
	if (list_check_path(path, &why) != SYM_OK)
		return s3_discard_add(&g->discard, path, FATE_REFUSED, 0, &why, err);
	return s3_discard_add(&g->discard, path, d->by ? FATE_NEEDED : FATE_GONE, d->by, NULL, err);
}

/* Gives the manifest another state. */
static enum sym_status turn(struct removing *g, uint64_t id, const char *from, const char *to, struct sym_err *err)
{
	enum sym_status status = may_go_on(g, err);

	if (status == SYM_OK)
		status = s3_manifest_copy(g->s, id, from, to, err);
	return status == SYM_OK ? s3_admin_delete_state(g->s, id, from, err) : status;
}

/* From now on they do not live any more. */
static enum sym_status mark_going(struct removing *g, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < g->roster.count && status == SYM_OK; i++) {
		struct roster_number *n = &g->roster.numbers[i];

		if (!goes(g, n) || !(n->states & ROSTER_WRITTEN))
			continue;
		status = s3_roster_goes(n) ? s3_admin_delete_state(g->s, n->id, "", err)
					   : turn(g, n->id, "", ".going", err);
		n->states |= ROSTER_GOING;
	}
	return status;
}

static enum sym_status settle_all(struct removing *g, struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	struct s3_fetch f;

	for (size_t i = 0; i < g->roster.count && status == SYM_OK; i++) {
		const struct roster_number *n = &g->roster.numbers[i];
		uint64_t failed = g->r->entries[FATE_FAILED];

		if (!goes(g, n))
			continue;
		g->id = n->id;
		s3_manifest_start(g->s, n->id, s3_roster_manifest(n), &f);
		status = s3_manifest_read(&f, n->id, settle, g, err);
		if (status == SYM_OK)
			status = s3_discard_end(&g->discard, err);
		if (status == SYM_OK && g->r->entries[FATE_FAILED] == failed && !g->r->plan)
			status = turn(g, n->id, ".going", ".deleted", err);
		if (status == SYM_OK)
			g->r->gone++;
	}
	return status;
}

static enum sym_status remove_all(struct removing *g, struct sym_err *err)
{
	enum sym_status status = check_asked(g, err);

	if (status == SYM_OK)
		status = read_manifests(g, true, doom, err);
	if (status == SYM_OK && g->doomed.count > 0)
		status = read_manifests(g, false, need, err);
	if (status == SYM_OK && !g->r->plan)
		status = mark_going(g, err);
	if (status == SYM_OK)
		status = settle_all(g, err);
	return status == SYM_OK ? removal_verdict(g->r, err) : status;
}

enum sym_status s3_removal_run(struct s3 *s, struct removal *r, struct sym_err *err)
{
	struct removing g = {.s = s, .r = r, .doomed = TABLE_OF(struct doomed)};
	uint64_t random;
	enum sym_status status;

	g.discard = (struct s3_discard){.s = s, .plan = r->plan, .may_go_on = may_go_on, .told = told, .ctx = &g};
	os_random(&random, sizeof random);
	snprintf(g.marker, sizeof g.marker, "removing/%016" PRIx64, random);
	status = s3_discard_init(&g.discard, err);
	if (status == SYM_OK)
		status = look(&g, err);
	if (status == SYM_OK && g.roster.last == 0)
		status = admin_none(err);
	if (status == SYM_OK)
		status = check_asked(&g, err);
	if (status == SYM_OK && !r->plan)
		status = be_alone(&g, err);
	if (status == SYM_OK && !r->plan)
		status = sweep(&g, err);
	if (status == SYM_OK)
		status = remove_all(&g, err);
	drop_marker(&g);
	table_release(&g.doomed);
	s3_discard_release(&g.discard);
	s3_roster_release(&g.roster);
	return status;
}
