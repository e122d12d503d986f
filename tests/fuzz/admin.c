/* SPDX-License-Identifier: MIT
 * What must hold of any bytes that stand in the texts of 000Admin: anybody can have written them. */
#include "fuzz.h"

#include "target/admin/ledger.h"
#include "target/admin/list.h"
#include "target/admin/refs.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX UINT64_C(9999999999) /* ten digits */

static void fill(struct buf *text, const uint8_t *bytes, size_t n)
{
	*text = (struct buf)BUF_MAX(n + 1);
	buf_add(text, bytes, n);
	fuzz_must(!text->failed, "memory for the text");
}

/* ------------------------------------------------------------------ ledger -- */

/* What was read of a line can be written, and reads back. */
static void check_there_and_back(const struct ledger_line *line)
{
	struct ledger l = {.fields = BUF_MAX(1 << 20)};
	struct sym_err err;

	ledger_add(&l.fields, line);
	fuzz_must(!l.fields.failed && ledger_parse(&l, &err) == SYM_OK && l.count == 1, "one line is written");
	fuzz_must(l.lines[0].id == line->id && l.lines[0].pointers == line->pointers, "of the same transaction");
	fuzz_must(strcmp(l.lines[0].product, line->product) == 0 && strcmp(l.lines[0].version, line->version) == 0 &&
		  strcmp(l.lines[0].label, line->label) == 0, "with the same texts");
	fuzz_must(line->time_s == 0 || llabs(l.lines[0].time_s - line->time_s) <= 3600,
		  "and time, but for the hour that clocks have twice");
	ledger_release(&l);
}

static bool can_be_noted(const char *text)
{
	struct sym_err err;

	return ledger_check_text("it", text, &err) == SYM_OK;
}

static void check_line(const struct ledger *l, const struct ledger_line *line)
{
	const char *end = l->fields.data + l->fields.size;

	fuzz_must(line->id > 0 && line->id <= ID_MAX, "a number of ten digits");
	fuzz_must(!line->removal || (line->of > 0 && line->of <= ID_MAX), "which removes another");
	if (line->removal)
		return;
	fuzz_must(line->time_s >= 0, "a time since 1970");
	for (int i = 0; i < 5; i++) {
		const char *field = (const char *[]){line->date, line->time, line->product, line->version,
						     line->label}[i];

		fuzz_must(field >= l->fields.data && field <= end, "a field within its text");
	}
	if (can_be_noted(line->product) && can_be_noted(line->version) && can_be_noted(line->label))
		check_there_and_back(line);
}

static void fuzz_ledger(const uint8_t *bytes, size_t n)
{
	struct ledger l = {0};
	struct sym_err err = {0};
	enum sym_status status;

	fill(&l.fields, bytes, n);
	status = ledger_parse(&l, &err);
	fuzz_must(status == SYM_OK || (status == SYM_MALFORMED && strncmp(err.text, "line ", 5) == 0),
		  "a ledger is read, or its bad line is named");
	for (size_t i = 0; status == SYM_OK && i < l.count; i++)
		check_line(&l, &l.lines[i]);
	ledger_release(&l);
}

/* -------------------------------------------------------------------- refs -- */

static void check_ref(const struct buf *text, const struct refs_line *line)
{
	const char *end = text->data + text->size;

	fuzz_must(line->len > 0 && line->text >= text->data && line->len <= (size_t)(end - line->text),
		  "a line within its text");
	fuzz_must(!memchr(line->text, '\n', line->len), "without its end");
	fuzz_must(line->id <= ID_MAX, "a number of ten digits, or none");
	fuzz_must(!line->id || (line->path >= line->text &&
				line->path_len <= (size_t)(line->text + line->len - line->path)),
		  "a path within its line");
	fuzz_must(!line->id || refs_has(text, line->id), "which is found again");
}

/* Lines that are kept say what they said. */
static void fuzz_refs(const uint8_t *bytes, size_t n)
{
	struct buf text, kept = BUF_MAX(2 * n + 2);
	struct refs_line line, again;
	size_t at = 0, same = 0;

	fill(&text, bytes, n);
	while (refs_next(&text, &at, &line)) {
		check_ref(&text, &line);
		refs_add(&kept, line.text, line.len);
	}
	for (at = 0; refs_next(&text, &at, &line);) {
		fuzz_must(refs_next(&kept, &same, &again), "a line is kept");
		fuzz_must(line.id == again.id && line.pointer == again.pointer && line.len == again.len &&
			  memcmp(line.text, again.text, line.len) == 0, "as it was");
	}
	fuzz_must(!refs_next(&kept, &same, &again), "and no other");
	buf_release(&kept);
	buf_release(&text);
}

/* -------------------------------------------------------------------- list -- */

static bool is_the_stores(const char *path)
{
	for (;; path++) {
		size_t len = strcspn(path, "/");
		char name[KEY_PATH_MAX];

		memcpy(name, path, len);
		name[len] = '\0';
		if (len == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || key_is_the_stores_own(name))
			return true;
		path += len;
		if (!*path)
			return false;
	}
}

static enum sym_status check_entry(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	char path[KEY_PATH_MAX], back[KEY_PATH_MAX], again[KEY_PATH_MAX];
	size_t *count = ctx;

	++*count;
	fuzz_must(entry->source != NULL, "a source, though it may be empty");
	if (list_path_of(entry->text, path, err) != SYM_OK) {
		fuzz_must(err->status == SYM_REFUSED && err->text[0], "an entry is refused with a reason");
		return SYM_OK;
	}
	fuzz_must(strchr(path, '/') && !strchr(path, '\\') && !strchr(path, ':'), "a path of several components");
	fuzz_must(!is_the_stores(path), "which stays in the store, and off its own files");
	for (int two_tier = 0; two_tier <= 1; two_tier++) {
		list_entry_of(path, two_tier, back);
		if (strchr(back, '\\'))
			fuzz_must(list_path_of(back, again, err) == SYM_OK && strstr(path, again) != NULL,
				  "what is noted of a path leads back to it");
	}
	return SYM_OK;
}

static void fuzz_list(const uint8_t *bytes, size_t n)
{
	struct sym_err err = {0};
	size_t count = 0;
	enum sym_status status = list_parse((const char *)bytes, n, check_entry, &count, &err);

	fuzz_must(status == SYM_OK || (status == SYM_MALFORMED && strncmp(err.text, "line ", 5) == 0),
		  "a list is read, or its bad line is named");
	fuzz_must(count <= n / 2 + 1, "no more entries than lines");
}

void fuzz_admin(const uint8_t *bytes, size_t n)
{
	fuzz_ledger(bytes, n);
	fuzz_refs(bytes, n);
	fuzz_list(bytes, n);
}
