/* SPDX-License-Identifier: MIT
 * The JSON lines of `history`, `remove` and `prune`, as symbol-upload-json(5) describes them. */
#ifndef PIPELINE_JSON_TRANSACTIONS_H
#define PIPELINE_JSON_TRANSACTIONS_H

#include "base/buf.h"
#include "target/admin/history.h"
#include "target/admin/removal.h"

/* Each adds one line with its newline. */

/* A transaction of the store `target`. */
void json_transaction(struct buf *out, const char *target, const struct history_entry *e);

/* What becomes of an entry of one that goes, or, where `plan`, would; and of all. */
void json_removed(struct buf *out, const char *target, const struct removal_told *t, bool plan);
void json_removed_all(struct buf *out, const struct removal *r);

#endif
