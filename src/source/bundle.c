/* SPDX-License-Identifier: MIT */
#include "source/bundle.h"

#include "base/text.h"

static const struct bundle_kind bundle_kinds[BUNDLE_KINDS] = {
	/* dsymutil writes one Mach-O file, or one per binary, into this folder. */
	{".dSYM",
	 {"Contents/Resources/DWARF/*"},
	 BUNDLE_FILE_LINKS,
	 "there is no file in its Contents/Resources/DWARF"},
	/* xcodebuild archive: symbols apart from what is delivered to users. */
	{".xcarchive",
	 {"dSYMs/*.[dD][sS][yY][mM]", "Products/**/*"},
	 BUNDLE_NO_LINKS,
	 "there is nothing in its dSYMs and Products"},
	/* Which of their files are images, their bytes tell. */
	{".framework", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
	{".app", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
	{".appex", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
	{".xpc", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
	{".bundle", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
	{".kext", {"**/*"}, BUNDLE_NO_LINKS, "the bundle is empty"},
};

const struct bundle_kind *bundle_kind_of(const char *name)
{
	for (size_t i = 0; i < BUNDLE_KINDS; i++) {
		if (text_ends_nocase(name, bundle_kinds[i].ending))
			return &bundle_kinds[i];
	}
	return NULL;
}

void bundles_release(struct bundles *b)
{
	for (size_t i = 0; i < BUNDLE_KINDS; i++)
		glob_set_release(&b->inner[i]);
}

enum sym_status bundles_glob(struct bundles *b, const struct bundle_kind *kind,
			     const struct glob **out, struct sym_err *err)
{
	struct glob_set *set = &b->inner[kind - bundle_kinds];
	size_t count = 0;

	if (set->count == 0) {
		enum sym_status status;

		while (count < ARRAY_LEN(kind->inner) && kind->inner[count])
			count++;
		status = glob_set_init(set, kind->inner, count, GLOB_DOT, err);
		if (status != SYM_OK)
			return status;
	}
	*out = set->at[0];
	return SYM_OK;
}
