/* SPDX-License-Identifier: MIT
 * Identity to path: what each reader will ask a store for. Pure functions; no
 * file is touched. A new reader is one row in readers.c. */
#ifndef KEY_KEY_H
#define KEY_KEY_H

#include "base/def.h"
#include "sym.h"

#define KEY_PATH_MAX 656 /* bytes with the NUL: two names, the longest key, a tier's prefix */
#define KEY_PATHS_MAX 4  /* paths of one reader for one identity */

struct key_path {
	char text[KEY_PATH_MAX]; /* relative, `/` between components, letter case as asked for */
	const char *needs;       /* the program that must make the file, "dump_syms", or NULL */
};

struct key_paths {
	size_t count;
	struct key_path at[KEY_PATHS_MAX];
};

struct key_reader {
	const char *name;  /* as in --for */
	const char *about; /* one line for --for list */
	bool symsrv;       /* name/KEY/name: takes two tiers and the compressed last letter */
	/* Adds the paths this reader asks for; none where it never asks for such a file.
	 * `file` is the file's own name, safe by key_name_check. */
	void (*paths)(const struct sym_identity *id, const char *file, struct key_paths *out);
};

extern const struct key_reader key_readers[];
extern const size_t key_reader_count;

/* The reader called `name`, or NULL. */
const struct key_reader *key_reader_find(const char *name);

/* Does one of the readers (bit i is key_readers[i]) read as SymSrv does? */
bool key_reads_symsrv(unsigned readers);

#define KEY_READERS_DEFAULT "visualstudio,windbg,bugsplat"

/* The paths that `reader` asks for. `path` is the file's path or name, of which the last component
 * counts; NULL: the name is not known, and only paths without it are answered. SYM_REFUSED, with
 * the reason, where a name cannot be used in a key. */
enum sym_status key_paths_for(const struct key_reader *reader, const struct sym_identity *id,
			      const char *path, struct key_paths *out,
			      struct sym_err *err) MUST_CHECK;

/* Is `name` safe as a component of a store on every system? Refused: empty, `.`,
 * `..`, separators, control characters, `"` and `:*?<>|`, a blank or dot at the end,
 * Windows device names, names of the store's own files, what is not UTF-8, and
 * more than SYM_NAME_MAX bytes. */
enum sym_status key_name_check(const char *name, struct sym_err *err) MUST_CHECK;
bool key_name_is_safe(const char *name); /* the same without a reason */

/* Is it the name of a file or folder that belongs to the store itself, in its root or beside a
 * symbol file: 000Admin, index2.txt, file.ptr, a staging folder …? */
bool key_is_the_stores_own(const char *name);

/* foo.pdb for foo.dll: what the PDB of an image is called where nothing names it otherwise
 * (mingw's ld writes an identifier and no path). `file` is a name without folders. */
#define KEY_PDB_NAME_MAX (SYM_NAME_MAX + 5)
void key_pdb_of(const char *file, char out[KEY_PDB_NAME_MAX]);

/* name/KEY/name into na/name/KEY/name, for a root that holds index2.txt: `na` is the
 * first two characters in lower case (one where the second is `.`). Two-tier roots
 * are SymSrv's; see SymStore's documentation of index2.txt. False where it does not fit. */
bool key_two_tier(char path[KEY_PATH_MAX]);

/* x/KEY/x.pdb into x/KEY/x.pd_: SymSrv's name of a compressed file. */
void key_compressed(char path[KEY_PATH_MAX]);

/* What version 11 calls the .sym file that dump_syms makes of `file`: the module's name as in
 * BugSplat's keys, though without `.pdb`, and `.sym`. It may be longer than a name can be. */
#define KEY_DUMP_NAME_MAX (SYM_NAME_MAX + 5)
void key_dump_name(const char *file, char out[KEY_DUMP_NAME_MAX]);

/* Text forms. Buffers of KEY_ID_MAX bytes are always enough. */
#define KEY_ID_MAX (2 * SYM_CODE_MAX + 1)
void key_code_text(const struct sym_code_id *code, char out[KEY_ID_MAX]);
void key_debug_text(const struct sym_debug_id *debug, char out[KEY_ID_MAX]);

/* Have both the same keys: the same kind, identifiers and module name? What they offer, and their
 * sizes, may differ. */
bool key_same(const struct sym_identity *a, const struct sym_identity *b);

#endif
