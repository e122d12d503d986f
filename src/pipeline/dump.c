/* SPDX-License-Identifier: MIT */
#include "pipeline/dump.h"

#include "base/err.h"
#include "base/limits.h"

#include <string.h>

void dump_bench_release(struct dump_bench *b)
{
	if (b->spooling)
		os_close_quietly(b->spool);
	buf_release(&b->messages);
}

bool dump_takes(const struct sym_identity *id)
{
	if (id->traits & (SYM_OBJECT | SYM_BY_NAME))
		return false;
	return id->kind == SYM_PE || id->kind == SYM_PDB || id->kind == SYM_ELF || id->kind == SYM_MACHO;
}

/* As Breakpad and Mozilla call an architecture of Apple's. */
static const char *arch_option(enum sym_arch arch)
{
	return arch == SYM_ARCH_X86 ? "i386" : arch_word(arch);
}

/* The last line of the program's words that says something; `text` is cut behind it. */
static const char *last_line(char *text)
{
	size_t len = strlen(text);
	char *line;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

static enum sym_status failed(struct dump_bench *b, struct sym_err *err)
{
	struct sym_err why = *err;
	const char *said = b->messages.data ? last_line(b->messages.data) : "";

	if (why.status == SYM_CANCELLED)
		return why.status;
	return err_set(err, SYM_IO, "dump_syms failed: %s%s%s", why.text, *said ? ": " : "", said);
}

static enum sym_status take_identity(void *ctx, const struct sym_identity *id)
{
	*(struct sym_identity *)ctx = *id;
	return SYM_OK;
}

/* What lies at the end of the spool must be a .sym. */
static enum sym_status identify(struct dump_bench *b, struct probe *probe, uint64_t size,
				struct sym_identity *out, struct sym_err *err)
{
	struct identity_sink sink = {.found = take_identity, .ctx = out};
	char member[SYM_NAME_MAX + 1];
	enum sym_status status = probe_part(probe, b->spool, b->spooled, size, &sink, member, err);

	if (status == SYM_NOT_MINE || (status == SYM_OK && out->kind != SYM_BREAKPAD)) {
		err_set(err, SYM_IO, "what it wrote is no .sym");
		return failed(b, err);
	}
	if (status != SYM_OK) {
		err->has_offset = false; /* it is not of the file that is reported */
		return err_prefix(err, "the .sym that dump_syms made");
	}
	out->whole_file = false;
	out->slice_offset = b->spooled;
	out->slice_size = size;
	return SYM_OK;
}

enum sym_status dump_make(struct dump_bench *b, struct probe *probe, const char *path, uint64_t size,
			  const struct sym_identity *id, bool of_many, struct sym_identity *out,
			  struct sym_err *err)
{
	struct dumping file = {.path = path,
			       .arch = of_many ? arch_option(id->arch) : NULL,
			       .max_bytes = add_sat(DUMP_FREE_BYTES, mul_sat(size, DUMP_RATIO_MAX)),
			       .messages = &b->messages};
	struct sym_err ignored;
	uint64_t written;
	enum sym_status status;

	if (!b->spooling && os_spool(&b->spool, err) != SYM_OK)
		return err->status;
	b->spooling = true;
	file.to = b->spool;
	b->messages.max = DUMP_MESSAGES_BYTES_MAX;
	buf_clear(&b->messages);
	status = dumper_run(b->dumper, &file, &written, err);
	status = status == SYM_OK ? identify(b, probe, written, out, err) : failed(b, err);
	if (status == SYM_OK)
		b->spooled += written;
	else if (os_cut(b->spool, b->spooled, &ignored) != SYM_OK)
		b->spooled += written; /* it stays, and nobody reads it */
	return status;
}
