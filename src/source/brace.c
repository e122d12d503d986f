/* SPDX-License-Identifier: MIT
 * The rules are bash's, with npm's reading of its dark corners: a pattern is
 *
 *     before { body } after
 *
 * where the braces are the leftmost pair that match. A body with a comma is a set,
 * one with `..` a sequence; anything else is text. */
#include "source/brace.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A piece of a pattern, borrowed. */
struct piece {
	const char *text;
	size_t len;
};

/* ---------------------------------------------------------- expansions -- */

void expansions_release(struct expansions *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct expansions){0};
}

/* Adds a copy of head + text. SYM_USAGE beyond the ceilings of base/limits.h. */
static enum sym_status add_expansion(struct expansions *list, const char *head, const char *text,
				     size_t len, struct sym_err *err)
{
	size_t head_len = strlen(head);
	char *copy, **at;

	if (list->count >= GLOB_ALTERNATIVES_MAX ||
	    head_len + len > GLOB_ALTERNATIVES_BYTES_MAX - list->bytes)
		return err_set(err, SYM_USAGE, "its braces stand for more than %u patterns",
			       GLOB_ALTERNATIVES_MAX);
	at = array_fit(list->at, &list->room, list->count + 1, sizeof *at);
	if (!at)
		return err_set(err, SYM_NOMEM, "out of memory");
	list->at = at;
	copy = malloc(head_len + len + 1);
	if (!copy)
		return err_set(err, SYM_NOMEM, "out of memory");
	memcpy(copy, head, head_len);
	memcpy(copy + head_len, text, len);
	copy[head_len + len] = '\0';
	list->at[list->count++] = copy;
	list->bytes += head_len + len;
	return SYM_OK;
}

/* `acc` becomes every string of `acc` followed by `before` and each string of `values`. */
static enum sym_status combine(struct expansions *acc, struct piece before,
			       const struct expansions *values, struct sym_err *err)
{
	struct expansions next = {0};
	struct buf head = BUF_MAX(GLOB_ALTERNATIVES_BYTES_MAX);
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < acc->count && status == SYM_OK; i++) {
		buf_clear(&head);
		buf_add_text(&head, acc->at[i]);
		buf_add(&head, before.text, before.len);
		if (head.failed)
			status = err_set(err, SYM_NOMEM, "out of memory");
		for (size_t j = 0; j < values->count && status == SYM_OK; j++)
			status = add_expansion(&next, head.data ? head.data : "", values->at[j],
					       strlen(values->at[j]), err);
	}
	buf_release(&head);
	if (status != SYM_OK) {
		expansions_release(&next);
		return status;
	}
	expansions_release(acc);
	*acc = next;
	return SYM_OK;
}

/* ------------------------------------------------------------- reading -- */

/* The leftmost `{` that has a partner. False where there is none. */
static enum sym_status find_pair(struct piece p, bool *found, size_t *open, size_t *close,
				 struct sym_err *err)
{
	size_t stack[GLOB_NESTING_MAX];
	size_t depth = 0;

	*found = false;
	for (size_t i = 0; i < p.len; i++) {
		if (p.text[i] == '\\') {
			i++;
		} else if (p.text[i] == '{') {
			if (depth == GLOB_NESTING_MAX)
				return err_set(err, SYM_USAGE, "its braces are nested too deeply");
			stack[depth++] = i;
		} else if (p.text[i] == '}' && depth > 0) {
			depth--;
			if (!*found || stack[depth] < *open) {
				*open = stack[depth];
				*close = i;
				*found = true;
			}
			if (depth == 0)
				break;
		}
	}
	return SYM_OK;
}

static bool has_comma(struct piece p)
{
	for (size_t i = 0; i < p.len; i++) {
		if (p.text[i] == '\\')
			i++;
		else if (p.text[i] == ',')
			return true;
	}
	return false;
}

/* bash reads {a},b} as a set of `a}` and `b`: is there a comma, not the first of
 * two, and a closing brace after it? */
static bool set_follows(struct piece after)
{
	bool comma = false;

	for (size_t i = 0; i < after.len; i++) {
		if (after.text[i] == '\\')
			i++;
		else if (after.text[i] == ',')
			comma = comma || i + 1 == after.len || after.text[i + 1] != ',';
		else if (after.text[i] == '}' && comma)
			return true;
	}
	return false;
}

/* ----------------------------------------------------------- sequences -- */

struct sequence {
	long long first, last, step; /* step is not 0 and leads from first to last */
	bool letters;
	size_t width; /* digits to fill with zeros; 0 = as they come */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool read_number(const char **at, const char *end, long long *value, size_t *width,
			bool *padded)
{
	const char *start = *at, *p = start;
	char copy[20]; /* what fits into 63 bits with its sign */

	p += p < end && *p == '-';
	if (p == end || *p < '0' || *p > '9')
		return false;
	*padded |= *p == '0' && p + 1 < end && p[1] >= '0' && p[1] <= '9';
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if ((size_t)(p - start) >= sizeof copy)
		return false;
	memcpy(copy, start, (size_t)(p - start));
	copy[p - start] = '\0';
	errno = 0;
	*value = strtoll(copy, NULL, 10);
	if (*width < (size_t)(p - start))
		*width = (size_t)(p - start);
	*at = p;
	return errno == 0 && *value > -(1LL << 53) && *value < 1LL << 53;
}

static bool read_dots(const char **at, const char *end)
{
	if (end - *at < 2 || (*at)[0] != '.' || (*at)[1] != '.')
		return false;
	*at += 2;
	return true;
}

/* 1..9, 01..10, a..e, and each with ..STEP. */
static bool read_sequence(struct piece body, struct sequence *s)
{
	const char *at = body.text, *end = at + body.len;
	bool padded = false;
	size_t width = 0, ignored = 0;

	*s = (struct sequence){.step = 1};
	if (body.len >= 4 && is_letter(at[0]) && is_letter(at[3]) && at[1] == '.' && at[2] == '.') {
		s->letters = true;
		s->first = at[0];
		s->last = at[3];
		at += 4;
	} else if (!read_number(&at, end, &s->first, &width, &padded) || !read_dots(&at, end) ||
		   !read_number(&at, end, &s->last, &width, &padded)) {
		return false;
	}
	if (at < end && (!read_dots(&at, end) ||
			 !read_number(&at, end, &s->step, s->letters ? &ignored : &width, &padded)))
		return false;
	if (at != end)
		return false;
	if (s->step < 0)
		s->step = -s->step;
	if (s->step == 0)
		s->step = 1;
	if (s->last < s->first)
		s->step = -s->step;
	s->width = padded && !s->letters ? width : 0;
	return true;
}

static enum sym_status sequence_values(const struct sequence *s, struct expansions *out,
				       struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	struct buf word = BUF_MAX(64);

	for (long long n = s->first; status == SYM_OK; n += s->step) {
		if (s->step > 0 ? n > s->last : n < s->last)
			break;
		buf_clear(&word);
		if (!s->letters)
			buf_printf(&word, "%0*lld", (int)s->width, n);
		else if (n != '\\') /* between Z and a */
			buf_add_char(&word, (char)n);
		if (word.failed)
			status = err_set(err, SYM_NOMEM, "out of memory");
		else
			status =
				add_expansion(out, "", word.data ? word.data : "", word.size, err);
	}
	buf_release(&word);
	return status;
}

/* ---------------------------------------------------------------- sets -- */

static enum sym_status expand(struct piece p, unsigned depth, struct expansions *out,
			      struct sym_err *err);

/* The end of the part that starts at `from`: a comma outside of inner pairs, or the end. */
static enum sym_status part_end(struct piece body, size_t from, size_t *end, struct sym_err *err)
{
	size_t skip_to = from;
	enum sym_status status;

	for (;;) {
		struct piece rest = {body.text + skip_to, body.len - skip_to};
		size_t open = rest.len, close = 0, comma = 0;
		bool pair;

		status = find_pair(rest, &pair, &open, &close, err);
		if (status != SYM_OK)
			return status;
		if (!pair)
			open = rest.len;
		while (comma < open && rest.text[comma] != ',')
			comma += rest.text[comma] == '\\' ? 2 : 1;
		if (comma < open) {
			*end = skip_to + comma;
			return SYM_OK;
		}
		if (!pair) {
			*end = body.len;
			return SYM_OK;
		}
		skip_to += close + 1;
	}
}

static enum sym_status set_values(struct piece body, unsigned depth, struct expansions *out,
				  struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	size_t from = 0, end = 0;

	while (status == SYM_OK) {
		status = part_end(body, from, &end, err);
		if (status != SYM_OK || (from == 0 && end == body.len))
			break;
		status = expand((struct piece){body.text + from, end - from}, depth + 1, out, err);
		if (end == body.len)
			return status;
		from = end + 1;
	}
	if (status == SYM_OK) { /* {{a,b}}: the commas are all further in, these braces are text */
		struct expansions inner = {0};

		status = expand(body, depth + 1, &inner, err);
		for (size_t i = 0; i < inner.count && status == SYM_OK; i++) {
			struct buf word = BUF_MAX(GLOB_ALTERNATIVES_BYTES_MAX);

			buf_printf(&word, "%s}", inner.at[i]);
			status = word.failed ? err_set(err, SYM_NOMEM, "out of memory")
					     : add_expansion(out, "{", word.data, word.size, err);
			buf_release(&word);
		}
		expansions_release(&inner);
	}
	return status;
}

/* ----------------------------------------------------------- expanding -- */

/* What the pair stands for, into `values`. They stay empty where the pair is plain text. */
static enum sym_status pair_values(struct piece before, struct piece body, unsigned depth,
				   struct expansions *values, struct sym_err *err)
{
	struct sequence sequence;

	if (before.len > 0 && before.text[before.len - 1] == '$') { /* the shell's ${…} */
		struct piece whole = {body.text - 1, body.len + 2};

		return add_expansion(values, "", whole.text, whole.len, err);
	}
	if (read_sequence(body, &sequence))
		return sequence_values(&sequence, values, err);
	if (has_comma(body))
		return set_values(body, depth, values, err);
	return SYM_OK;
}

/* Each string of `acc` becomes as many as `work` stands for, each of these appended to it. */
static enum sym_status expand_into(struct expansions *acc, struct buf *work, unsigned depth,
				   struct sym_err *err)
{
	struct piece rest = {work->data, work->size};

	for (;;) {
		struct expansions values = {0};
		struct piece before = rest, body = {0}, after = {0};
		size_t open = 0, close = 0;
		bool pair = false;
		enum sym_status status = find_pair(rest, &pair, &open, &close, err);

		if (status == SYM_OK && pair) {
			before.len = open;
			body = (struct piece){rest.text + open + 1, close - open - 1};
			after = (struct piece){rest.text + close + 1, rest.len - close - 1};
			status = pair_values(before, body, depth, &values, err);
		}
		if (status == SYM_OK && pair && values.count == 0 && set_follows(after)) {
			/* {a},b}: the first closing brace is text; read again. */
			size_t from = (size_t)(rest.text - work->data), at = from + close;

			buf_add_char(work, ' ');
			if (work->failed)
				return err_set(err, SYM_NOMEM, "out of memory");
			memmove(work->data + at + 1, work->data + at, work->size - at - 1);
			work->data[at] = '\\';
			rest = (struct piece){work->data + from, work->size - from};
			continue;
		}
		if (status == SYM_OK && values.count == 0) { /* nothing expands any more */
			before = rest;
			after.len = 0;
			status = add_expansion(&values, "", "", 0, err);
		}
		if (status == SYM_OK)
			status = combine(acc, before, &values, err);
		expansions_release(&values);
		if (status != SYM_OK || after.len == 0)
			return status;
		rest = after;
	}
}

static enum sym_status expand(struct piece p, unsigned depth, struct expansions *out,
			      struct sym_err *err)
{
	struct expansions acc = {0};
	struct buf work = BUF_MAX(2 * GLOB_PATTERN_BYTES_MAX);
	enum sym_status status;

	if (depth > GLOB_NESTING_MAX)
		return err_set(err, SYM_USAGE, "its braces are nested too deeply");
	buf_add(&work, p.text, p.len);
	status = work.failed ? err_set(err, SYM_NOMEM, "out of memory")
			     : add_expansion(&acc, "", "", 0, err);
	if (status == SYM_OK)
		status = expand_into(&acc, &work, depth, err);
	for (size_t i = 0; i < acc.count && status == SYM_OK; i++)
		status = add_expansion(out, "", acc.at[i], strlen(acc.at[i]), err);
	expansions_release(&acc);
	buf_release(&work);
	return status;
}

enum sym_status brace_expand(const char *pattern, size_t len, struct expansions *out,
			     struct sym_err *err)
{
	return expand((struct piece){pattern, len}, 0, out, err);
}
