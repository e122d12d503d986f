/* SPDX-License-Identifier: MIT
 * What a run says. Everything comes from one thread, in the order of the walk. */
#ifndef PIPELINE_REPORT_H
#define PIPELINE_REPORT_H

#include "pipeline/pairs/flaw.h"
#include "pipeline/record.h"
#include "target/target.h"

#include <stdio.h>

/* Files by kind and by what became of them; a file with slices counts each, at each target. */
struct tally {
	uint64_t count[SYM_KIND_COUNT][ACTION_COUNT]; /* skipped files have no kind */
	uint64_t bytes;        /* written to targets; a second name costs none */
	uint64_t found;        /* files that the walk gave */
	uint64_t others;       /* files met in folders that are no symbol files */
	uint64_t unopened;     /* of them: archives, which are not looked into there */
	uint64_t elsewhere;    /* files of other shards */
	uint64_t left, left_bytes; /* files that the end of the time, or a stop, left */
	bool left_unread;      /* some of them were not even looked at: `left_bytes` lacks their sizes */
	bool unsearched;       /* the same end came before all files were found */
	bool left_out;         /* a folder was not searched, since the run writes to it */
	uint64_t lost;         /* targets that could not be used, or not be finished */
	uint64_t warnings;
	uint64_t unpaired;     /* of them: images without their debug information */
	uint64_t milliseconds;
	bool asked;            /* `check`: nothing was delivered */
};

uint64_t tally_of(const struct tally *t, enum action action);

/* One slice of one file at one target. Borrowed for the call. */
struct delivered {
	const char *path;
	size_t archive_len;         /* of the path, what names the archive in which the file is; or 0 */
	const char *member;         /* or NULL */
	size_t destination;         /* the target's place among the run's destinations */
	const char *target;
	const struct sym_identity *id;
	const struct parcel *parcel; /* its paths, with what became of them */
	const uint8_t *sha256;      /* 32 bytes of the slice, or NULL */
	unsigned attempts;
	const struct sym_err *lost; /* why the target cannot be used, as was told; or NULL */
};

/* The name by which the file counts: its member's, where it is a compressed one. */
const char *delivered_name(const struct delivered *d);

/* Did the path fail because its target cannot be used? */
bool is_lost(const struct delivered *d, const struct parcel_path *at);

/* A skipped or failed file: it got as far as to no target. */
struct rejected {
	const char *path;
	size_t archive_len;         /* as above */
	enum action action;         /* ACTION_SKIPPED or ACTION_FAILED */
	const struct sym_err *why;
};

/* What is wrong with a file that goes its way all the same. Told before anything is sent. */
struct flawed {
	const char *path;
	size_t archive_len;          /* as above */
	const char *member;          /* or NULL */
	enum flaw flaw;
	bool repeated;               /* an earlier file of the run wants the very same */
	const char *text;            /* one sentence */
	const struct pairing *pair;  /* of an image and its debug information; else NULL */
	const char *found_path;      /* of pair->found, or NULL */
};

/* Every function may be NULL. */
struct reporter {
	/* Each file that the walk gave, before the first is delivered. */
	void (*found)(void *ctx, const char *path);
	void (*delivered)(void *ctx, const struct delivered *d);
	void (*rejected)(void *ctx, const struct rejected *r);
	void (*flawed)(void *ctx, const struct flawed *f);
	/* A target that cannot be used, by its place among the run's destinations: what goes
	 * there fails. `err` names it. */
	void (*lost)(void *ctx, size_t destination, const char *target, const struct sym_err *err);
	/* A path of the walk that could not be used; or a remark without one (NULL). */
	void (*warning)(void *ctx, const char *path, const struct sym_err *err);
	void (*note)(void *ctx, const char *text);
	/* The last word. */
	void (*finished)(void *ctx, const struct tally *t);
	void *ctx;
};

#endif
