/* SPDX-License-Identifier: MIT
 * The JSON lines that scripts read: one object a line, in the schema that
 * symbol-upload(1) states. */
#ifndef PIPELINE_JSON_H
#define PIPELINE_JSON_H

#include "base/buf.h"
#include "pipeline/check.h"
#include "pipeline/report.h"
#include "pipeline/why.h"
#include "pipeline/verify.h"

/* What `inspect` says of one slice: `paths[i]` are those of key_readers[i], for the
 * readers of the mask. `error` may be NULL. */
struct inspected {
	const char *path;
	const char *member; /* or NULL */
	const char *file;   /* the name under which it is kept */
	const struct sym_identity *id;
	unsigned readers;
	const struct key_paths *paths;
	const struct sym_err *error;
};

/* Each adds one line with its newline. */
void json_inspected(struct buf *out, const struct inspected *what);
void json_inspect_error(struct buf *out, const char *path, const struct sym_err *err);
void json_delivered(struct buf *out, const struct delivered *d);
void json_rejected(struct buf *out, const struct rejected *r);
void json_flawed(struct buf *out, const struct flawed *f);
/* A target that cannot be used. */
void json_lost(struct buf *out, const char *target, const struct sym_err *err);
void json_warning(struct buf *out, const char *path, const struct sym_err *err); /* path or NULL */
void json_summary(struct buf *out, const struct tally *t);

/* What `check` found out about a store itself. */
void json_finding(struct buf *out, const struct finding *f);

/* What `why` says of one path at one target. */
void json_answer(struct buf *out, const struct why_answer *a);
void json_unasked(struct buf *out, const char *words, const struct sym_err *err); /* no question */
/* What `verify` says of one file of the store `target`, and of all. */
void json_verified(struct buf *out, const char *target, const struct verified *v);
void json_verified_all(struct buf *out, const struct verify_counts *c, bool receipt);

/* The receipt's entry of one slice: what was delivered where, without times. */
void json_receipt(struct buf *out, const struct delivered *d);

#endif
