/* SPDX-License-Identifier: MIT */
#include "pipeline/replace.h"

#include "base/err.h"

#include <inttypes.h>

/* Another name in the same folder, so that a rename is possible. */
static enum sym_status name_beside(const char *path, struct buf *name, struct sym_err *err)
{
	uint32_t random;

	os_random(&random, sizeof random);
	buf_printf(name, "%s.%08" PRIx32 ".part", path, random);
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

/* `fill` NULL: the file is made and removed. */
static enum sym_status write_beside(const char *path, replace_fill_fn *fill, void *ctx,
				    struct sym_err *err)
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

enum sym_status replace_file(const char *path, replace_fill_fn *fill, void *ctx,
			     struct sym_err *err)
{
	return write_beside(path, fill, ctx, err);
}

enum sym_status replace_check(const char *path, struct sym_err *err)
{
	struct sym_err ignored;
	struct os_stat st;

	/* A new file would take the place of /dev/null, or of /dev/stdout. */
	if (os_stat(NULL, path, OS_FOLLOW, &st, &ignored) == SYM_OK && st.type != OS_FILE)
		return err_set(err, SYM_REFUSED, st.type == OS_DIR ? "it is a folder" : "it is not a regular file");
	return write_beside(path, NULL, NULL, err);
}
