/* SPDX-License-Identifier: MIT
 * Gives every file of the named folders to every parser, as the fuzzers did: what they
 * found once stays fixed. A broken promise ends the program, and so the test. */
#include "fuzz.h"

#include "os/os.h"
#include "unit/tap.h"

#include <stdlib.h>

#define FILE_MAX (16u << 20) /* bytes: samples are small */

static uint8_t *read_file(struct os_dir *dir, const char *name, size_t *size)
{
	struct sym_err err;
	struct os_stat st;
	uint8_t *bytes;
	os_file file;

	if (os_open(dir, name, OS_NOFOLLOW, &file, &st, &err) != SYM_OK)
		return NULL;
	bytes = st.size <= FILE_MAX ? malloc((size_t)st.size + 1) : NULL;
	if (bytes && os_read_at(file, 0, bytes, (size_t)st.size, size, &err) != SYM_OK) {
		free(bytes);
		bytes = NULL;
	}
	os_close_quietly(file);
	return bytes;
}

static void replay_file(struct os_dir *dir, const char *name)
{
	uint64_t start = os_now_ms();
	size_t size = 0;
	uint8_t *bytes = read_file(dir, name, &size);

	if (!ok(bytes != NULL, "%s is read", name))
		return;
	for (size_t i = 0; formats[i]; i++)
		fuzz_format(formats[i], bytes, size);
	fuzz_format(NULL, bytes, size);
	fuzz_cabinet(bytes, size);
	fuzz_archive(bytes, size);
	fuzz_admin(bytes, size);
	free(bytes);
	ok(os_now_ms() - start < 2000, "%s does no harm, in under 2 s", name);
}

static void replay_folder(struct os_dir *at, const char *path);

static enum sym_status replay_entry(void *ctx, const char *name, enum os_type type)
{
	struct os_dir *dir = ctx;
	struct sym_err err;
	struct os_stat st;

	if (type == OS_UNKNOWN && os_stat(dir, name, OS_NOFOLLOW, &st, &err) == SYM_OK)
		type = st.type;
	if (type == OS_FILE)
		replay_file(dir, name);
	else if (type == OS_DIR)
		replay_folder(dir, name);
	return SYM_OK;
}

static void replay_folder(struct os_dir *at, const char *path)
{
	struct os_dir *dir = NULL;
	struct sym_err err;

	if (!ok(os_dir_open(at, path, OS_NOFOLLOW, &dir, &err) == SYM_OK, "%s is opened", path))
		return;
	ok(os_dir_list(dir, replay_entry, dir, &err) == SYM_OK, "%s is listed", path);
	os_dir_close(dir);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay_folder(NULL, argv[i]);
	return done();
}
