/* SPDX-License-Identifier: MIT
 * The list of formats, made from the one in meson.build, and the walk along it. */
#include "format/format.h"

#include "base/err.h"
#include "base/text.h"

#include <string.h>

#define FORMAT(name) extern const struct format name##_format;
#include "formats.inc"
#undef FORMAT

const struct format *const formats[] = {
#define FORMAT(name) &name##_format,
#include "formats.inc"
#undef FORMAT
	NULL,
};

enum sym_status format_identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	for (size_t i = 0; formats[i]; i++) {
		enum sym_status status = formats[i]->identify(blob, sink, err);

		if (blob->error.status != SYM_OK) {
			*err = blob->error;
			return err->status;
		}
		if (status != SYM_NOT_MINE)
			return status;
	}
	return err_set(err, SYM_NOT_MINE, "not a symbol file");
}

bool format_has_zeros(struct blob *blob, uint64_t end, size_t n)
{
	struct reader r;
	const uint8_t *bytes;

	if (n > end || end > blob->size)
		return false;
	r = blob_view(blob, end - n, n);
	bytes = reader_bytes(&r, n);
	return bytes && identity_is_zero(bytes, n);
}

const char *kind_word(enum sym_kind kind)
{
	static const char *const words[SYM_KIND_COUNT] = {
		[SYM_KIND_NONE] = "none",       [SYM_PE] = "pe",
		[SYM_PDB] = "pdb",              [SYM_PORTABLE_PDB] = "portable-pdb",
		[SYM_ELF] = "elf",              [SYM_MACHO] = "macho",
		[SYM_BREAKPAD] = "breakpad",    [SYM_WASM] = "wasm",
		[SYM_SOURCEMAP] = "sourcemap",  [SYM_UNREAL_SYM] = "unreal-sym",
		[SYM_PERFMAP] = "perfmap",      [SYM_ZIP] = "zip",
	};

	return words[kind];
}

const char *arch_word(enum sym_arch arch)
{
	static const char *const words[SYM_ARCH_COUNT] = {
		[SYM_ARCH_UNKNOWN] = "",          [SYM_ARCH_X86] = "x86",
		[SYM_ARCH_X86_64] = "x86_64",     [SYM_ARCH_X86_64H] = "x86_64h",
		[SYM_ARCH_ARM] = "arm",           [SYM_ARCH_ARMV7] = "armv7",
		[SYM_ARCH_ARMV7S] = "armv7s",     [SYM_ARCH_ARMV7K] = "armv7k",
		[SYM_ARCH_ARM64] = "arm64",       [SYM_ARCH_ARM64E] = "arm64e",
		[SYM_ARCH_ARM64_32] = "arm64_32", [SYM_ARCH_PPC] = "ppc",
		[SYM_ARCH_PPC64] = "ppc64",       [SYM_ARCH_MIPS] = "mips",
		[SYM_ARCH_MIPS64] = "mips64",     [SYM_ARCH_RISCV32] = "riscv32",
		[SYM_ARCH_RISCV64] = "riscv64",   [SYM_ARCH_S390X] = "s390x",
		[SYM_ARCH_SPARC] = "sparc",       [SYM_ARCH_LOONGARCH64] = "loongarch64",
		[SYM_ARCH_IA64] = "ia64",         [SYM_ARCH_WASM32] = "wasm32",
	};

	return words[arch];
}

const char *const has_words[HAS_BITS] = {"symbols", "debug", "unwind", "sources"};

void identity_start(struct sym_identity *id, enum sym_kind kind, const struct blob *blob)
{
	memset(id, 0, sizeof *id);
	id->kind = kind;
	id->whole_file = true;
	id->slice_size = blob->size;
}

void identity_set_name(char name[SYM_NAME_MAX + 1], const char *path, size_t len)
{
	size_t n;
	const char *last = text_last_component(path, len, &n);

	name[0] = '\0';
	if (n > SYM_NAME_MAX)
		return;
	memcpy(name, last, n);
	name[n] = '\0';
}

bool identity_set_debuglink(struct sym_want *want, struct reader *r)
{
	size_t len;
	const char *name = reader_text(r, &len);

	identity_set_name(want->name, name, len);
	reader_seek(r, (size_t)units_of(r->pos, 4) * 4);
	want->crc32 = reader_u32(r);
	want->has_crc32 = !r->bad;
	return len > 0;
}

bool identity_is_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}
