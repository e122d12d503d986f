/* SPDX-License-Identifier: MIT
 * What must hold of any bytes at all. */
#include "fuzz.h"

#include "base/text.h"
#include "key/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "broken promise: %s\n", what);
	abort();
}

static bool ends(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

/* Relative, and every component one that a store may hold. */
static bool path_is_safe(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || len > SYM_NAME_MAX || memchr(path, '\\', len))
			return false;
		if (path[0] == '.' && (len == 1 || (len == 2 && path[1] == '.')))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

static void check_debug_id(const struct sym_debug_id *debug)
{
	char text[KEY_ID_MAX];

	fuzz_must(debug->form <= SYM_DEBUG_NB10, "a known form of debug identifier");
	key_debug_text(debug, text);
	fuzz_must(ends(text, sizeof text), "a debug identifier fits its text");
}

static void check_code_id(const struct sym_code_id *code)
{
	char text[KEY_ID_MAX];

	fuzz_must(code->form <= SYM_CODE_TEXT && code->len <= SYM_CODE_MAX, "a code identifier");
	key_code_text(code, text);
	fuzz_must(ends(text, sizeof text), "a code identifier fits its text");
}

static void check_identity(const struct sym_identity *id, uint64_t file_size)
{
	fuzz_must(id->kind > SYM_KIND_NONE && id->kind < SYM_KIND_COUNT && kind_word(id->kind), "a kind");
	fuzz_must(id->arch < SYM_ARCH_COUNT && arch_word(id->arch), "an architecture");
	fuzz_must(id->has < SYM_HAS_SOURCES << 1, "only known offers");
	fuzz_must(id->traits < SYM_SHARED_DWARF << 1, "only known traits");
	fuzz_must(ends(id->name, sizeof id->name), "a name with its end");
	fuzz_must(ends(id->written_id, sizeof id->written_id), "a written identifier with its end");
	fuzz_must(range_ok(id->slice_offset, id->slice_size, file_size), "a slice inside the file");
	fuzz_must(id->wants_count <= SYM_WANTS_MAX, "as many wants as there is room for");
	check_code_id(&id->code);
	check_debug_id(&id->debug);
	for (unsigned i = 0; i < id->wants_count; i++) {
		fuzz_must(ends(id->wants[i].name, sizeof id->wants[i].name), "a wanted name with its end");
		check_code_id(&id->wants[i].code);
		check_debug_id(&id->wants[i].debug);
	}
}

static void check_paths(const struct sym_identity *id)
{
	struct key_paths paths;
	struct sym_err err;

	for (size_t i = 0; i < key_reader_count; i++) {
		if (key_paths_for(&key_readers[i], id, "folder/Some File.so.1", &paths, &err) != SYM_OK) {
			fuzz_must(err.status != SYM_OK && ends(err.text, sizeof err.text), "a reason");
			continue;
		}
		fuzz_must(paths.count <= KEY_PATHS_MAX, "as many paths as there is room for");
		for (size_t k = 0; k < paths.count; k++) {
			fuzz_must(ends(paths.at[k].text, sizeof paths.at[k].text), "a path with its end");
			fuzz_must(path_is_safe(paths.at[k].text), "a path that stays in the store");
			fuzz_must(text_is_utf8(paths.at[k].text, strlen(paths.at[k].text)), "a path in UTF-8");
		}
	}
}

struct seen {
	uint64_t file_size;
	unsigned identities;
};

static enum sym_status found(void *ctx, const struct sym_identity *id)
{
	struct seen *seen = ctx;

	seen->identities++;
	check_identity(id, seen->file_size);
	check_paths(id);
	return SYM_OK;
}

void fuzz_format(const struct format *format, const uint8_t *bytes, size_t n)
{
	static struct blob blob;
	struct seen seen = {.file_size = n};
	struct identity_sink sink = {.found = found, .ctx = &seen};
	struct sym_err err = {0};
	enum sym_status status;

	blob_open_memory(&blob, bytes, n);
	blob.unpack = fuzz_unpack;
	status = format ? format->identify(&blob, &sink, &err)
			: format_identify(&blob, &sink, &err);
	fuzz_must(blob.error.status == SYM_OK, "memory can be read");
	fuzz_must(status != SYM_OK || seen.identities > 0, "what is recognised has an identity");
	if (status == SYM_OK || (status == SYM_NOT_MINE && format))
		return;
	fuzz_must(err.status == status, "a failure says which it is");
	fuzz_must(err.text[0] && ends(err.text, sizeof err.text), "and why");
}
