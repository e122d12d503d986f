/* SPDX-License-Identifier: MIT */
#include "cli/sources.h"

#include "key/key.h"
#include "os/os.h"

#include <stdlib.h>
#include <string.h>

/* Version 11 wrote -d, a slash and -f behind each other, so that a slash at the front of a pattern
 * leads into the folder of -d. Without -d it is the root; but nobody means all of the machine. */
const char *sources_pattern(const struct options *o, const char *pattern)
{
	const char *rest = pattern + strspn(pattern, "/");
	bool below = *rest == '*' || (*rest && options_given(o, "directory"));

	return below ? rest : pattern;
}

enum sym_status sources_init(struct sources *s, const struct options *o, struct sym_err *err)
{
	size_t count = 0;

	memset(s, 0, sizeof *s);
	s->named = calloc(o->paths.count + 1, sizeof *s->named);
	s->patterns = calloc(o->files.count + 1, sizeof *s->patterns);
	if (!s->named || !s->patterns)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < o->files.count; i++)
		s->patterns[i] = sources_pattern(o, o->files.at[i]);
	for (size_t i = 0; i < o->paths.count; i++)
		s->named[count++] = (struct source_named){SOURCE_PATH, o->paths.at[i]};
	if (o->files_from)
		s->named[count++] = (struct source_named){SOURCE_LIST, o->files_from};
	s->options = (struct source_options){
		.named = s->named,
		.named_count = count,
		.patterns = s->patterns,
		.pattern_count = o->files.count,
		.folders = (const char *const *)o->directories.at,
		.folder_count = o->directories.count,
		.excludes = (const char *const *)o->excludes.at,
		.exclude_count = o->excludes.count,
		.ignore_case = o->ignore_case || os_folds_case(),
		.nul_lists = o->null,
	};
	return SYM_OK;
}

void sources_release(struct sources *s)
{
	free(s->named);
	free(s->patterns);
}

enum sym_status sources_check(const struct options *o, struct sym_err *err)
{
	if (o->files.count + o->paths.count == 0 && !o->files_from)
		return err_set(err, SYM_USAGE, "no file is given: use -f PATTERN, or name files and folders");
	return SYM_OK;
}

unsigned reader_mask(const char *name)
{
	return 1u << (key_reader_find(name) - key_readers);
}

unsigned readers_mask(const struct strings *names)
{
	unsigned mask = 0;

	for (size_t i = 0; i < names->count; i++)
		mask |= reader_mask(names->at[i]);
	return mask;
}
