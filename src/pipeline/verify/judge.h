/* SPDX-License-Identifier: MIT
 * Is a file of a store right: is it whole, and does it lie where a reader will ask for it? */
#ifndef PIPELINE_VERIFY_JUDGE_H
#define PIPELINE_VERIFY_JUDGE_H

#include "key/key.h"
#include "pipeline/probe.h"

/* What was found of one file, in the order of the summary. */
enum verdict {
	VERDICT_FINE,       /* a reader asks for this file at this path */
	VERDICT_MISPLACED,  /* a symbol file for which nobody asks here */
	VERDICT_DAMAGED,    /* cut short, changed, or no symbol file though it has the path of one */
	VERDICT_MISSING,    /* not there, though the receipt or a transaction of the store has it */
	VERDICT_CHANGED,    /* delivered by the receipt with other bytes */
	VERDICT_UNREADABLE, /* the machine said no */
	VERDICT_UNCHECKED,  /* of a kind that cannot be checked */
	VERDICT_OTHER,      /* no symbol file, and nobody would take it for one */
	VERDICT_OWN,        /* a file of the store itself */
	VERDICT_COUNT
};

const char *verdict_word(enum verdict verdict);

/* Is something wrong? What cannot be checked is a matter for a warning. */
bool verdict_is_fault(enum verdict verdict);

/* Where a file lies. */
struct place {
	const char *key;  /* its path below the root of the store */
	bool two_tier;    /* the store has index2.txt */
	unsigned readers; /* who counts: bit i is key_readers[i] */
};

struct judgement {
	enum verdict verdict;
	enum sym_kind kind;            /* SYM_KIND_NONE: not known */
	unsigned readers;              /* who asks for it here … */
	unsigned has;                  /* … and what that offers: enum sym_has */
	bool odd;                      /* fine, but `why` is worth a warning */
	char member[SYM_NAME_MAX + 1]; /* name of the file inside a compressed one, else "" */
	char belongs[KEY_PATH_MAX];    /* the path to which it belongs by its key, or "" */
	struct sym_err why;            /* status SYM_OK: there is nothing to say */
};

/* Judges the open file by its bytes and its place. */
void judge_file(struct probe *probe, os_file file, uint64_t size, const struct place *place,
		struct judgement *out);

/* The same for one that cannot be opened. */
void judge_unopened(const struct sym_err *why, struct judgement *out);

/* What a receipt says of a file. */
struct expected {
	bool any; /* there is a receipt */
	bool has_sha256;
	uint64_t size; /* bytes */
	uint8_t sha256[32];
};

/* What a thread judges with. */
struct judge {
	struct probe *probe;
	struct hasher *hasher; /* target/digest.h; made when a receipt asks for the first SHA-256 */
};

/* Opens the file at `path`, which lies at `place`, and judges it; `*st` is its state, where it
 * could be opened. What the receipt expects comes first. */
void judge_path(struct judge *j, const char *path, const struct place *place, const struct expected *e,
		struct os_stat *st, struct judgement *out);

/* How much a path resembles a place: of several to which a file could belong, that of the
 * reader for whom it was meant resembles its place most. */
unsigned place_likeness(const char *place, const char *path);

#endif
