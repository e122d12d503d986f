/* SPDX-License-Identifier: MIT */
#include "pipeline/replace.h"

#include "base/err.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PART ".part"

enum { RANDOM_DIGITS = 8 };

/* So long after it was written nobody is at a file of another run any more. */
#define LITTER_AGE_NS (3600 * (int64_t)1000000000)

/* Another name in the same folder, so that a rename is possible. */
static enum sym_status name_beside(const char *path, struct buf *name, struct sym_err *err)
{
	uint32_t random;

	os_random(&random, sizeof random);
	buf_printf(name, "%s.%0*" PRIx32 PART, path, RANDOM_DIGITS, random);
	return name->failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;
}

static enum sym_status fill_file(os_file file, replace_fill_fn *fill, void *ctx,
				 struct sym_err *err)
{
	struct sym_err ignored;
	enum sym_status status = fill ? fill(ctx, file, err) : SYM_OK;

	if (os_close(file, status == SYM_OK ? err : &ignored) != SYM_OK && status == SYM_OK)
		status = err->status;
	return status;
}

enum sym_status replace_file(const char *path, replace_fill_fn *fill, void *ctx, struct sym_err *err)
{
	struct buf name = BUF_MAX(8192);
	struct sym_err stays;
	os_file file;
	enum sym_status status = name_beside(path, &name, err);

	if (status == SYM_OK)
		status = os_create(NULL, name.data, &file, err);
	if (status == SYM_OK) {
		status = fill_file(file, fill, ctx, err);
		if (status == SYM_OK && fill)
			status = os_replace(NULL, name.data, NULL, path, err);
		/* Where files are made but not removed, as in a folder for appending alone, none can be
		 * given its name either. */
		if ((status != SYM_OK || !fill) && os_unlink(NULL, name.data, &stays) != SYM_OK && status == SYM_OK) {
			*err = stays;
			status = err_prefix(err, "%s", name.data);
		}
	}
	buf_release(&name);
	return status;
}

/* ------------------------------------------------------------- sweeping -- */

struct sweep {
	struct os_dir *folder;
	const char *name; /* of the file beside which it is swept */
};

/* Could name_beside() have made `name` for the file `of`? */
static bool is_beside(const char *of, const char *name)
{
	size_t len = strlen(of);

	if (strlen(name) != len + 1 + RANDOM_DIGITS + strlen(PART) || memcmp(name, of, len) != 0 || name[len] != '.')
		return false;
	name += len + 1;
	return strspn(name, "0123456789abcdef") == RANDOM_DIGITS && strcmp(name + RANDOM_DIGITS, PART) == 0;
}

/* An os_each_fn. What cannot be removed stays: it is in nobody's way. */
static enum sym_status sweep_one(void *ctx, const char *name, enum os_type type)
{
	const struct sweep *s = ctx;
	struct os_stat st;
	struct sym_err ignored;

	(void)type;
	if (is_beside(s->name, name) && os_stat(s->folder, name, OS_NOFOLLOW, &st, &ignored) == SYM_OK &&
	    st.type == OS_FILE && os_time_ns() - st.mtime_ns > LITTER_AGE_NS)
		(void)!os_unlink(s->folder, name, &ignored);
	return SYM_OK;
}

/* Removes what runs that were killed while they wrote the file left beside it. */
static void sweep_beside(const char *path)
{
	struct sweep s = {.name = text_file_name(path)};
	char *folder = s.name == path ? text_copy(".", 1) : text_copy(path, (size_t)(s.name - path));
	struct sym_err ignored;

	if (folder && os_dir_open(NULL, folder, OS_FOLLOW, &s.folder, &ignored) == SYM_OK)
		(void)!os_dir_list(s.folder, sweep_one, &s, &ignored);
	os_dir_close(s.folder);
	free(folder);
}

enum sym_status replace_check(const char *path, struct sym_err *err)
{
	struct sym_err ignored;
	struct os_stat st;

	/* A new file would take the place of /dev/null, or of /dev/stdout. */
	if (os_stat(NULL, path, OS_FOLLOW, &st, &ignored) == SYM_OK && st.type != OS_FILE)
		return err_set(err, SYM_REFUSED, st.type == OS_DIR ? "it is a folder" : "it is not a regular file");
	sweep_beside(path);
	return replace_file(path, NULL, NULL, err);
}
