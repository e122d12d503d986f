/* SPDX-License-Identifier: MIT
 * The JSON lines of commands that look into a store, as symbol-upload-json(5) describes them. */
#ifndef PIPELINE_JSON_STORE_H
#define PIPELINE_JSON_STORE_H

#include "pipeline/ask/check.h"
#include "pipeline/ask/why.h"
#include "pipeline/verify/verify.h"

/* Each adds one line with its newline. */

/* What `check` found out about a store itself. */
void json_finding(struct buf *out, const struct finding *f);

/* What `why` says of one path at one target; and of words in which there is no question. */
void json_answer(struct buf *out, const struct why_answer *a);
void json_unasked(struct buf *out, const char *words, const struct sym_err *err);

/* What `verify` says of one file of the store `target`, and of all. */
void json_verified(struct buf *out, const char *target, const struct verified *v);
void json_verified_all(struct buf *out, const struct verify_counts *c, bool receipt);

#endif
