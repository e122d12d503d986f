/* SPDX-License-Identifier: MIT */
#include "pipeline/pack.h"

#include "base/text.h"
#include "key/key.h"

#include <limits.h>
#include <string.h>

/* Of the file that is named: its identifier is mostly that of the file which names it. Linkers
 * call a PDB like its image: that needs no bytes. */
enum { WANTS_NONE, WANTS_OWN_NAME, WANTS_NAME, WANTS_NAME_AND_CRC, WANTS_NAME_AND_ID, WANTS_NAME_AND_CODE };

/* In place of the length of what a .sym's MODULE line says, where that is the identifier as it is
 * always printed: then it needs no bytes either. */
#define WRITTEN_AS_PRINTED UINT8_MAX
_Static_assert(SYM_WRITTEN_ID_MAX < WRITTEN_AS_PRINTED, "no length is taken for it");

/* The fixed part, in this order; the variable parts follow it. */
struct head {
	uint16_t traits;
	uint8_t kind, arch, has;
	uint8_t code_form, code_len, debug_form, name_len;
	uint8_t written_len, whole_file, length_byte;
	uint8_t wants; /* WANTS_… */
	uint8_t zero;  /* so that no padding makes equal identities differ */
};
_Static_assert(sizeof(struct head) == 14, "every byte has its field");

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

/* Numbers that are mostly small: seven bits a byte, the lowest first, the last without 0x80. */
static uint8_t *put_number(uint8_t *to, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*to++ = (uint8_t)(number | 0x80);
	*to++ = (uint8_t)number;
	return to;
}

static const uint8_t *get_number(const uint8_t *from, uint64_t *number)
{
	*number = 0;
	for (unsigned shift = 0;; shift += 7) {
		*number |= (uint64_t)(*from & 0x7F) << shift;
		if (!(*from++ & 0x80))
			return from;
	}
}

static bool is_own_name(const char *name, const char *file)
{
	char own[KEY_PDB_NAME_MAX];

	key_pdb_of(file, own);
	return strcmp(name, own) == 0;
}

static bool is_same(const struct sym_debug_id *a, const struct sym_debug_id *b)
{
	return a->form == b->form && a->age == b->age && memcmp(a->guid, b->guid, sizeof a->guid) == 0;
}

static uint8_t wants_form(const struct sym_identity *id, const char *file)
{
	const struct sym_want *want = id->wants_count ? &id->wants[id->wants_count - 1] : NULL;

	if (id->kind == SYM_PE && want && !is_same(&want->debug, &id->debug))
		return WANTS_NAME_AND_ID;
	if (!want || !want->name[0])
		return WANTS_NONE;
	if (want->has_crc32)
		return WANTS_NAME_AND_CRC;
	if (want->code.form)
		return WANTS_NAME_AND_CODE;
	return is_own_name(want->name, file) ? WANTS_OWN_NAME : WANTS_NAME;
}

static uint8_t *put_want(uint8_t *to, uint8_t form, const struct sym_want *want)
{
	uint8_t len = (uint8_t)strlen(want->name);

	if (form == WANTS_OWN_NAME)
		return to;
	to = put(to, &len, 1);
	to = put(to, want->name, len);
	if (form == WANTS_NAME_AND_CODE) {
		to = put(to, &want->code.len, sizeof want->code.len);
		to = put(to, want->code.bytes, want->code.len);
	}
	if (form == WANTS_NAME_AND_ID || form == WANTS_NAME_AND_CODE)
		return put(to, &want->debug, sizeof want->debug);
	return form == WANTS_NAME_AND_CRC ? put(to, &want->crc32, sizeof want->crc32) : to;
}

static const uint8_t *get_want(const uint8_t *from, uint8_t form, struct sym_identity *id)
{
	struct sym_want *want = &id->wants[0];
	uint8_t len = 0;

	if (form != WANTS_OWN_NAME)
		from = get(from, &len, 1);
	from = get(from, want->name, len);
	want->name[len] = '\0';
	want->code.form = SYM_CODE_NONE;
	want->debug = id->debug;
	want->has_crc32 = form == WANTS_NAME_AND_CRC;
	want->crc32 = 0;
	id->wants_count = 1;
	if (form == WANTS_NAME_AND_CODE) {
		want->code.form = SYM_CODE_BYTES;
		from = get(from, &want->code.len, sizeof want->code.len);
		from = get(from, want->code.bytes, want->code.len);
	}
	if (form == WANTS_NAME_AND_ID || form == WANTS_NAME_AND_CODE)
		return get(from, &want->debug, sizeof want->debug);
	return want->has_crc32 ? get(from, &want->crc32, sizeof want->crc32) : from;
}

static bool is_as_printed(const struct sym_identity *id)
{
	char printed[KEY_ID_MAX];

	key_debug_text(&id->debug, printed);
	return id->written_id[0] && strcmp(id->written_id, printed) == 0;
}

static void write_as_printed(struct sym_identity *id)
{
	char printed[KEY_ID_MAX];

	key_debug_text(&id->debug, printed);
	text_put(id->written_id, id->written_id + sizeof id->written_id, printed);
}

size_t identity_pack(const struct sym_identity *id, const char *file, uint8_t to[PACK_BYTES_MAX])
{
	struct head h = {
		.kind = (uint8_t)id->kind,
		.arch = (uint8_t)id->arch,
		.has = (uint8_t)id->has,
		.traits = (uint16_t)id->traits,
		.code_form = (uint8_t)id->code.form,
		.code_len = id->code.len,
		.debug_form = (uint8_t)id->debug.form,
		.name_len = (uint8_t)strlen(id->name),
		.written_len = is_as_printed(id) ? WRITTEN_AS_PRINTED : (uint8_t)strlen(id->written_id),
		.whole_file = id->whole_file,
		.length_byte = id->id_has_length_byte,
		.wants = wants_form(id, file),
	};
	uint8_t *at = put(to, &h, sizeof h);

	at = put(at, id->name, h.name_len);
	if (h.written_len != WRITTEN_AS_PRINTED)
		at = put(at, id->written_id, h.written_len);
	if (id->code.form == SYM_CODE_PE) {
		at = put(at, &id->code.stamp, sizeof id->code.stamp);
		at = put(at, &id->code.image_size, sizeof id->code.image_size);
	}
	at = put(at, id->code.bytes, h.code_len);
	if (id->debug.form != SYM_DEBUG_NONE || id->kind == SYM_PERFMAP) {
		at = put(at, id->debug.guid, sizeof id->debug.guid);
		at = put_number(at, id->debug.age);
	}
	if (id->kind == SYM_PERFMAP)
		at = put(at, &id->perfmap_version, sizeof id->perfmap_version);
	at = put_number(at, id->slice_size);
	if (!id->whole_file)
		at = put_number(at, id->slice_offset);
	if (h.wants)
		at = put_want(at, h.wants, &id->wants[id->wants_count - 1]);
	return (size_t)(at - to);
}

const uint8_t *identity_unpack(const uint8_t *at, struct sym_identity *id)
{
	struct head h;
	uint64_t number;

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
	if (h.written_len != WRITTEN_AS_PRINTED)
		at = get(at, id->written_id, h.written_len);
	if (id->code.form == SYM_CODE_PE) {
		at = get(at, &id->code.stamp, sizeof id->code.stamp);
		at = get(at, &id->code.image_size, sizeof id->code.image_size);
	}
	at = get(at, id->code.bytes, h.code_len);
	if (id->debug.form != SYM_DEBUG_NONE || id->kind == SYM_PERFMAP) {
		at = get(at, id->debug.guid, sizeof id->debug.guid);
		at = get_number(at, &number);
		id->debug.age = (uint32_t)number;
	}
	if (h.written_len == WRITTEN_AS_PRINTED)
		write_as_printed(id);
	if (id->kind == SYM_PERFMAP)
		at = get(at, &id->perfmap_version, sizeof id->perfmap_version);
	at = get_number(at, &id->slice_size);
	if (!id->whole_file)
		at = get_number(at, &id->slice_offset);
	return h.wants ? get_want(at, h.wants, id) : at;
}

struct slices slices_of(const uint8_t *packed, unsigned count)
{
	return (struct slices){.at = packed, .left = count, .number = UINT_MAX};
}

bool slices_next(struct slices *s, struct sym_identity *id)
{
	if (s->left == 0)
		return false;
	s->at = identity_unpack(s->at, id);
	s->left--;
	s->number++;
	return true;
}
