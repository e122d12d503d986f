/* SPDX-License-Identifier: MIT
 * Reads a receipt: what a run delivered, as json_receipt() wrote it. */
#ifndef PIPELINE_VERIFY_RECEIPT_H
#define PIPELINE_VERIFY_RECEIPT_H

#include "base/def.h"
#include "sym.h"

/* One path of one entry. Borrowed for the call. */
struct receipt_path {
	const char *target; /* as the run called it */
	const char *key;    /* below the target's root; nobody has looked at it yet */
	const char *action; /* what became of it: "stored", "present", "kept", … */
	uint64_t size;      /* bytes */
	bool has_sha256;
	uint8_t sha256[32];
};

/* Was it there when the run was over, with the receipt's bytes? Else other bytes stood there,
 * or it was not delivered. */
bool receipt_is_delivered(const struct receipt_path *path);

/* Calls `each` for every path of the receipt, in its order, until it answers another status than
 * SYM_OK (SYM_CANCELLED, SYM_NOMEM). SYM_NOT_FOUND, SYM_IO: the file cannot be read;
 * SYM_MALFORMED: it is no receipt, or cut short. */
enum sym_status receipt_read(const char *file,
			     enum sym_status (*each)(void *ctx, const struct receipt_path *path,
						     struct sym_err *err),
			     void *ctx, struct sym_err *err) MUST_CHECK;

#endif
