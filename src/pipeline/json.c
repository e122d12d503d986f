/* SPDX-License-Identifier: MIT */
#include "pipeline/json.h"

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "format/format.h"
#include "key/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json open_line(struct buf *out)
{
	struct json j = {.out = out};

	json_open(&j, '{');
	return j;
}

static void close_line(struct json *j)
{
	json_close(j, '}');
	buf_add_char(j->out, '\n');
}

/* "path", and "path_base64" where its bytes are not UTF-8. */
static void set_path(struct json *j, const char *path)
{
	size_t len = strlen(path);
	char *coded;

	json_name(j, "path");
	json_text(j, path);
	if (text_is_utf8(path, len))
		return;
	coded = malloc(TEXT_BASE64_SIZE(len));
	if (!coded)
		return;
	text_base64(coded, path, len);
	json_set_text(j, "path_base64", coded);
	free(coded);
}

static void set_error(struct json *j, const char *name, const struct sym_err *err)
{
	json_name(j, name);
	json_open(j, '{');
	json_set_text(j, "code", status_word(err->status));
	json_set_text(j, "message", err->text);
	if (err->has_offset)
		json_set_number(j, "offset", err->offset);
	json_close(j, '}');
}

static void set_has(struct json *j, unsigned has)
{
	json_name(j, "has");
	json_open(j, '[');
	for (size_t i = 0; i < HAS_BITS; i++)
		if (has & 1u << i)
			json_text(j, has_words[i]);
	json_close(j, ']');
}

static void add_want(struct json *j, const char *name, const struct sym_debug_id *debug,
		     const uint32_t *crc32)
{
	char text[KEY_ID_MAX];

	json_open(j, '{');
	json_set_text(j, "name", name);
	key_debug_text(debug, text);
	json_set_text(j, "debug_id", text);
	if (crc32) {
		snprintf(text, sizeof text, "%08" PRIx32, *crc32);
		json_set_text(j, "crc32", text);
	}
	json_close(j, '}');
}

static void set_wants(struct json *j, const struct sym_identity *id)
{
	if (id->wants_count == 0)
		return;
	json_name(j, "wants");
	json_open(j, '[');
	for (unsigned i = 0; i < id->wants_count; i++) {
		const struct sym_want *want = &id->wants[i];

		add_want(j, want->name, &want->debug, want->has_crc32 ? &want->crc32 : NULL);
	}
	json_close(j, ']');
}

/* What the file is: the members that inspect and receipts share. */
static void set_identity(struct json *j, const struct sym_identity *id, const char *file)
{
	char text[KEY_ID_MAX];

	json_set_text(j, "kind", kind_word(id->kind));
	json_set_text(j, "arch", arch_word(id->arch));
	json_set_text(j, "name", id->kind == SYM_BREAKPAD ? id->name : file);
	key_code_text(&id->code, text);
	json_set_text(j, "code_id", text);
	key_debug_text(&id->debug, text);
	json_set_text(j, "debug_id", text);
	json_name(j, "slice");
	json_open(j, '{');
	json_set_number(j, "offset", id->slice_offset);
	json_set_number(j, "size", id->slice_size);
	json_close(j, '}');
}

static void set_keys(struct json *j, const struct inspected *what)
{
	json_name(j, "keys");
	json_open(j, '[');
	for (size_t r = 0; r < key_reader_count; r++) {
		if (!(what->readers & 1u << r))
			continue;
		for (size_t i = 0; i < what->paths[r].count; i++) {
			json_open(j, '{');
			json_set_text(j, "reader", key_readers[r].name);
			json_set_text(j, "path", what->paths[r].at[i].text);
			json_set_text(j, "needs", what->paths[r].at[i].needs);
			json_close(j, '}');
		}
	}
	json_close(j, ']');
}

void json_inspected(struct buf *out, const struct inspected *what)
{
	struct json j = open_line(out);

	set_path(&j, what->path);
	json_set_text(&j, "member", what->member);
	set_identity(&j, what->id, what->file);
	set_wants(&j, what->id);
	set_has(&j, what->id->has);
	set_keys(&j, what);
	if (what->error)
		set_error(&j, "error", what->error);
	close_line(&j);
}

void json_inspect_error(struct buf *out, const char *path, const struct sym_err *err)
{
	struct json j = open_line(out);

	set_path(&j, path);
	set_error(&j, "error", err);
	close_line(&j);
}

/* -------------------------------------------------------------- delivery -- */

static void set_readers(struct json *j, unsigned mask)
{
	json_name(j, "reader");
	json_open(j, '[');
	for (size_t r = 0; r < key_reader_count; r++)
		if (mask & 1u << r)
			json_text(j, key_readers[r].name);
	json_close(j, ']');
}

static void set_sha256(struct json *j, const uint8_t *sha256)
{
	char hex[65];

	if (!sha256)
		return;
	text_hex_lower(hex, sha256, 32);
	json_set_text(j, "sha256", hex);
}

static void set_outcome(struct json *j, const struct parcel_path *at)
{
	json_set_text(j, "key", at->path);
	set_readers(j, at->readers);
	json_set_text(j, "action", action_word(at->action));
}

void json_delivered(struct buf *out, const struct delivered *d)
{
	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];
		struct json j = open_line(out);

		set_path(&j, d->path);
		json_set_text(&j, "member", d->member);
		json_set_text(&j, "target", d->target);
		set_outcome(&j, at);
		json_set_number(&j, "bytes", d->id->slice_size);
		set_sha256(&j, d->sha256);
		json_set_number(&j, "attempts", d->attempts);
		if (at->why.status != SYM_OK)
			set_error(&j, "error", &at->why);
		close_line(&j);
	}
}

void json_rejected(struct buf *out, const struct rejected *r)
{
	struct json j = open_line(out);

	set_path(&j, r->path);
	json_set_text(&j, "action", action_word(r->action));
	set_error(&j, "error", r->why);
	close_line(&j);
}

/* What is wanted, in the words of inspect, and what was found in its place. */
static void set_pair(struct json *j, const struct pairing *p, const char *found)
{
	char text[KEY_ID_MAX];

	json_name(j, "wants");
	json_open(j, '[');
	add_want(j, p->name, &p->wanted.debug, p->has_crc32 ? &p->crc32 : NULL);
	json_close(j, ']');
	if (!found)
		return;
	json_name(j, "found");
	json_open(j, '{');
	set_path(j, found);
	if (p->state != PAIRING_SKIPPED) {
		key_debug_text(&p->found_id.debug, text);
		json_set_text(j, "debug_id", text);
	}
	json_close(j, '}');
}

void json_flawed(struct buf *out, const struct flawed *f)
{
	struct json j = open_line(out);

	set_path(&j, f->path);
	json_set_text(&j, "member", f->member);
	json_name(&j, "warning");
	json_open(&j, '{');
	json_set_text(&j, "code", flaw_word(f->flaw));
	json_set_text(&j, "message", f->text);
	json_close(&j, '}');
	if (f->pair)
		set_pair(&j, f->pair, f->found_path);
	close_line(&j);
}

void json_lost(struct buf *out, const char *target, const struct sym_err *err)
{
	struct json j = open_line(out);

	json_set_text(&j, "target", target);
	set_error(&j, "error", err);
	close_line(&j);
}

void json_warning(struct buf *out, const char *path, const struct sym_err *err)
{
	struct json j = open_line(out);

	if (path)
		set_path(&j, path);
	set_error(&j, "warning", err);
	close_line(&j);
}

static void set_seconds(struct json *j, uint64_t milliseconds)
{
	json_name(j, "seconds");
	buf_printf(j->out, "%" PRIu64 ".%03u", milliseconds / 1000, (unsigned)(milliseconds % 1000));
}

void json_summary(struct buf *out, const struct tally *t)
{
	static const enum action counted[] = {ACTION_STORED, ACTION_PRESENT, ACTION_REPLACED,
					      ACTION_KEPT,   ACTION_SKIPPED, ACTION_FAILED};
	struct json j = open_line(out);

	json_name(&j, "summary");
	json_open(&j, '{');
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		json_set_number(&j, action_word(counted[i]), tally_of(t, counted[i]));
	if (t->asked)
		json_set_number(&j, action_word(ACTION_MISSING), tally_of(t, ACTION_MISSING));
	if (t->left > 0)
		json_set_number(&j, "left", t->left);
	if (t->unpaired > 0)
		json_set_number(&j, "unpaired", t->unpaired);
	if (tally_of(t, ACTION_PLANNED) > 0)
		json_set_number(&j, "planned", tally_of(t, ACTION_PLANNED));
	json_set_number(&j, "bytes", t->bytes);
	set_seconds(&j, t->milliseconds);
	json_close(&j, '}');
	close_line(&j);
}

void json_receipt(struct buf *out, const struct delivered *d)
{
	struct json j = open_line(out);

	set_path(&j, d->path);
	json_set_text(&j, "member", d->member);
	json_set_text(&j, "target", d->target);
	set_identity(&j, d->id, delivered_name(d));
	json_set_number(&j, "bytes", d->id->slice_size);
	set_sha256(&j, d->sha256);
	json_name(&j, "keys");
	json_open(&j, '[');
	for (size_t i = 0; i < d->parcel->count; i++) {
		json_open(&j, '{');
		set_outcome(&j, &d->parcel->at[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_set_number(&j, "attempts", d->attempts);
	close_line(&j);
}

void json_finding(struct buf *out, const struct finding *f)
{
	struct json j = open_line(out);

	json_set_text(&j, "target", f->target);
	json_set_text(&j, "key", f->path);
	if (f->probe)
		json_set_true(&j, "probe");
	json_set_text(&j, "action", action_word(f->action));
	if (f->answer && f->answer->http)
		json_set_number(&j, "http", (uint64_t)f->answer->http);
	if (f->answer && f->answer->has_size && f->action == ACTION_PRESENT)
		json_set_number(&j, "bytes", f->answer->size);
	if (f->why)
		set_error(&j, f->harmless ? "warning" : "error", f->why);
	json_set_text(&j, "advice", f->advice);
	close_line(&j);
}

/* --------------------------------------------------------------------- why -- */

static void add_near(struct json *j, const struct why_near *near)
{
	json_open(j, '{');
	json_set_text(j, "key", near->path);
	json_set_text(j, "code", near->misplaced ? "misplaced" : key_near_word(near->near));
	json_set_text(j, "message", near->text);
	if (near->has_size)
		json_set_number(j, "bytes", near->size);
	json_close(j, '}');
}

static void set_near(struct json *j, const struct why_answer *a)
{
	json_name(j, "near");
	json_open(j, '[');
	for (size_t i = 0; i < a->near_count; i++)
		add_near(j, &a->near[i]);
	json_close(j, ']');
	if (a->builds > 0)
		json_set_number(j, "builds", a->builds);
	if (a->tried > 0)
		json_set_number(j, "tried", a->tried);
}

static void set_question(struct json *j, const struct why_question *q)
{
	if (!q->path) {
		json_set_text(j, "asked", q->words);
		return;
	}
	set_path(j, q->path);
	if (!q->wanted)
		return;
	json_name(j, "wants");
	json_open(j, '[');
	add_want(j, q->asked.file, &q->asked.id.debug, NULL);
	json_close(j, ']');
}

void json_answer(struct buf *out, const struct why_answer *a)
{
	struct json j = open_line(out);

	set_question(&j, a->question);
	json_set_text(&j, "target", a->target);
	set_outcome(&j, a->at);
	if (a->compressed)
		json_set_true(&j, "compressed");
	if (a->has_size)
		json_set_number(&j, "bytes", a->size);
	if (a->at->why.status != SYM_OK)
		set_error(&j, "error", &a->at->why);
	if (a->at->action == ACTION_MISSING)
		set_near(&j, a);
	close_line(&j);
}

void json_unasked(struct buf *out, const char *words, const struct sym_err *err)
{
	struct json j = open_line(out);

	json_set_text(&j, "asked", words);
	set_error(&j, "error", err);
	close_line(&j);
}

/* ------------------------------------------------------------- verifying -- */

static void set_judgement(struct json *j, const struct judgement *of)
{
	json_set_text(j, "member", of->member);
	json_set_text(j, "verdict", verdict_word(of->verdict));
	if (of->kind != SYM_KIND_NONE)
		json_set_text(j, "kind", kind_word(of->kind));
	if (of->readers)
		set_readers(j, of->readers);
	json_set_text(j, "belongs", of->belongs);
}

void json_verified(struct buf *out, const char *target, const struct verified *v)
{
	struct json j = open_line(out);

	set_path(&j, v->path);
	json_set_text(&j, "target", target);
	json_set_text(&j, "key", v->key);
	if (v->judgement)
		set_judgement(&j, v->judgement);
	json_set_text(&j, "twin", v->twin);
	if (v->why)
		set_error(&j, v->judgement && v->judgement->verdict != VERDICT_FINE &&
				      v->judgement->verdict != VERDICT_UNCHECKED ? "error" : "warning", v->why);
	close_line(&j);
}

void json_verified_all(struct buf *out, const struct verify_counts *c, bool receipt)
{
	struct json j = open_line(out);

	json_name(&j, "summary");
	json_open(&j, '{');
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		json_set_number(&j, verdict_word(i), verified_of(c, i));
	json_set_number(&j, "warnings", c->warnings);
	if (receipt) {
		json_set_number(&j, "elsewhere", c->elsewhere);
		json_set_number(&j, "undelivered", c->undelivered);
	}
	set_seconds(&j, c->milliseconds);
	json_close(&j, '}');
	close_line(&j);
}
