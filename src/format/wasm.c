/* SPDX-License-Identifier: MIT
 * WebAssembly modules.
 *
 *   0    "\0asm", u32 version 1 (a component has its layer in the upper half)
 *   8    sections: u8 id, LEB128 size, content; id 0 is custom: LEB128 length, name, content
 *
 * Layout: WebAssembly Core Specification 5.5. The identifier is the custom section
 * `build_id` of WebAssembly/tool-conventions: LEB128 length and bytes; older tools
 * wrote the bytes alone. Sections can only be found one after the other, so that the
 * reads are as many as there are sections further apart than a window. */
#include "format/format.h"

#include "base/text.h"

#include <string.h>

enum {
	VERSION = 1,
	SECTION_CUSTOM = 0,
	SECTION_CODE = 10,
	SECTION_HEAD_BYTES = 1 + 5, /* id and the longest size */
	NAME_BYTES = 64,            /* more than the longest name that is looked for */
	URL_BYTES = 4096,
};

struct wasm {
	struct blob *blob;
	bool has_build_id; /* usable or not */
	struct sym_identity id;
};

/* build_id: its first LEB128 belongs to the identifier, unless it is the length of the rest. */
static void read_build_id(struct wasm *wasm, uint64_t offset, uint64_t size)
{
	struct reader r = blob_view_some(wasm->blob, offset, min_u64(size, SYM_CODE_MAX + 2));
	struct sym_code_id *code = &wasm->id.code;
	uint32_t stated = reader_leb32(&r);
	const uint8_t *bytes;

	if (code->form)
		return; /* the first usable one counts */
	wasm->has_build_id = true;
	wasm->id.id_has_length_byte = !r.bad && stated == size - r.pos;
	if (!wasm->id.id_has_length_byte) {
		r = blob_view_some(wasm->blob, offset, min_u64(size, SYM_CODE_MAX + 1));
		stated = (uint32_t)r.size;
	}
	bytes = reader_bytes(&r, stated);
	if (!bytes || stated == 0 || stated > SYM_CODE_MAX || identity_is_zero(bytes, stated))
		return;
	code->form = SYM_CODE_BYTES;
	code->len = (uint8_t)stated;
	memcpy(code->bytes, bytes, stated);
	wasm->id.debug.form = SYM_DEBUG_AGE;
	memcpy(wasm->id.debug.guid, bytes, min_u64(stated, sizeof wasm->id.debug.guid));
}

/* external_debug_info: LEB128 length and the address of the file with the debug info. */
static void read_external(struct wasm *wasm, uint64_t offset, uint64_t size)
{
	struct reader r = blob_view_some(wasm->blob, offset, min_u64(size, URL_BYTES));
	uint32_t len = reader_leb32(&r);
	const uint8_t *url = reader_bytes(&r, len);

	if (!url || wasm->id.wants_count)
		return;
	identity_set_name(wasm->id.wants[0].name, (const char *)url, len);
	wasm->id.wants_count = 1;
}

static enum sym_status read_custom(struct wasm *wasm, uint64_t offset, uint64_t size,
				   struct sym_err *err)
{
	static const struct {
		const char *name;
		unsigned has, traits;
		void (*read)(struct wasm *wasm, uint64_t offset, uint64_t size);
	} rows[] = {
		{"build_id", 0, 0, read_build_id},
		{"name", SYM_HAS_SYMBOLS, 0, NULL},
		{".debug_info", SYM_HAS_DEBUG, 0, NULL},
		{"external_debug_info", 0, 0, read_external},
		{"linking", 0, SYM_OBJECT, NULL}, /* what a linker needs */
	};
	struct reader r = blob_view_some(wasm->blob, offset, min_u64(size, NAME_BYTES));
	uint32_t len = reader_leb32(&r);
	size_t head = r.pos;
	const uint8_t *name;

	if (r.bad || len > size - head)
		return err_at(err, SYM_MALFORMED, offset,
			      "a section's name is longer than the section");
	name = reader_bytes(&r, len);
	for (size_t i = 0; name && i < ARRAY_LEN(rows); i++) {
		if (!text_is((const char *)name, len, rows[i].name))
			continue;
		wasm->id.has |= rows[i].has;
		wasm->id.traits |= rows[i].traits;
		if (rows[i].read)
			rows[i].read(wasm, offset + head + len, size - head - len);
		break;
	}
	return SYM_OK;
}

static enum sym_status read_sections(struct wasm *wasm, struct sym_err *err)
{
	uint64_t at = 8, file_size = wasm->blob->size;

	for (unsigned i = 0; at < file_size; i++) {
		struct reader r = blob_view_some(wasm->blob, at, SECTION_HEAD_BYTES);
		uint8_t id = reader_u8(&r);
		uint32_t size = reader_leb32(&r);
		enum sym_status status;

		if (r.bad)
			return blob_verdict(wasm->blob, &r, "a section's head", err);
		if (i == WASM_SECTIONS_MAX)
			return err_at(err, SYM_TOO_BIG, at, "more than %u sections", i);
		if (wasm->blob->reads > FORMAT_READS_MAX)
			return err_at(err, SYM_TOO_BIG, at, "more than %u reads to find its sections",
				      FORMAT_READS_MAX);
		at += r.pos;
		if (size > file_size - at)
			return err_at(err, SYM_MALFORMED, at,
				      "section %u ends behind the end of the file", i);
		if (id == SECTION_CODE && size > 0)
			wasm->id.traits |= SYM_IMAGE;
		status = id == SECTION_CUSTOM ? read_custom(wasm, at, size, err) : SYM_OK;
		if (status != SYM_OK)
			return status;
		at += size;
	}
	return SYM_OK;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct wasm wasm = {.blob = blob};
	struct reader r = blob_view_some(blob, 0, 8);
	const uint8_t *magic = reader_bytes(&r, 4);
	uint16_t version, layer;
	enum sym_status status;

	if (!magic || memcmp(magic, "\0asm", 4) != 0)
		return SYM_NOT_MINE;
	version = reader_u16(&r);
	layer = reader_u16(&r);
	if (r.bad)
		return blob_verdict(blob, &r, "the wasm header", err);
	if (layer)
		return err_at(err, SYM_UNSUPPORTED, 6, "a WebAssembly component, not a module");
	if (version != VERSION)
		return err_at(err, SYM_UNSUPPORTED, 4, "WebAssembly version %u, not %u",
			      (unsigned)version, VERSION);
	identity_start(&wasm.id, SYM_WASM, blob);
	wasm.id.arch = SYM_ARCH_WASM32;
	status = read_sections(&wasm, err);
	if (status != SYM_OK)
		return status;
	if (wasm.id.code.form)
		wasm.id.traits &= ~(unsigned)SYM_OBJECT;
	else if (!(wasm.id.traits & SYM_OBJECT))
		return err_set(err, SYM_NO_KEY,
			       wasm.has_build_id ? "the build_id is empty, all zeros or too long"
						 : "no build_id section (link with --build-id)");
	if (wasm.id.has & SYM_HAS_DEBUG)
		wasm.id.traits |= SYM_COMPANION;
	return sink->found(sink->ctx, &wasm.id);
}

const struct format wasm_format = {.name = "wasm", .title = "WebAssembly", .identify = identify};
