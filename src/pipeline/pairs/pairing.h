/* SPDX-License-Identifier: MIT
 * Images and their debug information: which file each image of a run wants, and whether
 * the run has it. No file is opened and no target is asked: what is known of the files
 * are their records. */
#ifndef PIPELINE_PAIRS_PAIRING_H
#define PIPELINE_PAIRS_PAIRING_H

#include "pipeline/record.h"

/* The debug information of a run, to be found by identifier and by name. */
struct pair_index;

/* The one by identifier. SYM_NOMEM. The records are borrowed, and stay as they are while the
 * index lives. */
enum sym_status pair_index_new(const struct records *records, struct pair_index **out,
			       struct sym_err *err) MUST_CHECK;

/* Adds the one by name, which only images without an answer need. SYM_NOMEM. */
enum sym_status pair_index_names(struct pair_index *index, struct sym_err *err) MUST_CHECK;

void pair_index_free(struct pair_index *index); /* NULL is fine */

enum pairing_state {
	PAIRING_UNWANTED,    /* no image; or one without code, or that carries its own */
	PAIRING_ANSWERED,    /* it is among the records */
	PAIRING_OTHER_NAME,  /* the very PDB, but not under the name that the image gives it */
	PAIRING_OTHER_AGE,   /* a PDB of its name and GUID, but of another age */
	PAIRING_OTHER_BUILD, /* a file of its name, with another identifier */
	PAIRING_SKIPPED,     /* a file of its name of which no identifier could be read */
	PAIRING_ALONE,       /* nothing like it */
};

/* What one image wants. */
struct pairing {
	enum pairing_state state;
	bool weak;                   /* nothing says that such a file was ever made */
	struct sym_identity wanted;  /* the file for which readers will ask … */
	char name[SYM_NAME_MAX + 8]; /* … and its name … */
	bool unnamed;                /* … which no .gnu_debuglink gives: it may be called like the image */
	bool dwz;                    /* it is the dwz file of what is no image or carries its debug information */
	bool has_crc32;
	uint32_t crc32;              /* of the file, by .gnu_debuglink */
	size_t found;                /* a record, unless PAIRING_UNWANTED and PAIRING_ALONE … */
	struct sym_identity found_id; /* … and its slice, unless PAIRING_SKIPPED */
	bool has_sym;                /* not answered, but there is a .sym made of the same build */
	size_t sym;                  /* a record */
	struct sym_identity sym_id;
};

/* Is it debug information that some image may want? */
bool pairing_carries(const struct sym_identity *id);

/* Does the image that this is want a file of debug information? Fills `wanted`, `name` and
 * what belongs to them, and leaves the state open; false for PAIRING_UNWANTED. `image` is as
 * identity_unpack has it, and `file` the name of the record. A PE wants the PDB of its last CodeView
 * record (ready-to-run images name the native one, which is seldom made, first), or, where none is
 * named, its DWARF, as mingw's do; a stripped ELF its companion, by build-id, and one with debug
 * information the dwz file that it names; a Mach-O image its dSYM; a wasm module the file of its
 * external_debug_info, by build_id. */
bool pairing_wanted(const struct sym_identity *image, const char *file, struct pairing *out);

/* The same, and which record is nearest to what is wanted. `image` is a slice of record
 * `index`. Where names are not in the index, PAIRING_ALONE stands for all that they would find.
 * Of several the first in the order of the walk is found, but near the image
 * (in its folder) before elsewhere. */
void pairing_find(const struct pair_index *pairs, size_t index, const struct sym_identity *image,
		  struct pairing *out);

#endif
