/* SPDX-License-Identifier: MIT */
#include "pipeline/json/delivery.h"

#include "base/text.h"
#include "format/format.h"
#include "key/key.h"
#include "pipeline/json/line.h"

static void set_has(struct json *j, unsigned has)
{
	json_name(j, "has");
	json_open(j, '[');
	for (size_t i = 0; i < HAS_BITS; i++)
		if (has & 1u << i)
			json_text(j, has_words[i]);
	json_close(j, ']');
}

static void set_wants(struct json *j, const struct sym_identity *id)
{
	if (id->wants_count == 0)
		return;
	json_name(j, "wants");
	json_open(j, '[');
	for (unsigned i = 0; i < id->wants_count; i++) {
		const struct sym_want *want = &id->wants[i];

		json_add_want(j, want->name, &want->debug, want->has_crc32 ? &want->crc32 : NULL);
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
	struct json j = json_line_open(out);

	json_set_source(&j, what->path, 0, what->member);
	set_identity(&j, what->id, what->file);
	set_wants(&j, what->id);
	set_has(&j, what->id->has);
	set_keys(&j, what);
	if (what->error)
		json_set_error(&j, "error", what->error);
	json_line_close(&j);
}

void json_inspect_error(struct buf *out, const char *path, const char *member, const struct sym_err *err)
{
	struct json j = json_line_open(out);

	json_set_source(&j, path, 0, member);
	json_set_error(&j, "error", err);
	json_line_close(&j);
}

/* -------------------------------------------------------------- delivery -- */

static void set_sha256(struct json *j, const uint8_t *sha256)
{
	char hex[65];

	if (!sha256)
		return;
	text_hex_lower(hex, sha256, 32);
	json_set_text(j, "sha256", hex);
}

void json_delivered(struct buf *out, const struct delivered *d)
{
	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];
		struct json j = json_line_open(out);

		json_set_source(&j, d->path, d->archive_len, d->member);
		json_set_text(&j, "target", d->target);
		json_set_outcome(&j, at);
		json_set_number(&j, "bytes", d->id->slice_size);
		set_sha256(&j, d->sha256);
		json_set_number(&j, "attempts", d->attempts);
		if (at->why.status != SYM_OK)
			json_set_error(&j, "error", &at->why);
		json_line_close(&j);
	}
}

void json_rejected(struct buf *out, const struct rejected *r)
{
	struct json j = json_line_open(out);

	json_set_source(&j, r->path, r->archive_len, NULL);
	json_set_text(&j, "action", action_word(r->action));
	json_set_error(&j, "error", r->why);
	json_line_close(&j);
}

/* What is wanted, in the words of inspect, and what was found in its place. */
static void set_pair(struct json *j, const struct pairing *p, const char *found)
{
	char text[KEY_ID_MAX];

	json_name(j, "wants");
	json_open(j, '[');
	json_add_want(j, p->name, &p->wanted.debug, p->has_crc32 ? &p->crc32 : NULL);
	json_close(j, ']');
	if (!found)
		return;
	json_name(j, "found");
	json_open(j, '{');
	json_set_path(j, found);
	if (p->state != PAIRING_SKIPPED) {
		key_debug_text(&p->found_id.debug, text);
		json_set_text(j, "debug_id", text);
	}
	json_close(j, '}');
}

void json_flawed(struct buf *out, const struct flawed *f)
{
	struct json j = json_line_open(out);

	json_set_source(&j, f->path, f->archive_len, f->member);
	json_name(&j, "warning");
	json_open(&j, '{');
	json_set_text(&j, "code", flaw_word(f->flaw));
	json_set_text(&j, "message", f->text);
	json_close(&j, '}');
	if (f->pair)
		set_pair(&j, f->pair, f->found_path);
	json_line_close(&j);
}

void json_lost(struct buf *out, const char *target, const struct sym_err *err)
{
	struct json j = json_line_open(out);

	json_set_text(&j, "target", target);
	json_set_error(&j, "error", err);
	json_line_close(&j);
}

void json_warning(struct buf *out, const char *path, const struct sym_err *err)
{
	struct json j = json_line_open(out);

	if (path)
		json_set_path(&j, path);
	json_set_error(&j, "warning", err);
	json_line_close(&j);
}

void json_summary(struct buf *out, const struct tally *t)
{
	static const enum action counted[] = {ACTION_STORED, ACTION_PRESENT, ACTION_REPLACED,
					      ACTION_KEPT,   ACTION_SKIPPED, ACTION_FAILED};
	struct json j = json_line_open(out);

	json_name(&j, "summary");
	json_open(&j, '{');
	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		json_set_number(&j, action_word(counted[i]), tally_of(t, counted[i]));
	if (t->asked)
		json_set_number(&j, action_word(ACTION_MISSING), tally_of(t, ACTION_MISSING));
	if (t->left > 0)
		json_set_number(&j, "left", t->left);
	if (t->unsearched)
		json_set_true(&j, "unsearched");
	if (t->unpaired > 0)
		json_set_number(&j, "unpaired", t->unpaired);
	if (tally_of(t, ACTION_PLANNED) > 0)
		json_set_number(&j, "planned", tally_of(t, ACTION_PLANNED));
	json_set_number(&j, "bytes", t->bytes);
	json_set_seconds(&j, t->milliseconds);
	json_close(&j, '}');
	json_line_close(&j);
}

void json_receipt(struct buf *out, const struct delivered *d)
{
	struct json j = json_line_open(out);

	json_set_source(&j, d->path, d->archive_len, d->member);
	json_set_text(&j, "target", d->target);
	set_identity(&j, d->id, delivered_name(d));
	json_set_number(&j, "bytes", d->id->slice_size);
	set_sha256(&j, d->sha256);
	json_name(&j, "keys");
	json_open(&j, '[');
	for (size_t i = 0; i < d->parcel->count; i++) {
		json_open(&j, '{');
		json_set_outcome(&j, &d->parcel->at[i]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_set_number(&j, "attempts", d->attempts);
	json_line_close(&j);
}
