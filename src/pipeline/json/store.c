/* SPDX-License-Identifier: MIT */
#include "pipeline/json/store.h"

#include "format/format.h"
#include "pipeline/json/line.h"

void json_finding(struct buf *out, const struct finding *f)
{
	struct json j = json_line_open(out);

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
		json_set_error(&j, f->harmless ? "warning" : "error", f->why);
	json_set_text(&j, "advice", f->advice);
	json_line_close(&j);
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
	json_set_path(j, q->path);
	if (!q->wanted)
		return;
	json_name(j, "wants");
	json_open(j, '[');
	json_add_want(j, q->asked.file, &q->asked.id.debug, NULL);
	json_close(j, ']');
}

void json_answer(struct buf *out, const struct why_answer *a)
{
	struct json j = json_line_open(out);

	set_question(&j, a->question);
	json_set_text(&j, "target", a->target);
	json_set_outcome(&j, a->at);
	if (a->compressed)
		json_set_true(&j, "compressed");
	if (a->has_size)
		json_set_number(&j, "bytes", a->size);
	if (a->at->why.status != SYM_OK)
		json_set_error(&j, "error", &a->at->why);
	if (a->at->action == ACTION_MISSING)
		set_near(&j, a);
	json_line_close(&j);
}

void json_unasked(struct buf *out, const char *words, const struct sym_err *err)
{
	struct json j = json_line_open(out);

	json_set_text(&j, "asked", words);
	json_set_error(&j, "error", err);
	json_line_close(&j);
}

/* ------------------------------------------------------------- verifying -- */

static void set_judgement(struct json *j, const struct judgement *of)
{
	json_set_text(j, "member", of->member);
	json_set_text(j, "verdict", verdict_word(of->verdict));
	if (of->kind != SYM_KIND_NONE)
		json_set_text(j, "kind", kind_word(of->kind));
	if (of->readers)
		json_set_readers(j, of->readers);
	json_set_text(j, "belongs", of->belongs);
}

void json_verified(struct buf *out, const char *target, const struct verified *v)
{
	struct json j = json_line_open(out);

	json_set_path(&j, v->path);
	json_set_text(&j, "target", target);
	json_set_text(&j, "key", v->key);
	if (v->judgement)
		set_judgement(&j, v->judgement);
	json_set_text(&j, "twin", v->twin);
	if (v->why && !(v->judgement && v->judgement->verdict == VERDICT_OTHER)) /* which nobody misses */
		json_set_error(&j, v->judgement && v->judgement->verdict != VERDICT_FINE &&
				      v->judgement->verdict != VERDICT_UNCHECKED ? "error" : "warning", v->why);
	json_line_close(&j);
}

void json_verified_all(struct buf *out, const struct verify_counts *c, bool receipt)
{
	struct json j = json_line_open(out);

	json_name(&j, "summary");
	json_open(&j, '{');
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		json_set_number(&j, verdict_word(i), verified_of(c, i));
	json_set_number(&j, "warnings", c->warnings);
	if (receipt) {
		json_set_number(&j, "elsewhere", c->elsewhere);
		json_set_number(&j, "undelivered", c->undelivered);
	}
	json_set_seconds(&j, c->milliseconds);
	json_close(&j, '}');
	json_line_close(&j);
}
