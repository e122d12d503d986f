/* SPDX-License-Identifier: MIT */
#include "pipeline/place.h"

#include "base/err.h"

#include <string.h>

bool place_add(struct parcel *p, const char *path, unsigned readers)
{
	struct parcel_path *at;

	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->at[i].path, path) == 0) {
			p->at[i].readers |= readers;
			return true;
		}
	if (p->count == PARCEL_PATHS_MAX)
		return false;
	at = &p->at[p->count++];
	memcpy(at->path, path, strlen(path) + 1);
	at->readers = readers;
	at->action = ACTION_PENDING;
	at->warn = at->second = false;
	at->why.status = SYM_OK;
	return true;
}

static enum sym_status add(struct parcel *p, size_t reader, const char *path, struct sym_err *err)
{
	return place_add(p, path, 1u << reader) ? SYM_OK : err_set(err, SYM_TOO_BIG, "more paths than a parcel holds");
}

static enum sym_status add_reader(struct parcel *p, size_t reader, const struct sym_identity *id,
				  const char *file, const char *member, bool two_tier, bool *needs,
				  struct sym_err *err)
{
	const struct key_reader *row = &key_readers[reader];
	struct key_paths paths;
	enum sym_status status;

	if (member && !row->symsrv)
		return SYM_OK; /* only SymSrv clients unpack what they fetch */
	status = key_paths_for(row, id, member ? member : file, &paths, err);
	for (size_t i = 0; status == SYM_OK && i < paths.count; i++) {
		if (paths.at[i].needs) {
			*needs = true;
			continue;
		}
		if (member)
			key_compressed(paths.at[i].text);
		if (two_tier && row->symsrv && !key_two_tier(paths.at[i].text))
			status = err_set(err, SYM_REFUSED, "the path is too long for a two-tier store");
		else
			status = add(p, reader, paths.at[i].text, err);
	}
	return status;
}

/* What has no identifier, and goes by its name where that is enough. */
static const char *const keyless_words[SYM_KIND_COUNT] = {
	[SYM_SOURCEMAP] = "a source map",
	[SYM_UNREAL_SYM] = "Unreal's binary .sym",
	[SYM_ZIP] = "a zip",
};

/* Why there is no path, and what to do about it. */
static enum sym_status no_reader(const struct sym_identity *id, bool needs, struct sym_err *err)
{
	if (keyless_words[id->kind])
		return err_set(err, SYM_NO_KEY, "%s has no identifier: only BugSplat takes it, by name",
			       keyless_words[id->kind]);
	if (id->traits & SYM_OBJECT)
		return err_set(err, SYM_NOT_MINE, "an object file: readers ask for what is linked of it");
	if (id->traits & SYM_BY_NAME)
		return err_set(err, SYM_NOT_MINE, "DWARF that was split off: debuggers look for it by its name, beside "
						  "the binary, and no reader asks a store for it");
	if (id->traits & SYM_NO_BUILD_ID)
		return err_set(err, SYM_NO_KEY, "no build-id (link with -Wl,--build-id): what can be asked for is "
						"a .sym of it, which -m makes for --for breakpad");
	if (id->kind == SYM_PE && !(id->traits & SYM_IMAGE))
		return err_set(err, SYM_NO_KEY, id->debug.form == SYM_DEBUG_NONE
				? "DWARF without the code, and no build-id by which gdb would ask for it "
				  "(link with -Wl,--build-id)"
				: "DWARF without the code, for which gdb asks (--for gdb), and no reader of this run");
	return err_set(err, SYM_NO_KEY, needs ? "the readers of this run (--for) ask for a .sym of it, which -m makes"
					      : "no reader of this run (--for) asks for such a file");
}

enum sym_status place_identity(const struct sym_identity *id, const char *file, const char *member,
			       unsigned readers, bool two_tier, struct parcel *p,
			       struct sym_err *err)
{
	bool needs = false;

	p->id = id;
	p->file = file;
	p->mtime_ns = 0;
	p->sha256 = NULL;
	p->source = OS_NO_FILE;
	p->ticket = 0;
	p->attempts = 0;
	p->count = 0;
	for (size_t i = 0; i < key_reader_count; i++) {
		enum sym_status status;

		if (!(readers & 1u << i))
			continue;
		status = add_reader(p, i, id, file, member, two_tier, &needs, err);
		if (status != SYM_OK)
			return status;
	}
	return p->count > 0 ? SYM_OK : no_reader(id, needs, err);
}

enum sym_status place_keyless(const struct sym_identity *id, const char *file, struct parcel *p,
			      struct sym_err *err)
{
	enum sym_status status;

	if (!keyless_words[id->kind])
		return no_reader(id, false, err);
	status = key_name_check(file, err);
	return status == SYM_OK ? add(p, 0, file, err) : status;
}
