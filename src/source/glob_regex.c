/* SPDX-License-Identifier: MIT
 * The paths that these expressions see end in a slash where they are folders, and a
 * folder that was reached through a link is followed by two (source/glob.h). So
 *   - a part in the middle takes one slash or two;
 *   - two stars take any number of `name/`, then perhaps one `name//`: npm's glob goes
 *     into a link there, but no further than one level;
 *   - the end takes any slashes, or needs one in a pattern of folders only.
 *
 * Patterns come sorted and share the beginnings that they have in common, so that
 * twenty endings behind one `**` cost one pass over the folders of a path. */
#include "source/glob_regex.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "os/os.h"
#include "source/part.h"

#include <string.h>

/* ------------------------------------------------------ plainest forms -- */

/* Where the last part of `b` begins. */
static size_t last_part(const struct buf *b)
{
	size_t at = b->size;

	while (at > 0 && b->data[at - 1] != '/')
		at--;
	return at;
}

/* `..` takes back the part before it, as npm's glob does without asking the disk. */
static enum sym_status add_parent(struct buf *b, size_t *anchor, struct sym_err *err)
{
	size_t at;

	if (b->size == *anchor) {
		if (b->size > 0 && os_root_len(b->data) == b->size) /* above the root is the root */
			return SYM_OK;
		buf_add_text(b, "../");
		*anchor = b->size;
		return SYM_OK;
	}
	b->size--; /* its slash */
	at = last_part(b);
	if (text_is(b->data + at, b->size - at, "**"))
		return err_set(err, SYM_USAGE, "`..` cannot stand behind `**`");
	b->size = at;
	b->data[at] = '\0';
	return SYM_OK;
}

/* Is its last part two stars? Two more would add nothing. */
static bool ends_at_any_depth(const struct buf *b, size_t anchor)
{
	return b->size >= anchor + 3 && text_is(b->data + b->size - 3, 3, "**/") &&
	       (b->size == anchor + 3 || b->data[b->size - 4] == '/');
}

enum sym_status alternative_from(const char *pattern, struct alternative *out, struct sym_err *err)
{
	struct buf b = BUF_MAX(GLOB_ALTERNATIVES_BYTES_MAX);
	size_t anchor = os_root_len(pattern);
	const char *at = pattern + anchor;
	bool folder = false;

	*out = (struct alternative){0};
	buf_add(&b, pattern, anchor);
	while (*at) {
		size_t len = strcspn(at, "/");
		enum sym_status status;

		folder = at[len] == '/' || text_is(at, len, ".") || text_is(at, len, "..");
		if (text_is(at, len, "..")) {
			status = add_parent(&b, &anchor, err);
			if (status != SYM_OK) {
				buf_release(&b);
				return status;
			}
		} else if (len > 0 && !text_is(at, len, ".") &&
			   !(text_is(at, len, "**") && ends_at_any_depth(&b, anchor))) {
			buf_add(&b, at, len);
			buf_add_char(&b, '/');
		}
		at += len + (at[len] == '/');
	}
	if (b.failed) {
		buf_release(&b);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	if (b.size == anchor) {
		buf_release(&b);
		return SYM_OK;
	}
	if (!folder)
		b.data[--b.size] = '\0';
	out->text = b.data;
	out->anchor = anchor;
	return SYM_OK;
}

bool alternative_same_anchor(const struct alternative *a, const struct alternative *b)
{
	return a->anchor == b->anchor && strncmp(a->text, b->text, a->anchor) == 0;
}

int alternative_compare(const void *a, const void *b)
{
	const struct alternative *x = a, *y = b;

	if (x->anchor != y->anchor)
		return x->anchor < y->anchor ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* --------------------------------------------------------------- start -- */

/* `text` has a further part behind its first `len` bytes. */
static bool goes_on(const char *text, size_t len)
{
	return text[len] == '/' && text[len + 1] != '\0';
}

static bool same_part(const char *a, const char *b, size_t len)
{
	return strncmp(a, b, len) == 0 && (b[len] == '/' || b[len] == '\0');
}

size_t alternatives_start(const struct alternative *sorted, size_t count)
{
	const char *first = sorted[0].text, *last = sorted[count - 1].text;
	struct buf ignored = BUF_MAX(GLOB_PATTERN_BYTES_MAX);
	size_t at = sorted[0].anchor;

	/* Sorted: what the first and the last share, all of them do. */
	for (;;) {
		size_t len = strcspn(first + at, "/");

		if (!goes_on(first + at, len) || !same_part(first + at, last + at, len) ||
		    !goes_on(last + at, len) || !part_literal(first + at, len, &ignored))
			break;
		at += len + 1;
	}
	buf_release(&ignored);
	return at;
}

/* ---------------------------------------------------------- expression -- */

struct writer {
	struct regex_rules rules;
	struct buf *out;
	struct sym_err *err;
};

/* Alternatives that agree up to `at`. */
struct span {
	const struct alternative *first;
	size_t count;
	size_t at;
};

/* The part that the first alternatives of a span share, `len` bytes at span.at, and how they go
 * on behind it: a node of the tree of all alternatives. */
struct node {
	size_t len;
	bool ends;        /* one of them ends with the part */
	bool ends_folder; /* one ends with the part and a slash */
	bool one_more;    /* each of `rest` has exactly one part more */
	struct span rest; /* those that go on */
};

/* Takes the alternatives of the next node from the start of `s`. */
static struct node take_node(struct span *s)
{
	const char *part = s->first->text + s->at;
	struct node b = {.len = strcspn(part, "/"), .one_more = true, .rest.first = s->first};

	b.rest.at = s->at + b.len + 1;
	while (s->count > 0 && same_part(part, s->first->text + s->at, b.len)) {
		const char *text = s->first->text + s->at;

		if (goes_on(text, b.len)) {
			const char *next = strchr(text + b.len + 1, '/');

			if (b.rest.count == 0)
				b.rest.first = s->first;
			b.rest.count++;
			b.one_more = b.one_more && (!next || !next[1]);
		} else {
			b.ends = b.ends || !text[b.len];
			b.ends_folder = b.ends_folder || text[b.len];
		}
		s->first++;
		s->count--;
	}
	return b;
}

static enum sym_status write_span(const struct writer *w, struct span s);

/* `**` in the middle: folders, perhaps one link to a folder, then the rest. Where the
 * rest is a single name, it is the last one of the path, and nothing needs trying twice. */
static enum sym_status write_any_depth(const struct writer *w, const struct node *b)
{
	const char *name = w->rules.dot ? "[^/]++" : "(?=[^/.])[^/]++";
	const char *once = b->one_more ? "+" : "";
	enum sym_status status = SYM_OK;

	buf_add_text(w->out, "(?:");
	if (b->rest.count > 0) {
		buf_printf(w->out, "(?:%s/(?=[^/]))*%s(?:%s//(?=[^/]))?%s", name, once, name, once);
		status = write_span(w, b->rest);
	}
	if (b->ends || b->ends_folder)
		buf_printf(w->out, "%s(?:%s/(?=[^/]))*+%s%s\\z", b->rest.count > 0 ? "|" : "", name,
			   name, b->ends ? "/*" : "/+");
	buf_add_text(w->out, ")");
	return status;
}

static enum sym_status write_node(const struct writer *w, const char *part, const struct node *b)
{
	enum sym_status status;

	if (b->len == 2 && memcmp(part, "**", 2) == 0)
		return write_any_depth(w, b);
	/* Atomic: how else the same name could match makes no difference to what follows. */
	buf_add_text(w->out, "(?>");
	status = part_regex(part, b->len, w->rules.dot, w->rules.ignore_case, w->out, w->err);
	if (status != SYM_OK)
		return status;
	buf_add_text(w->out, "(?![^/]))(?:");
	if (b->ends || b->ends_folder)
		buf_printf(w->out, "%s\\z%s", b->ends ? "/*" : "/+", b->rest.count > 0 ? "|" : "");
	if (b->rest.count > 0) {
		buf_add_text(w->out, "/++");
		status = write_span(w, b->rest);
	}
	buf_add_text(w->out, ")");
	return status;
}

static enum sym_status write_span(const struct writer *w, struct span s)
{
	enum sym_status status = SYM_OK;
	const char *bar = "";

	buf_add_text(w->out, "(?:");
	while (s.count > 0 && status == SYM_OK && !w->out->failed) {
		const char *part = s.first->text + s.at;
		struct node b = take_node(&s);

		buf_add_text(w->out, bar);
		status = write_node(w, part, &b);
		bar = "|";
	}
	buf_add_text(w->out, ")");
	return status;
}

enum sym_status alternatives_regex(const struct alternative *sorted, size_t count, size_t from,
				   struct regex_rules rules, struct buf *out, struct sym_err *err)
{
	struct writer w = {rules, out, err};

	return write_span(&w, (struct span){sorted, count, from});
}
