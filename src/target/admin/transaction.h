/* SPDX-License-Identifier: MIT
 * The transaction of one run: what it delivered to a store in a folder.
 *
 * Its number is claimed before the run asks what is there, and the staging folder of the run
 * says that it lives: nobody removes what it counts on (removal.h). The order, and with it what a
 * killed run leaves, is: lastid.txt, files, their refs.ptr, the transaction's file, server.txt,
 * history.txt. A number without its line in server.txt never was. */
#ifndef TARGET_ADMIN_TRANSACTION_H
#define TARGET_ADMIN_TRANSACTION_H

#include "target/admin/admin.h"
#include "target/target.h"

struct transaction;

/* Can all of the title be noted? SYM_USAGE. */
enum sym_status transaction_check(const struct transaction_title *title, struct sym_err *err) MUST_CHECK;

/* Claims a number, where the title wants one, or the store has transactions already, if there are
 * locks; else `*out` is NULL. `staging` and the title are borrowed. SYM_USAGE: a text of the title cannot be
 * noted; SYM_UNSUPPORTED: no locks here; SYM_IO, SYM_NOMEM. */
enum sym_status transaction_begin(struct os_dir *root, struct staging *staging, bool two_tier, bool sync,
				  const struct transaction_title *title, struct transaction **out,
				  struct sym_err *err) MUST_CHECK;

/* Notes what became of a parcel, and in refs.ptr that its files are needed. A failure is told by
 * transaction_commit. */
void transaction_enter(struct transaction *t, const char *source, const struct parcel *p);

/* From now on it is history; one without an entry never was. Why not, otherwise; SYM_CANCELLED: the run was
 * stopped while it waited for the lock or the disk. */
enum sym_status transaction_commit(struct transaction *t, struct sym_err *err) MUST_CHECK;

/* Gives the number up, unless it was committed, and frees. NULL is fine. */
void transaction_end(struct transaction *t);

/* For every store: adds the path of a source as the machine has it, below the folder `here` (NULL: nobody knows),
 * unless it is absolute, on whatever system it was written. */
void transaction_add_source(const char *here, const char *source, struct buf *out);

#endif
