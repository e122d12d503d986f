/* SPDX-License-Identifier: MIT
 * A part is a row of plain runs and groups:
 *
 *     lib*@(.so|.dylib)!(x)      run `lib*`, group @, group !
 *
 * and each alternative of a group is such a row again. `*` and `?` at the start of a
 * part do not match a dot; neither do those at the start of a group that stands there.
 *
 * `!(x)y` means: whatever matches `*y` but not `xy`. The negation therefore looks
 * ahead over everything that follows it in the part, in its own row and in the rows
 * around it: that is what struct tail hands down. */
#include "source/part.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "source/class.h"

#include <string.h>

#define ANY_CHAR "[^/]"
#define NOT_DOT "(?!\\.)"
#define PART_ENDS "(?![^/])"

struct row {
	const char *text;
	size_t len;
};

/* What follows a row in the rows around it, innermost first. */
struct tail {
	struct row rest;
	const struct tail *outer;
};

struct context {
	struct buf *out;
	bool ignore_case;
	struct sym_err *err;
};

/* Where a row stands. */
struct place {
	bool start; /* at the start of the part: wildcards must not match a dot … */
	bool dot;   /* … unless this is set */
	unsigned depth;
	const struct tail *tail;
};

/* ------------------------------------------------------------ scanning -- */

static bool is_group(struct row r, size_t at)
{
	return at + 1 < r.len && r.text[at] && strchr("!?+*@", r.text[at]) && r.text[at + 1] == '(';
}

/* The end of the class that begins at `at` for the purpose of finding groups: behind
 * its `]`, or the end of the row where there is none. */
static size_t skip_class(struct row r, size_t at)
{
	size_t i = at + 1;

	i += i < r.len && (r.text[i] == '!' || r.text[i] == '^');
	i += i < r.len && r.text[i] == ']'; /* first, it is a member */
	while (i < r.len && r.text[i] != ']')
		i += r.text[i] == '\\' ? 2 : 1;
	return i < r.len ? i + 1 : r.len;
}

/* The closing parenthesis of the group at `at`, or r.len where it is not closed. */
static size_t group_end(struct row r, size_t at)
{
	size_t i = at + 2, depth = 1;

	while (i < r.len) {
		if (r.text[i] == '\\') {
			i += 2;
		} else if (r.text[i] == '[') {
			i = skip_class(r, i);
		} else if (is_group(r, i)) {
			depth++;
			i += 2;
		} else if (r.text[i] == ')' && --depth == 0) {
			return i;
		} else {
			i++;
		}
	}
	return r.len;
}

/* The end of the plain run that starts at `at`: the next group that is closed, or the end. */
static size_t run_end(struct row r, size_t at)
{
	while (at < r.len) {
		if (r.text[at] == '\\')
			at += 2;
		else if (r.text[at] == '[')
			at = skip_class(r, at);
		else if (is_group(r, at))
			return group_end(r, at) < r.len ? at : r.len;
		else
			at++;
	}
	return r.len;
}

/* The next bar of a group's body at or behind `at`, or the body's end. */
static size_t bar_at(struct row body, size_t at)
{
	while (at < body.len && body.text[at] != '|') {
		if (body.text[at] == '\\')
			at += 2;
		else if (body.text[at] == '[')
			at = skip_class(body, at);
		else if (is_group(body, at))
			at = group_end(body, at) + 1;
		else
			at++;
	}
	return at < body.len ? at : body.len;
}

/* ----------------------------------------------------------- plain runs -- */

static void add_literal(struct buf *out, const char *text, size_t n)
{
	/* Only ASCII punctuation can mean something; a letter must not be escaped. */
	if (n == 1 && strchr("\\^$.[|()?*+{}#-", *text) && *text)
		buf_add_char(out, '\\');
	buf_add(out, text, n);
}

static enum sym_status add_run(const struct context *c, struct row r)
{
	size_t i = 0;

	while (i < r.len) {
		size_t used = 0;

		if (r.text[i] == '*') {
			while (i < r.len && r.text[i] == '*')
				i++;
			buf_add_text(c->out, ANY_CHAR "*");
			continue;
		}
		if (r.text[i] == '[') {
			enum sym_status status = class_regex(r.text + i, r.len - i, c->ignore_case,
							     c->out, &used, c->err);

			if (status != SYM_OK)
				return status;
			i += used;
			if (used > 0)
				continue;
		}
		if (r.text[i] == '?') {
			buf_add_text(c->out, ANY_CHAR);
			i++;
			continue;
		}
		i += r.text[i] == '\\' && i + 1 < r.len; /* a backslash at the end is one */
		used = text_utf8_len(r.text + i, r.len - i);
		add_literal(c->out, r.text + i, used);
		i += used;
	}
	return SYM_OK;
}

/* Could the run's first character be a dot without being written as one? */
static bool starts_wild(struct row r)
{
	size_t used;
	char single[4];

	if (r.len == 0)
		return false;
	if (r.text[0] == '*' || r.text[0] == '?')
		return true;
	return r.text[0] == '[' && class_kind(r.text, r.len, &used, single) == CLASS_WILD;
}

/* --------------------------------------------------------------- groups -- */

static enum sym_status add_row(const struct context *c, struct row r, struct place at);

/* The alternatives of a group, with bars between them. */
static enum sym_status add_body(const struct context *c, struct row body, struct place at)
{
	for (size_t from = 0;;) {
		size_t end = bar_at(body, from);
		enum sym_status status = add_row(c, (struct row){body.text + from, end - from}, at);

		if (status != SYM_OK || end == body.len)
			return status;
		buf_add_char(c->out, '|');
		from = end + 1;
	}
}

static enum sym_status add_negation(const struct context *c, struct row body, struct place at)
{
	struct place inside = {
		.start = at.start, .dot = at.dot, .depth = at.depth + 1, .tail = at.tail};
	enum sym_status status;

	if (body.len == 0) {
		buf_add_text(c->out, at.start && !at.dot ? NOT_DOT ANY_CHAR "+" : ANY_CHAR "+");
		return SYM_OK;
	}
	buf_add_text(c->out, "(?!(?:");
	status = add_body(c, body, inside);
	buf_add_text(c->out, ")");
	for (const struct tail *t = at.tail; t && status == SYM_OK; t = t->outer) {
		struct place behind = {.depth = at.depth + 1, .tail = t->outer};

		status = add_row(c, t->rest, behind);
	}
	buf_add_text(c->out, PART_ENDS ")");
	buf_add_text(c->out, at.start && !at.dot ? NOT_DOT ANY_CHAR "*" : ANY_CHAR "*");
	return status;
}

/* `*` and `+`: at the start of a part only the first round must not match a dot. */
static enum sym_status add_repeated(const struct context *c, char type, struct row body,
				    struct place at)
{
	enum sym_status status;

	buf_add_text(c->out, "(?:(?:");
	status = add_body(c, body, at);
	buf_add_text(c->out, ")");
	if (at.start && !at.dot && status == SYM_OK) {
		at.dot = true;
		buf_add_text(c->out, "(?:");
		status = add_body(c, body, at);
		buf_add_text(c->out, type == '*' ? ")*)?" : ")*)");
	} else {
		buf_add_text(c->out, type == '*' ? ")*" : ")+");
	}
	return status;
}

static enum sym_status add_group(const struct context *c, char type, struct row body,
				 struct place at)
{
	enum sym_status status;

	if (at.depth >= GLOB_NESTING_MAX)
		return err_set(c->err, SYM_USAGE, "its groups are nested too deeply");
	if (type == '!')
		return add_negation(c, body, at);
	at.depth++;
	if (type == '*' || type == '+')
		return add_repeated(c, type, body, at);
	buf_add_text(c->out, "(?:");
	status = add_body(c, body, at);
	buf_add_text(c->out, type == '?' ? ")?" : ")");
	return status;
}

static enum sym_status add_row(const struct context *c, struct row r, struct place at)
{
	enum sym_status status = SYM_OK;
	bool start = at.start;

	for (size_t i = 0; i < r.len && status == SYM_OK && !c->out->failed;) {
		size_t end = run_end(r, i);

		if (end > i) {
			struct row run = {r.text + i, end - i};

			if (i == 0 && at.start && !at.dot && starts_wild(run))
				buf_add_text(c->out, NOT_DOT);
			status = add_run(c, run);
			start = false;
			i = end;
		} else {
			size_t close = group_end(r, i);
			struct row body = {r.text + i + 2, close - i - 2};
			struct tail tail = {{r.text + close + 1, r.len - close - 1}, at.tail};
			struct place here = {start, at.dot, at.depth, &tail};

			status = add_group(c, r.text[i], body, here);
			start = start && r.text[i] == '!';
			i = close + 1;
		}
	}
	return status;
}

/* ------------------------------------------------------------ the whole -- */

/* @() and the like as the whole part are not groups: a name cannot be empty. */
static bool is_empty_group(struct row r)
{
	if (!is_group(r, 0) || r.text[0] == '!' || group_end(r, 0) != r.len - 1)
		return false;
	return strspn(r.text + 2, "|") >= r.len - 3;
}

enum sym_status part_regex(const char *part, size_t len, bool dot, bool ignore_case,
			   struct buf *out, struct sym_err *err)
{
	struct context c = {out, ignore_case, err};
	struct row r = {part, len};
	struct place at = {.start = true, .dot = dot};

	if (is_empty_group(r)) {
		for (size_t i = 0; i < len; i++)
			add_literal(out, part + i, 1);
		return SYM_OK;
	}
	/* A name is never empty: without this, `*` would match between two slashes. */
	if (is_group(r, 0) || starts_wild(r))
		buf_add_text(out, "(?=" ANY_CHAR ")");
	return add_row(&c, r, at);
}

bool part_literal(const char *part, size_t len, struct buf *out)
{
	struct row r = {part, len};
	size_t i = 0;

	if (run_end(r, 0) != len)
		return false;
	while (i < len) {
		size_t used = 0;
		char single[4];

		if (part[i] == '*' || part[i] == '?')
			return false;
		if (part[i] == '[') {
			switch (class_kind(part + i, len - i, &used, single)) {
			case CLASS_WILD:
				return false;
			case CLASS_SINGLE:
				buf_add(out, single, text_utf8_len(single, sizeof single));
				i += used;
				continue;
			case CLASS_NONE:
				break;
			}
		}
		i += part[i] == '\\' && i + 1 < len;
		buf_add_char(out, part[i]);
		i++;
	}
	return true;
}
