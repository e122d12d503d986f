/* SPDX-License-Identifier: MIT
 * The way back from path to identity: what somebody asked a store for, and how similar a path of
 * the store is to that. Pure functions. */
#ifndef KEY_ASKED_H
#define KEY_ASKED_H

#include "key/key.h"

struct key_asked {
	/* Kind, identifiers and traits as far as the key tells them; SYM_KIND_NONE where it
	 * tells nothing. */
	struct sym_identity id;
	char file[SYM_NAME_MAX + 1]; /* its name; "" where it is asked for by identifier alone */
	char path[KEY_PATH_MAX];     /* the one-tier path; "" where only an identifier is given */
	const char *reader;          /* where no path was given: who asks by such an identifier; or NULL */
	bool compressed, pointer;    /* the path ended in SymSrv's `_`, in file.ptr; `path` has the plain name */
};

/* Reads the components at the end of a path of any reader; whatever stands before them is
 * passed over. False where no reader has such paths. */
bool key_asked_path(const char *path, struct key_asked *out);

/* Reads what people have at hand: a path as a debugger printed it (either slash, behind a
 * folder, an address or "SYMSRV:  UNC: "), "app.pdb GUIDAGE", a build-id. SYM_USAGE. */
enum sym_status key_asked_words(const char *text, struct key_asked *out,
				struct sym_err *err) MUST_CHECK;

/* The same for a name and an identifier that are given as two words; false where they are none. */
bool key_asked_pair(const char *name, const char *id, struct key_asked *out);

/* How near two paths are, the nearest first. */
enum key_near {
	KEY_NEAR_NOT,      /* not at all, or it is the same path */
	KEY_NEAR_SPELLING, /* the same key in other letters or with other zeros */
	KEY_NEAR_TIER,     /* the same key, but in the place of a store of one tier, or of two */
	KEY_NEAR_TWIN,     /* the compressed file */
	KEY_NEAR_POINTER,  /* a file.ptr */
	KEY_NEAR_READER,   /* the same file where another reader asks for it */
	KEY_NEAR_AGE,      /* another age of the same GUID */
	KEY_NEAR_NO_AGE,   /* the same GUID with an age, and without */
	KEY_NEAR_PORTABLE, /* the same GUID, once as a portable PDB's */
	KEY_NEAR_CUT,      /* the identifier is the beginning of the other */
	KEY_NEAR_DUMP,     /* the .sym in place of its PDB, or the PDB in place of its .sym */
	KEY_NEAR_PART,     /* the image in place of its debug information, or the other way round */
	KEY_NEAR_SIZE,     /* an image of the same time stamp and another size */
	KEY_NEAR_BUILD,    /* a file of the same name with another identifier */
	KEY_NEAR_COUNT
};

/* "spelling", "tier", … as in the JSON of `why`. */
const char *key_near_word(enum key_near near);

/* How near is `there`, a path of the store, to `path`, by which `asked` was asked for there? Either
 * may have the prefix of a two-tier store. */
enum key_near key_near(const struct key_asked *asked, const char *path, const char *there);

/* Sets `prefix` to what all paths near `path` begin with, so that only these need be listed. False
 * where that would be the whole store. */
bool key_near_prefix(const struct key_asked *asked, const char *path, char prefix[KEY_PATH_MAX]);

#endif
