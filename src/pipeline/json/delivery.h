/* SPDX-License-Identifier: MIT
 * The JSON lines of what was inspected and delivered: one object a line, in the schema that
 * symbol-upload-json(5) states. Those of a store are pipeline/json/store.h's. */
#ifndef PIPELINE_JSON_DELIVERY_H
#define PIPELINE_JSON_DELIVERY_H

#include "pipeline/inspect.h"
#include "pipeline/report.h"

/* Each adds one line with its newline. */
void json_inspected(struct buf *out, const struct inspected *what);
void json_inspect_error(struct buf *out, const char *path, const char *member, const struct sym_err *err);
void json_delivered(struct buf *out, const struct delivered *d);
void json_rejected(struct buf *out, const struct rejected *r);
void json_flawed(struct buf *out, const struct flawed *f);
/* A target that cannot be used. */
void json_lost(struct buf *out, const char *target, const struct sym_err *err);
void json_warning(struct buf *out, const char *path, const struct sym_err *err); /* path or NULL */
void json_summary(struct buf *out, const struct tally *t);

/* The receipt's entry of one slice: what was delivered where, without times. */
void json_receipt(struct buf *out, const struct delivered *d);

#endif
