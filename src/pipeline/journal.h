/* SPDX-License-Identifier: MIT
 * What earlier runs delivered, so that a repeat costs no request for what has not changed.
 *
 * A file of lines. An entry is what was delivered under one path of one target: the state
 * of its source, the state of what stands in the target where that is a folder, and when
 * a target was last asked. What this run notes is written beside the old journal and takes
 * its place at the end; a killed run leaves the old one. In memory an entry costs 40 bytes. */
#ifndef PIPELINE_JOURNAL_H
#define PIPELINE_JOURNAL_H

#include "base/def.h"
#include "sym.h"

struct journal;

/* What a run found. The letters of the file. */
enum journal_state {
	JOURNAL_THERE = '+',  /* these bytes stand under the path */
	JOURNAL_KEPT = '=',   /* other bytes do, and they stay */
	JOURNAL_WARNED = '!', /* the same, and it was worth a warning */
};

struct journal_entry {
	enum journal_state state;
	int64_t when_s;              /* the target was asked or written; since 1970 */
	/* The source, and which slice of it. */
	uint64_t device, inode, size;
	int64_t mtime_ns, ctime_ns;
	uint64_t slice_offset, slice_size;
	/* What stands under the path in a folder; 0 for other targets. */
	uint64_t target_inode, target_size;
	int64_t target_ctime_ns;
	bool has_sha256;
	uint8_t sha256[32];          /* of the slice */
};

/* Reads the journal at `path`; a missing one is empty. `*damaged`: it could not be
 * understood, and is taken for empty too. Entries that were noted more than `age_s`
 * seconds before `now_s` and not noted again are dropped in the end. SYM_USAGE: the file is
 * something else; SYM_IO, SYM_NOMEM. */
enum sym_status journal_open(const char *path, int64_t age_s, int64_t now_s, struct journal **out,
			     bool *damaged, struct sym_err *err) MUST_CHECK;

/* What was noted of `path` at the target `place`. False: nothing. */
bool journal_find(struct journal *j, const char *place, const char *path, struct journal_entry *out);

/* Notes it for later runs, or forgets what earlier ones noted. A failure to write is told
 * by journal_close. */
void journal_note(struct journal *j, const char *place, const char *path,
		  const struct journal_entry *entry);
void journal_forget(struct journal *j, const char *place, const char *path);

/* Puts the new journal in the place of the old one (`keep`), or leaves that; frees. NULL is
 * fine. SYM_IO, SYM_NOMEM. */
enum sym_status journal_close(struct journal *j, bool keep, struct sym_err *err) MUST_CHECK;

#endif
