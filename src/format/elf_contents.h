/* SPDX-License-Identifier: MIT
 * What there is in an ELF file: what its segments and sections tell. */
#ifndef FORMAT_ELF_CONTENTS_H
#define FORMAT_ELF_CONTENTS_H

#include "format/elf_file.h"
#include "format/elf_notes.h"

enum elf_packing {
	ELF_PLAIN,
	ELF_PACKED,     /* SHF_COMPRESSED */
	ELF_PACKED_OLD, /* .zdebug_… of GNU's tools before that */
};

struct elf_range {
	uint64_t offset; /* bytes from the start of the file */
	uint64_t size;   /* bytes; 0 = there is none */
	enum elf_packing packing;
};

enum elf_part {
	ELF_UNREAD, /* all whose presence says enough */
	ELF_NAMES,  /* of the sections */
	ELF_TEXT,
	ELF_DYNAMIC,
	ELF_SCE, /* where consoles have an identifier */
	ELF_DEBUGLINK,
	ELF_ALTLINK, /* names a dwz file */
	ELF_DEBUG_INFO,
	ELF_DEBUG_ABBREV,
	ELF_DEBUG_DWO, /* what was split off */
	ELF_DEBUG_SUP, /* dwz's file, or what names it, in DWARF 5's own form */
	ELF_PARTS
};

struct elf_contents {
	struct elf_file file;
	struct elf_notes notes;
	struct elf_range parts[ELF_PARTS];
	unsigned present;      /* 1 << enum elf_part of the sections that there are by name, also compressed ones */
	unsigned has;          /* enum sym_has */
	bool has_sections;     /* beside the empty one: a stripped table leaves only segments */
	bool has_load_bytes;   /* segments */
	bool has_eh_segment;
	bool has_code_section; /* sections */
	bool has_code_bytes;
	bool has_mapped_bytes;
	bool has_dynamic_symbols;
	bool disputed; /* Breakpad takes something for the build-id that GNU's tools do not */
};

/* Walks the segments, then the sections of `contents->file`, which is open; all else is zero. SYM_OK,
 * SYM_MALFORMED where one of them lies outside the file, SYM_TOO_BIG. */
enum sym_status elf_contents_read(struct elf_contents *contents, struct sym_err *err) MUST_CHECK;

/* A view of at most the first `most` bytes of a part; of a packed one it is empty. */
struct reader elf_part_view(const struct elf_contents *contents, enum elf_part part, uint64_t most);

/* Unpacks the first `n` bytes of a packed part into `room`, or as many as there are: none where nobody can. */
struct reader elf_part_unpack(const struct elf_contents *contents, enum elf_part part, void *room, size_t n);

#endif
