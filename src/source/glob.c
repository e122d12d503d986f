/* SPDX-License-Identifier: MIT
 * Patterns to PCRE2. All of a set's patterns become one expression over whole paths,
 * so that a name is looked at once however many there are. The same expression,
 * asked for a partial match, tells whether a folder can lead anywhere. */
#include "source/glob.h"

#include "base/array.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"
#include "os/os.h"
#include "source/brace.h"
#include "source/glob_regex.h"
#include "source/part.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct glob {
	char *start;
	size_t count; /* expressions; more than one where PCRE2 finds them too large */
	pcre2_code **code;
	pcre2_match_context *limits;
};

/* A set in the making. */
struct maker {
	struct alternative *all;
	size_t count, room;
	unsigned flags;
	struct sym_err *err;
};

static enum sym_status no_memory(struct sym_err *err)
{
	return err_set(err, SYM_NOMEM, "out of memory");
}

/* ------------------------------------------------------------ patterns -- */

static struct regex_rules rules_of(const struct maker *m)
{
	return (struct regex_rules){m->flags & GLOB_DOT, m->flags & GLOB_IGNORE_CASE};
}

/* Is it right? Asked of each by itself, so that the one at fault can be named. */
static enum sym_status check(const struct maker *m, const struct alternative *a)
{
	struct buf regex = BUF_MAX(GLOB_REGEX_BYTES_MAX);
	enum sym_status status = alternatives_regex(a, 1, a->anchor, rules_of(m), &regex, m->err);

	buf_release(&regex);
	return status;
}

static enum sym_status maker_add(struct maker *m, const char *pattern)
{
	struct alternative a, *all;
	enum sym_status status = alternative_from(pattern, &a, m->err);

	if (status == SYM_OK && a.text)
		status = check(m, &a);
	if (status != SYM_OK || !a.text) {
		free(a.text);
		return status;
	}
	all = array_fit(m->all, &m->room, m->count + 1, sizeof *all);
	if (!all) {
		free(a.text);
		return no_memory(m->err);
	}
	m->all = all;
	m->all[m->count++] = a;
	return SYM_OK;
}

/* Is the only slash, if any, the last character? */
static bool is_base_name(const char *pattern)
{
	const char *slash = strchr(pattern, '/');

	return !slash || !slash[1];
}

static enum sym_status add_pattern(struct maker *m, const char *pattern)
{
	size_t len = strlen(pattern);
	struct expansions plain = {0};
	enum sym_status status;

	if (len == 0)
		return err_set(m->err, SYM_USAGE, "it is empty");
	if (len > GLOB_PATTERN_BYTES_MAX)
		return err_set(m->err, SYM_USAGE, "it is longer than %u bytes",
			       GLOB_PATTERN_BYTES_MAX);
	if (!text_is_utf8(pattern, len))
		return err_set(m->err, SYM_USAGE, "it is not UTF-8");
	status = brace_expand(pattern, len, &plain, m->err);
	for (size_t i = 0; i < plain.count && status == SYM_OK; i++) {
		struct buf deep = BUF_MAX(2 * GLOB_ALTERNATIVES_BYTES_MAX);
		bool any_depth = m->flags & GLOB_BASE_NAME && is_base_name(plain.at[i]);

		/* {a,}/b is `a/b` and `b`: only who writes a slash first means the root. */
		const char *text = plain.at[i] + (os_root_len(pattern) > 0 ? 0 : strspn(plain.at[i], "/"));

		buf_printf(&deep, "%s%s", any_depth ? "**/" : "", text);
		status = deep.failed ? no_memory(m->err) : maker_add(m, deep.data);
		buf_release(&deep);
	}
	expansions_release(&plain);
	return status;
}

/* Sorts, and drops what stands there twice. */
static void sort_alternatives(struct maker *m)
{
	size_t kept = 0;

	if (m->count > 1)
		qsort(m->all, m->count, sizeof *m->all, alternative_compare);
	for (size_t i = 0; i < m->count; i++) {
		if (kept > 0 && strcmp(m->all[kept - 1].text, m->all[i].text) == 0)
			free(m->all[i].text);
		else
			m->all[kept++] = m->all[i];
	}
	m->count = kept;
}

/* ---------------------------------------------------------- compiling -- */

static void glob_free(struct glob *g)
{
	for (size_t i = 0; i < g->count; i++)
		pcre2_code_free(g->code[i]);
	free(g->code);
	pcre2_match_context_free(g->limits);
	free(g->start);
	free(g);
}

/* SYM_TOO_BIG: the expression, or what PCRE2 would make of it, goes beyond a ceiling. */
static enum sym_status add_code(struct glob *g, const struct buf *regex, bool ignore_case, struct sym_err *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | (ignore_case ? PCRE2_CASELESS : 0);
	pcre2_code **grown;
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;

	if (regex->failed)
		return SYM_TOO_BIG;
	grown = realloc(g->code, (g->count + 1) * sizeof *grown);
	if (!grown)
		return no_memory(err);
	g->code = grown;
	code = pcre2_compile((PCRE2_SPTR)regex->data, regex->size, options, &error, &offset, NULL);
	if (!code)
		return error == PCRE2_ERROR_HEAP_FAILED ? no_memory(err) : SYM_TOO_BIG;
	/* Where the machine or a policy allows no JIT, the interpreter does the same. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
	g->code[g->count++] = code;
	return SYM_OK;
}

/* Compiles the alternatives into one expression, or into two halves if that is too large. */
static enum sym_status add_alternatives(struct glob *g, const struct maker *m,
					const struct alternative *first, size_t count, size_t from)
{
	struct regex_rules rules = rules_of(m);
	struct buf regex = BUF_MAX(GLOB_REGEX_BYTES_MAX);
	enum sym_status status = alternatives_regex(first, count, from, rules, &regex, m->err);

	if (status == SYM_OK)
		status = add_code(g, &regex, rules.ignore_case, m->err);
	buf_release(&regex);
	if (status != SYM_TOO_BIG)
		return status;
	if (count == 1)
		return err_set(m->err, SYM_USAGE, "pattern `%.*s`: it is too complicated",
			       text_fit(first->text, 100), first->text);
	status = add_alternatives(g, m, first, count / 2, from);
	if (status == SYM_OK)
		status = add_alternatives(g, m, first + count / 2, count - count / 2, from);
	return status;
}

/* The literal text of the first `len` bytes of a pattern, without the slash at the end. */
static char *start_text(const char *pattern, size_t anchor, size_t len)
{
	struct buf b = BUF_MAX(GLOB_PATTERN_BYTES_MAX);

	buf_add(&b, pattern, anchor);
	for (size_t at = anchor; at < len;) {
		size_t part = strcspn(pattern + at, "/");

		part_literal(pattern + at, part, &b);
		buf_add_char(&b, '/');
		at += part + 1;
	}
	if (b.failed) {
		buf_release(&b);
		return NULL;
	}
	if (b.size > 0 && b.size > os_root_len(b.data))
		b.data[b.size - 1] = '\0';
	return b.data;
}

static enum sym_status glob_make(const struct maker *m, const struct alternative *first,
				 size_t count, struct glob **out)
{
	bool whole = m->flags & GLOB_WHOLE || (m->flags & GLOB_IGNORE_CASE && !os_folds_case());
	size_t from = whole ? first->anchor : alternatives_start(first, count);
	struct glob *g = calloc(1, sizeof *g);
	enum sym_status status;

	if (!g)
		return no_memory(m->err);
	g->start = start_text(first->text, first->anchor, from);
	g->limits = pcre2_match_context_create(NULL);
	if (g->start && g->limits) {
		pcre2_set_match_limit(g->limits, GLOB_MATCH_STEPS_MAX);
		status = add_alternatives(g, m, first, count, from);
	} else {
		status = no_memory(m->err);
	}
	if (status != SYM_OK)
		glob_free(g);
	else
		*out = g;
	return status;
}

/* One glob for each anchor. */
static enum sym_status set_make(struct glob_set *set, const struct maker *m)
{
	enum sym_status status = SYM_OK;

	set->at = calloc(m->count ? m->count : 1, sizeof(struct glob *));
	if (!set->at)
		return no_memory(m->err);
	for (size_t i = 0, n; i < m->count && status == SYM_OK; i += n) {
		const struct alternative *first = &m->all[i];

		for (n = 1; i + n < m->count && alternative_same_anchor(&first[n], first);)
			n++;
		status = glob_make(m, first, n, &set->at[set->count]);
		set->count += status == SYM_OK;
	}
	return status;
}

enum sym_status glob_set_init(struct glob_set *set, const char *const *patterns, size_t count,
			      unsigned flags, struct sym_err *err)
{
	struct maker m = {.flags = flags, .err = err};
	enum sym_status status = SYM_OK;

	*set = (struct glob_set){0};
	for (size_t i = 0; i < count && status == SYM_OK; i++) {
		status = add_pattern(&m, patterns[i]);
		if (status == SYM_USAGE)
			err_prefix(err, "pattern `%.*s`", text_fit(patterns[i], 100), patterns[i]);
	}
	if (status == SYM_OK) {
		sort_alternatives(&m);
		status = set_make(set, &m);
	}
	for (size_t i = 0; i < m.count; i++)
		free(m.all[i].text);
	free(m.all);
	if (status != SYM_OK)
		glob_set_release(set);
	return status;
}

void glob_set_release(struct glob_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		glob_free(set->at[i]);
	free(set->at);
	*set = (struct glob_set){0};
}

const char *glob_start(const struct glob *glob)
{
	return glob->start;
}

/* ------------------------------------------------------------ matching -- */

/* The path as UTF-8: what is none becomes U+FFFD, as node reads such names. `*copy`,
 * where it is not NULL, is to be freed. False: out of memory. */
static bool path_as_utf8(const char **path, size_t *len, char **copy)
{
	size_t to = 0, n;

	*copy = NULL;
	if (text_is_utf8(*path, *len))
		return true;
	*copy = malloc(3 * *len);
	if (!*copy)
		return false;
	for (size_t i = 0; i < *len; i += n ? n : 1) {
		n = text_utf8_len(*path + i, *len - i);
		memcpy(*copy + to, n ? *path + i : "\xef\xbf\xbd", n ? n : 3);
		to += n ? n : 3;
	}
	*path = *copy;
	*len = to;
	return true;
}

/* One question to one expression. The JIT's stack is small: what needs more is done again
 * by the interpreter, whose memory is the heap. */
static int ask(const pcre2_code *code, const char *path, size_t len, uint32_t options,
	       pcre2_match_data *data, pcre2_match_context *limits)
{
	int answer = pcre2_match(code, (PCRE2_SPTR)path, len, 0, options, data, limits);

	if (answer == PCRE2_ERROR_JIT_STACKLIMIT)
		answer = pcre2_match(code, (PCRE2_SPTR)path, len, 0, options | PCRE2_NO_JIT, data,
				     limits);
	return answer;
}

/* The best of all expressions' answers: yes or partly, else gave up, else no. */
static int ask_all(const struct glob *g, const char *path, size_t len, uint32_t options)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int best = PCRE2_ERROR_NOMATCH;
	char *copy;

	if (!data)
		return PCRE2_ERROR_NOMEMORY;
	if (!path_as_utf8(&path, &len, &copy))
		best = PCRE2_ERROR_NOMEMORY;
	for (size_t i = 0; i < g->count && best != PCRE2_ERROR_NOMEMORY; i++) {
		int answer =
			ask(g->code[i], path, len, options | PCRE2_NO_UTF_CHECK, data, g->limits);

		if (answer >= 0 || answer == PCRE2_ERROR_PARTIAL) {
			best = answer;
			break;
		}
		if (answer != PCRE2_ERROR_NOMATCH)
			best = answer;
	}
	pcre2_match_data_free(data);
	free(copy);
	return best;
}

enum glob_answer glob_match(const struct glob *glob, const char *path, size_t len)
{
	int answer = ask_all(glob, path, len, 0);

	return answer >= 0			   ? GLOB_YES
	       : answer == PCRE2_ERROR_NOMATCH  ? GLOB_NO
	       : answer == PCRE2_ERROR_NOMEMORY ? GLOB_NO_MEMORY
						: GLOB_LIMIT;
}

enum glob_answer glob_set_match(const struct glob_set *set, const char *path, size_t len)
{
	enum glob_answer answer = GLOB_NO;

	for (size_t i = 0; i < set->count && answer == GLOB_NO; i++) {
		const char *start = set->at[i]->start;
		size_t from = strlen(start);

		if (strncmp(path, start, from) != 0 || (from > 0 && start[from - 1] != '/' && path[from] != '/'))
			continue;
		from += strspn(path + from, "/");
		answer = glob_match(set->at[i], path + from, len - from);
	}
	return answer;
}

bool glob_may_descend(const struct glob *glob, const char *path, size_t len)
{
	/* Where it gives up, reading the folder is the safe side. */
	return ask_all(glob, path, len, PCRE2_PARTIAL_HARD) != PCRE2_ERROR_NOMATCH;
}
