/* SPDX-License-Identifier: MIT
 *
 *   [profile ci]              # "default" needs no word before it
 *   region = eu-west-1
 *   s3 =
 *     addressing_style = path
 *
 * A comment is a line that begins with # or ;. Nothing behind a value is one: the tools of
 * AWS do not agree on that, and a command may hold both signs. */
#include "target/s3/ini.h"

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct span {
	const char *at;
	size_t size;
};

/* Where the reading stands. */
struct state {
	struct ini *ini;
	enum ini_kind kind;
	const char *section; /* NULL before the first one */
	const char *parent;  /* the last key of the section without a value, or NULL */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.size > 0 && is_blank(s.at[0])) {
		s.at++;
		s.size--;
	}
	while (s.size > 0 && is_blank(s.at[s.size - 1]))
		s.size--;
	return s;
}

static enum sym_status add_entry(struct ini *ini, const char *section, const char *key,
				 const char *value, struct sym_err *err)
{
	struct ini_entry *entries;

	entries = section && key && value ? array_fit(ini->entries, &ini->room, ini->count + 1, sizeof *entries) : NULL;
	if (!entries)
		return err_set(err, SYM_NOMEM, "out of memory");
	ini->entries = entries;
	entries[ini->count++] = (struct ini_entry){section, key, value};
	return SYM_OK;
}

/* [profile "a name"] into the section's name as ini_get composes it. */
static enum sym_status begin_section(struct state *s, struct span line, struct sym_err *err)
{
	static const char *const words[] = {"profile", "sso-session", "services"};
	struct span name = trim((struct span){line.at + 1, line.size - 2});
	const char *word = words[0];
	char *section;
	size_t size;

	for (size_t i = 0; s->kind == INI_CONFIG && i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i]);

		if (name.size > len && strncmp(name.at, words[i], len) == 0 && is_blank(name.at[len])) {
			word = words[i];
			name = trim((struct span){name.at + len, name.size - len});
			break;
		}
	}
	if (name.size >= 2 && (name.at[0] == '"' || name.at[0] == '\'') &&
	    name.at[name.size - 1] == name.at[0])
		name = (struct span){name.at + 1, name.size - 2};
	size = strlen(word) + 1 + name.size + 1;
	section = arena_take(&s->ini->arena, size);
	if (section)
		snprintf(section, size, "%s %.*s", word, (int)name.size, name.at);
	s->section = section;
	s->parent = NULL;
	return add_entry(s->ini, section, "", "", err); /* a section can be empty, and yet be there */
}

/* "key", or "parent.key" */
static char *entry_key(struct state *s, struct span key, bool nested)
{
	size_t before = nested ? strlen(s->parent) + 1 : 0, size = before + key.size + 1;
	char *text = arena_take(&s->ini->arena, size);

	if (!text)
		return NULL;
	snprintf(text, size, "%s%s%.*s", nested ? s->parent : "", nested ? "." : "", (int)key.size,
		 key.at);
	text_lower_all(text);
	return text;
}

static enum sym_status read_line(struct state *s, struct span line, struct sym_err *err)
{
	bool indented = line.size > 0 && is_blank(line.at[0]);
	struct span text = trim(line), key, value;
	const char *equals;
	char *name;

	if (text.size == 0 || text.at[0] == '#' || text.at[0] == ';')
		return SYM_OK;
	if (text.at[0] == '[' && !indented) {
		if (text.at[text.size - 1] != ']')
			return err_set(err, SYM_MALFORMED, "a section without its ]");
		return begin_section(s, text, err);
	}
	if (!s->section)
		return err_set(err, SYM_MALFORMED, "a value before the first section");
	equals = memchr(text.at, '=', text.size);
	if (!equals)
		return indented ? SYM_OK : err_set(err, SYM_MALFORMED, "neither a section nor key = value");
	key = trim((struct span){text.at, (size_t)(equals - text.at)});
	value = trim((struct span){equals + 1, (size_t)(text.at + text.size - equals) - 1});
	name = entry_key(s, key, indented && s->parent);
	if (!indented)
		s->parent = value.size == 0 ? name : NULL;
	return add_entry(s->ini, s->section, name, arena_text(&s->ini->arena, value.at, value.size), err);
}

enum sym_status ini_read(struct ini *ini, const char *text, size_t size, enum ini_kind kind,
			 struct sym_err *err)
{
	struct state s = {.ini = ini, .kind = kind};
	unsigned number = 0;
	size_t mark = text_mark(text, size);

	text += mark;
	size -= mark;
	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t line = end ? (size_t)(end - text) : size;
		enum sym_status status = read_line(&s, (struct span){text, line}, err);

		number++;
		if (status != SYM_OK)
			return err_prefix(err, "line %u", number);
		text += line + (end != NULL);
		size -= line + (end != NULL);
	}
	return SYM_OK;
}

/* Is this the section "section name"? */
static bool is_section(const char *full, const char *section, const char *name)
{
	size_t len = strlen(section);

	return strncmp(full, section, len) == 0 && full[len] == ' ' && strcmp(full + len + 1, name) == 0;
}

const char *ini_get(const struct ini *ini, const char *section, const char *name, const char *key)
{
	for (size_t i = ini->count; i-- > 0;)
		if (strcmp(ini->entries[i].key, key) == 0 &&
		    is_section(ini->entries[i].section, section, name))
			return ini->entries[i].value;
	return NULL;
}

bool ini_has(const struct ini *ini, const char *section, const char *name)
{
	return ini_get(ini, section, name, "") != NULL;
}

void ini_release(struct ini *ini)
{
	arena_release(&ini->arena);
	free(ini->entries);
	*ini = (struct ini){0};
}
