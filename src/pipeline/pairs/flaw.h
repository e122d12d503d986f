/* SPDX-License-Identifier: MIT
 * What readers will miss in a file that is delivered, or beside it: kinds and words. */
#ifndef PIPELINE_PAIRS_FLAW_H
#define PIPELINE_PAIRS_FLAW_H

#include "base/buf.h"
#include "pipeline/pairs/pairing.h"

enum flaw {
	/* An image whose debug information is neither in the run nor at its target … */
	FLAW_UNPAIRED,
	FLAW_OTHER_AGE,   /* … though there is that of another age, … */
	FLAW_OTHER_BUILD, /* … or of another build or damaged, … */
	FLAW_OTHER_NAME,  /* … or it is here under another name. */
	FLAW_CRC,         /* the companion is not the one for which .gnu_debuglink was made */
	FLAW_FASTLINK,
	FLAW_SPLIT_DWARF,
	FLAW_SHARED_DWARF,
	FLAW_PUBLIC,
	FLAW_NO_DEBUG,
	FLAW_NO_UNWIND,
	FLAW_NO_CODE_ID,
	FLAW_TWO_IDS,
	FLAW_COUNT
};

/* Does --require-pairs forbid it? */
bool flaw_is_of_pair(enum flaw flaw);

/* For programs: "other-age". */
const char *flaw_word(enum flaw flaw);

/* For files that are counted and not named: "debug information missing". */
const char *flaw_brief(enum flaw flaw);

/* The flaws of the file itself, bit by bit (1 << enum flaw). `has` is what it offers
 * together with its companion. */
unsigned flaws_of(const struct sym_identity *id, unsigned has);

/* What the check of pairs has to know of a file before it looks closer: record.roles. */
uint8_t roles_of(const struct record *r);

/* One sentence for each of them. */
const char *flaw_text(enum flaw flaw, const struct sym_identity *id);

/* The flaw that a pairing without an answer is. */
enum flaw flaw_of_pairing(const struct pairing *p);

/* "crashes in foo.dll will not symbolicate: its foo.pdb … is not in this upload (found …, an
 * older build: path)". `where` says of a target what is to be said, or is "". `found` is the
 * path of what was found, or NULL. */
void flaw_add_pairing(struct buf *out, const struct pairing *p, const char *image, bool fat,
		      const char *where, const char *found);

#endif
