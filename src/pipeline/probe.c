/* SPDX-License-Identifier: MIT */
#include "pipeline/probe.h"

#include "source/archive/cabinet.h"
#include "source/archive/section.h"
#include "source/archive/unpacker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct probe {
	bool fallback_age;
	/* Of the file being looked at. */
	const struct identity_sink *sink;
	bool compressed;
	bool archive;
	uint64_t file_size;
	size_t found;
	struct blob blob;
};

struct probe *probe_new(bool fallback_age)
{
	struct probe *p = calloc(1, sizeof *p);

	if (p)
		p->fallback_age = fallback_age;
	return p;
}

void probe_free(struct probe *p)
{
	free(p);
}

enum sym_status part_read(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	const struct part *part = ctx;

	return os_read_at(part->file, part->offset + offset, to, n, got, err);
}

/* Passes an identity on, changed by what only the probe knows. */
static enum sym_status pass_on(void *ctx, const struct sym_identity *found)
{
	struct probe *p = ctx;
	struct sym_identity id;
	bool use_info_age = p->fallback_age && found->kind == SYM_PDB &&
			    found->debug.form == SYM_DEBUG_GUID;

	p->found++;
	if (!use_info_age && !p->compressed)
		return p->sink->found(p->sink->ctx, found);
	id = *found;
	if (use_info_age)
		id.debug.form = SYM_DEBUG_AGE;
	if (p->compressed) {
		id.whole_file = true;
		id.slice_offset = 0;
		id.slice_size = p->file_size;
	}
	return p->sink->found(p->sink->ctx, &id);
}

static void pass_on_without(void *ctx, const struct sym_err *why)
{
	struct probe *p = ctx;

	if (p->sink->without)
		p->sink->without(p->sink->ctx, why);
}

static enum sym_status identify(struct probe *p, struct sym_err *err)
{
	struct identity_sink sink = {.found = pass_on, .ctx = p, .without = pass_on_without};
	enum sym_status status = format_identify(&p->blob, &sink, err);

	if (status == SYM_OK && p->found == 0)
		return err_set(err, SYM_NO_KEY, "it has no identifier");
	return status;
}

static enum sym_status identify_member(struct probe *p, struct part *part, char member[SYM_NAME_MAX + 1],
				       struct sym_err *err)
{
	struct cabinet *cabinet;
	enum sym_status status = cabinet_open(p->file_size, part_read, part, &cabinet, err);

	if (status != SYM_OK)
		return status;
	identity_set_name(member, cabinet_name(cabinet), strlen(cabinet_name(cabinet)));
	p->compressed = true;
	blob_open(&p->blob, cabinet_size(cabinet), cabinet_read, cabinet);
	p->blob.unpack = section_unpack;
	status = identify(p, err);
	cabinet_close(cabinet);
	if (status == SYM_NOT_MINE)
		return err_set(err, SYM_NOT_MINE, "a compressed file that is no symbol file");
	return status;
}

enum sym_status probe_part(struct probe *p, os_file file, uint64_t offset, uint64_t size,
			   const struct identity_sink *sink, char member[SYM_NAME_MAX + 1],
			   struct sym_err *err)
{
	struct part part = {file, offset};
	struct reader head;
	const uint8_t *magic;

	*member = '\0';
	p->sink = sink;
	p->compressed = p->archive = false;
	p->file_size = size;
	p->found = 0;
	if (size == 0)
		return err_set(err, SYM_NOT_MINE, "the file is empty");
	blob_open(&p->blob, size, part_read, &part);
	p->blob.unpack = section_unpack;
	head = blob_view_some(&p->blob, 0, UNPACKER_HEAD_BYTES);
	magic = reader_bytes(&head, reader_left(&head));
	p->archive = magic && unpacker_knows(magic, head.size);
	if (magic && cabinet_is(magic, head.size))
		return identify_member(p, &part, member, err);
	return identify(p, err);
}

bool probe_met_archive(const struct probe *p)
{
	return p->archive;
}

/* ----------------------------------------------------------- beginnings -- */

struct head {
	const uint8_t *bytes;
	size_t size;
};

static enum sym_status read_head(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	const struct head *head = ctx;

	if (offset >= head->size)
		return err_set(err, SYM_IO, "more than the beginning is needed");
	*got = (size_t)min_u64(n, head->size - offset);
	memcpy(to, head->bytes + offset, *got);
	return SYM_OK;
}

static enum sym_status ignore(void *ctx, const struct sym_identity *id)
{
	(void)ctx;
	(void)id;
	return SYM_OK;
}

bool probe_may_be(struct probe *p, const void *bytes, size_t n, bool whole)
{
	const struct identity_sink sink = {.found = ignore};
	struct head head = {bytes, n};
	struct sym_err ignored;

	if (n == 0)
		return false;
	blob_open(&p->blob, whole ? n : INT64_MAX, read_head, &head);
	return cabinet_is(bytes, n) || format_identify(&p->blob, &sink, &ignored) != SYM_NOT_MINE;
}
