/* SPDX-License-Identifier: MIT
 * What a format is. A new one is one file that defines a `const struct format`,
 * and one row in this folder's meson.build. */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include "base/blob.h"
#include "base/err.h"
#include "sym.h"

/* Receives one identity at a time, in the order of the slices; it is borrowed for
 * the call. A status other than SYM_OK ends the identification with it. */
typedef enum sym_status identity_fn(void *ctx, const struct sym_identity *id);

struct identity_sink {
	identity_fn *found;
	void *ctx;
	/* Hears which slices have no identifier, and why, of a file in which others have one. Called
	 * at most once, after the last identity. May be NULL. */
	void (*without)(void *ctx, const struct sym_err *why);
};

struct format {
	const char *name;  /* as in the list of meson.build */
	const char *title; /* as people call it; NULL: it is only recognised, to be refused */
	/* SYM_OK: recognised. Every slice with an identifier went to sink->found, and so did object
	 * files (SYM_OBJECT) and what was split off (SYM_BY_NAME), which need none; sink->without heard of the others.
	 * SYM_NOT_MINE: the file is of another format, or of none.
	 * SYM_MALFORMED, SYM_UNSUPPORTED, SYM_NO_KEY, SYM_TOO_BIG, SYM_IO: it is this
	 * format, and `err` says what is wrong and at which offset. */
	enum sym_status (*identify)(struct blob *blob, const struct identity_sink *sink,
				    struct sym_err *err);
};

/* Asks each format in turn. SYM_NOT_MINE when none recognises the file; else as
 * format.identify(). */
enum sym_status format_identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err);

/* All formats in asking order, ended by NULL. */
extern const struct format *const formats[];

/* "pe", "portable-pdb", … as in `inspect`'s JSON; "x86_64", "arm64", … */
const char *kind_word(enum sym_kind kind);
const char *arch_word(enum sym_arch arch);

/* "symbols", "debug", "unwind", "sources": the bits of enum sym_has, from the lowest. */
#define HAS_BITS 4
extern const char *const has_words[HAS_BITS];

/* Makes `id` an empty identity of `kind` for the whole file. */
void identity_start(struct sym_identity *id, enum sym_kind kind, const struct blob *blob);

/* Keeps the last component of `path` as a name; bytes beyond SYM_NAME_MAX make it empty
 * (a name that no file system holds cannot be a key). */
void identity_set_name(char name[SYM_NAME_MAX + 1], const char *path, size_t len);

/* Reads a .gnu_debuglink (name, NUL, padding to 4, CRC-32 of the named file: GDB's manual, "Separate
 * Debug Files") into `want`. False where it holds no name. */
bool identity_set_debuglink(struct sym_want *want, struct reader *r);

/* Are the `n` bytes before `end` zeros? So ends a copy that a crash cut off, and that has its whole
 * size all the same. False where there are not so many. */
bool format_has_zeros(struct blob *blob, uint64_t end, size_t n);

/* True where all `n` bytes are zero: an identifier that identifies nothing. */
bool identity_is_zero(const uint8_t *bytes, size_t n);

#endif
