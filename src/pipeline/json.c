/* SPDX-License-Identifier: MIT */
#include "pipeline/json.h"

#include "base/err.h"
#include "base/text.h"
#include "format/format.h"
#include "key/key.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_FLAGS JSON_COMPACT

/* Adds the object as one line and lets go of it. */
static void add_line(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, LINE_FLAGS);

	if (text) {
		buf_add_text(out, text);
		buf_add_char(out, '\n');
	} else {
		out->failed = true;
	}
	free(text);
	json_decref(object);
}

/* A JSON string of bytes that may not be UTF-8: U+FFFD for each that is not. */
static json_t *text_of(const char *text)
{
	size_t len = strlen(text);
	struct buf clean = BUF_MAX(3 * len + 1);
	json_t *string;

	if (text_is_utf8(text, len))
		return json_stringn_nocheck(text, len);
	while (len > 0) {
		size_t n = text_utf8_len(text, len);

		buf_add(&clean, n ? text : "\xef\xbf\xbd", n ? n : 3);
		text += n ? n : 1;
		len -= n ? n : 1;
	}
	string = json_stringn_nocheck(clean.data, clean.size);
	buf_release(&clean);
	return string;
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new_nocheck(object, key, text_of(text));
}

static void set_number(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new_nocheck(object, key, json_integer((json_int_t)value));
}

/* "path", and "path_base64" where its bytes are not UTF-8. */
static void set_path(json_t *object, const char *path)
{
	size_t len = strlen(path);
	char *coded;

	json_object_set_new_nocheck(object, "path", text_of(path));
	if (text_is_utf8(path, len))
		return;
	coded = malloc(TEXT_BASE64_SIZE(len));
	if (!coded)
		return;
	text_base64(coded, path, len);
	set_text(object, "path_base64", coded);
	free(coded);
}

static json_t *error_of(const struct sym_err *err)
{
	json_t *error = json_object();

	set_text(error, "code", status_word(err->status));
	set_text(error, "message", err->text);
	if (err->has_offset)
		set_number(error, "offset", err->offset);
	return error;
}

static json_t *words_of(unsigned has)
{
	static const char *const words[] = {"symbols", "debug", "unwind", "sources"};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has & 1u << i)
			json_array_append_new(list, json_string_nocheck(words[i]));
	return list;
}

static json_t *wants_of(const struct sym_identity *id)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < id->wants_count; i++) {
		const struct sym_want *want = &id->wants[i];
		json_t *object = json_object();
		char text[KEY_ID_MAX];

		set_text(object, "name", want->name);
		key_debug_text(&want->debug, text);
		set_text(object, "debug_id", text);
		if (want->has_crc32) {
			snprintf(text, sizeof text, "%08x", (unsigned)want->crc32);
			set_text(object, "crc32", text);
		}
		json_array_append_new(list, object);
	}
	return list;
}

/* What the file is: the members that inspect and receipts share. */
static void set_identity(json_t *object, const struct sym_identity *id, const char *file)
{
	char text[KEY_ID_MAX];
	json_t *slice = json_object();

	set_text(object, "kind", kind_word(id->kind));
	set_text(object, "arch", arch_word(id->arch));
	set_text(object, "name", id->kind == SYM_BREAKPAD ? id->name : file);
	key_code_text(&id->code, text);
	set_text(object, "code_id", text);
	key_debug_text(&id->debug, text);
	set_text(object, "debug_id", text);
	set_number(slice, "offset", id->slice_offset);
	set_number(slice, "size", id->slice_size);
	json_object_set_new_nocheck(object, "slice", slice);
}

static json_t *keys_of(const struct inspected *what)
{
	json_t *list = json_array();

	for (size_t r = 0; r < key_reader_count; r++) {
		if (!(what->readers & 1u << r))
			continue;
		for (size_t i = 0; i < what->paths[r].count; i++) {
			json_t *key = json_object();

			set_text(key, "reader", key_readers[r].name);
			set_text(key, "path", what->paths[r].at[i].text);
			set_text(key, "needs", what->paths[r].at[i].needs);
			json_array_append_new(list, key);
		}
	}
	return list;
}

void json_inspected(struct buf *out, const struct inspected *what)
{
	json_t *object = json_object();

	set_path(object, what->path);
	set_text(object, "member", what->member);
	set_identity(object, what->id, what->file);
	if (what->id->wants_count > 0)
		json_object_set_new_nocheck(object, "wants", wants_of(what->id));
	json_object_set_new_nocheck(object, "has", words_of(what->id->has));
	json_object_set_new_nocheck(object, "keys", keys_of(what));
	if (what->error)
		json_object_set_new_nocheck(object, "error", error_of(what->error));
	add_line(out, object);
}

void json_inspect_error(struct buf *out, const char *path, const struct sym_err *err)
{
	json_t *object = json_object();

	set_path(object, path);
	json_object_set_new_nocheck(object, "error", error_of(err));
	add_line(out, object);
}

/* -------------------------------------------------------------- delivery -- */

static json_t *readers_of(unsigned mask)
{
	json_t *list = json_array();

	for (size_t r = 0; r < key_reader_count; r++)
		if (mask & 1u << r)
			json_array_append_new(list, json_string_nocheck(key_readers[r].name));
	return list;
}

static void set_sha256(json_t *object, const uint8_t *sha256)
{
	char hex[65];

	if (!sha256)
		return;
	text_hex_lower(hex, sha256, 32);
	set_text(object, "sha256", hex);
}

static void set_outcome(json_t *object, const struct parcel_path *at)
{
	set_text(object, "key", at->path);
	json_object_set_new_nocheck(object, "reader", readers_of(at->readers));
	set_text(object, "action", action_word(at->action));
}

void json_delivered(struct buf *out, const struct delivered *d)
{
	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];
		json_t *object = json_object();

		set_path(object, d->path);
		set_text(object, "member", d->member);
		set_text(object, "target", d->target);
		set_outcome(object, at);
		set_number(object, "bytes", d->id->slice_size);
		set_sha256(object, d->sha256);
		set_number(object, "attempts", d->attempts);
		if (at->why.status != SYM_OK)
			json_object_set_new_nocheck(object, "error", error_of(&at->why));
		add_line(out, object);
	}
}

void json_rejected(struct buf *out, const struct rejected *r)
{
	json_t *object = json_object();

	set_path(object, r->path);
	set_text(object, "action", action_word(r->action));
	json_object_set_new_nocheck(object, "error", error_of(r->why));
	add_line(out, object);
}

void json_summary(struct buf *out, const struct tally *t)
{
	static const enum action counted[] = {ACTION_STORED, ACTION_PRESENT, ACTION_REPLACED,
					      ACTION_KEPT,   ACTION_SKIPPED, ACTION_FAILED};
	json_t *summary = json_object(), *object = json_object();

	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		set_number(summary, action_word(counted[i]), tally_of(t, counted[i]));
	if (tally_of(t, ACTION_PLANNED) > 0)
		set_number(summary, "planned", tally_of(t, ACTION_PLANNED));
	set_number(summary, "bytes", t->bytes);
	json_object_set_new_nocheck(summary, "seconds", json_real((double)t->milliseconds / 1000));
	json_object_set_new_nocheck(object, "summary", summary);
	add_line(out, object);
}

void json_receipt(struct buf *out, const struct delivered *d)
{
	json_t *object = json_object(), *paths = json_array();
	const char *slash = strrchr(d->path, '/');

	set_path(object, d->path);
	set_text(object, "member", d->member);
	set_text(object, "target", d->target);
	set_identity(object, d->id, d->member ? d->member : slash ? slash + 1 : d->path);
	set_number(object, "bytes", d->id->slice_size);
	set_sha256(object, d->sha256);
	for (size_t i = 0; i < d->parcel->count; i++) {
		json_t *path = json_object();

		set_outcome(path, &d->parcel->at[i]);
		json_array_append_new(paths, path);
	}
	json_object_set_new_nocheck(object, "keys", paths);
	set_number(object, "attempts", d->attempts);
	add_line(out, object);
}
