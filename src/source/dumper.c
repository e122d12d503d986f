/* SPDX-License-Identifier: MIT */
#include "source/dumper.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES_MAX = 8192 };

/* --------------------------------------------------------------- finding -- */

/* Takes the program `name` (a path, or one in PATH), where it can be run. */
static bool take(struct dumper *out, const char *name)
{
	out->program = os_find_program(name);
	if (!out->program)
		return false;
	out->takes_output = strstr(text_file_name(out->program), "node-dump-syms") != NULL;
	return true;
}

/* Takes the program of one of npm's packages in the folder `below` (such as "/lib") of `folder`,
 * which has `len` bytes. */
static bool take_package(struct dumper *out, const char *folder, size_t len, const char *below)
{
	/* npm may have installed only the script of node-dump-syms: the native module that does the
	 * work is fetched by an install script, which may have been switched off. */
	static const struct {
		const char *program, *needs;
	} rows[] = {
		{"/node_modules/.bin/node-dump-syms" NODE_SHIM, "/node_modules/node-dump-syms/dist/native/index.node"},
		{"/node_modules/minidump/bin/" NODE_PLATFORM "/dump_syms", "/node_modules/minidump/bin"},
	};
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(rows) && !found; i++) {
		struct buf program = BUF_MAX(PATH_BYTES_MAX), needs = BUF_MAX(PATH_BYTES_MAX);
		struct os_stat st;
		struct sym_err ignored;

		buf_printf(&program, "%.*s%s%s", (int)len, folder, below, rows[i].program);
		buf_printf(&needs, "%.*s%s%s", (int)len, folder, below, rows[i].needs);
		found = !program.failed && !needs.failed &&
			os_stat(NULL, needs.data, OS_FOLLOW, &st, &ignored) == SYM_OK && take(out, program.data);
		buf_release(&program);
		buf_release(&needs);
	}
	return found;
}

/* As node looks for a package: here, and in each folder above. */
static bool take_installed_here(struct dumper *out)
{
	char *here = os_absolute(".");
	size_t len = here ? strlen(here) : 0;
	bool found = false;

	while (len > 0 && !found) {
		while (len > 0 && here[len - 1] == '/')
			len--;
		found = take_package(out, here, len, "");
		while (len > 0 && here[len - 1] != '/')
			len--;
	}
	free(here);
	return found;
}

/* npm's folder of global packages: below its prefix, which is the one of node, but as Debian
 * and users set it. */
static bool take_installed_globally(struct dumper *out)
{
	const char *named = getenv("NPM_CONFIG_PREFIX");
	char *found_node = os_find_program("node"), *node = found_node ? os_absolute(found_node) : NULL;
	bool found = named && take_package(out, named, strlen(named), "/lib");

	if (!found && node) {
		size_t len = strlen(node);

		for (int i = 0; i < 2; i++) /* bin/node */
			while (len > 0 && node[--len] != '/')
				;
		found = take_package(out, node, len, "/lib");
	}
	free(found_node);
	free(node);
	return found || take_package(out, "/usr/local", strlen("/usr/local"), "/lib");
}

enum sym_status dumper_find(const char *named, struct dumper *out, struct sym_err *err)
{
	memset(out, 0, sizeof *out);
	if (named && take(out, named))
		return SYM_OK;
	if (named)
		return err_set(err, SYM_NOT_FOUND, "--dump-syms: there is no program %s that can be run", named);
	if (take(out, "dump_syms") || take_installed_here(out) || take(out, "node-dump-syms") ||
	    take_installed_globally(out))
		return SYM_OK;
	return err_set(err, SYM_NOT_FOUND,
		       "-m needs a dump_syms program, and there is none in PATH nor in npm's packages: get one "
		       "with \"cargo install dump_syms\" or \"npm install node-dump-syms\", or name one with "
		       "--dump-syms");
}

void dumper_release(struct dumper *d)
{
	free(d->program);
	d->program = NULL;
}

/* --------------------------------------------------------------- running -- */

struct writing {
	const struct dumping *file;
	uint64_t written;
};

static enum sym_status write_on(void *ctx, const void *bytes, size_t n, struct sym_err *err)
{
	struct writing *w = ctx;
	enum sym_status status;

	if (n > w->file->max_bytes - w->written)
		return err_set(err, SYM_IO, "it wrote more than %" PRIu64 " MiB, which no .sym of this file has",
			       w->file->max_bytes >> 20);
	status = os_write(w->file->to, bytes, n, err);
	if (status != SYM_OK)
		return err_prefix(err, "what it writes cannot be kept in the folder for temporary files");
	w->written += n;
	return SYM_OK;
}

enum sym_status dumper_run(const struct dumper *d, const struct dumping *file, uint64_t *written,
			   struct sym_err *err)
{
	struct buf path = BUF_MAX(PATH_BYTES_MAX);
	struct writing w = {.file = file};
	const char *argv[6] = {d->program};
	struct os_run run = {.argv = argv,
			     .timeout_s = d->timeout_s,
			     .output = write_on,
			     .ctx = &w,
			     .messages = file->messages,
			     .stop = stop_asked};
	enum sym_status status;
	size_t n = 1;

	/* A path that begins with a dash would be taken for an option. */
	buf_printf(&path, "%s%s", file->path[0] == '-' ? "./" : "", file->path);
	*written = 0;
	if (path.failed) {
		buf_release(&path);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	if (file->arch && !d->takes_output) {
		argv[n++] = "-a";
		argv[n++] = file->arch;
	}
	argv[n++] = path.data;
	if (d->takes_output)
		argv[n++] = "-";
	status = os_run(&run, err);
	buf_release(&path);
	*written = w.written;
	if (status == SYM_OK && w.written == 0)
		return err_set(err, SYM_IO, "it wrote nothing");
	return status;
}
