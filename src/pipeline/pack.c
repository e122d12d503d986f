/* SPDX-License-Identifier: MIT */
#include "pipeline/pack.h"

#include <string.h>

/* The fixed part, in this order; the variable parts follow it. */
struct head {
	uint8_t kind, arch, has, traits;
	uint8_t code_form, code_len, debug_form, name_len;
	uint8_t written_len, whole_file, length_byte;
};

static uint8_t *put(uint8_t *to, const void *bytes, size_t n)
{
	memcpy(to, bytes, n);
	return to + n;
}

static const uint8_t *get(const uint8_t *from, void *bytes, size_t n)
{
	memcpy(bytes, from, n);
	return from + n;
}

size_t identity_pack(const struct sym_identity *id, uint8_t to[PACK_BYTES_MAX])
{
	struct head h = {
		.kind = (uint8_t)id->kind,
		.arch = (uint8_t)id->arch,
		.has = (uint8_t)id->has,
		.traits = (uint8_t)id->traits,
		.code_form = (uint8_t)id->code.form,
		.code_len = id->code.len,
		.debug_form = (uint8_t)id->debug.form,
		.name_len = (uint8_t)strlen(id->name),
		.written_len = (uint8_t)strlen(id->written_id),
		.whole_file = id->whole_file,
		.length_byte = id->id_has_length_byte,
	};
	uint8_t *at = put(to, &h, sizeof h);

	at = put(at, id->name, h.name_len);
	at = put(at, id->written_id, h.written_len);
	if (id->code.form == SYM_CODE_PE) {
		at = put(at, &id->code.stamp, sizeof id->code.stamp);
		at = put(at, &id->code.image_size, sizeof id->code.image_size);
	}
	at = put(at, id->code.bytes, h.code_len);
	if (id->debug.form != SYM_DEBUG_NONE || id->kind == SYM_PERFMAP) {
		at = put(at, id->debug.guid, sizeof id->debug.guid);
		at = put(at, &id->debug.age, sizeof id->debug.age);
	}
	if (id->kind == SYM_PERFMAP)
		at = put(at, &id->perfmap_version, sizeof id->perfmap_version);
	at = put(at, &id->slice_size, sizeof id->slice_size);
	if (!id->whole_file)
		at = put(at, &id->slice_offset, sizeof id->slice_offset);
	return (size_t)(at - to);
}

const uint8_t *identity_unpack(const uint8_t *at, struct sym_identity *id)
{
	struct head h;

	memset(id, 0, offsetof(struct sym_identity, wants));
	at = get(at, &h, sizeof h);
	id->kind = h.kind;
	id->arch = h.arch;
	id->has = h.has;
	id->traits = h.traits;
	id->code.form = h.code_form;
	id->code.len = h.code_len;
	id->debug.form = h.debug_form;
	id->whole_file = h.whole_file;
	id->id_has_length_byte = h.length_byte;
	at = get(at, id->name, h.name_len);
	at = get(at, id->written_id, h.written_len);
	if (id->code.form == SYM_CODE_PE) {
		at = get(at, &id->code.stamp, sizeof id->code.stamp);
		at = get(at, &id->code.image_size, sizeof id->code.image_size);
	}
	at = get(at, id->code.bytes, h.code_len);
	if (id->debug.form != SYM_DEBUG_NONE || id->kind == SYM_PERFMAP) {
		at = get(at, id->debug.guid, sizeof id->debug.guid);
		at = get(at, &id->debug.age, sizeof id->debug.age);
	}
	if (id->kind == SYM_PERFMAP)
		at = get(at, &id->perfmap_version, sizeof id->perfmap_version);
	at = get(at, &id->slice_size, sizeof id->slice_size);
	if (!id->whole_file)
		at = get(at, &id->slice_offset, sizeof id->slice_offset);
	return at;
}
