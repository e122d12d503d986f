/* SPDX-License-Identifier: MIT
 * What the files of the local target share. */
#ifndef TARGET_LOCAL_LOCAL_H
#define TARGET_LOCAL_LOCAL_H

#include "target/admin/transaction.h"
#include "target/local/staging.h"
#include "target/target.h"

#include <stdatomic.h>

extern const struct target_kind local_target;

struct local {
	struct target base;
	struct target_options options;
	struct os_dir *root; /* NULL: a dry run into a folder that is not there yet */
	struct staging *staging; /* NULL: a dry run, or nothing can be written there … */
	struct sym_err closed;   /* … for this reason; else SYM_OK */
	struct transaction *transaction; /* NULL: the run is none */
	/* The store was empty when it was opened: there is no use in looking for what stands
	 * under a path, before publishing, which never replaces, finds that another run was first. */
	bool new;
	atomic_bool published; /* this run has given a file its name */
	_Atomic uint64_t unflushed; /* bytes staged since the last flush of a batch */
};

/* The bytes that want to go under a path: the source's slice, or the staged file, which is
 * opened when somebody first has to look into it. */
struct ours {
	os_file file;        /* OS_NO_FILE: the parcel's staged file, not open yet */
	uint64_t offset;
	uint64_t size;
	uint64_t device, inode; /* of the staged file; 0 while it is the source */
};

/* Splits "a/b/c" into the folder "a/b" and the name "c" (which points into `path`). */
void local_split(const char *path, char dir[KEY_PATH_MAX], const char **name);

/* Looks at what stands under p->at[i] and settles the path where nothing is to be
 * written: present, kept, failed. Else leaves it pending: nothing is there, or
 * (`*replace` set, and `why` saying what was found) it is to be replaced. */
void local_settle(struct local *l, unsigned worker, struct parcel *p, size_t i, struct ours *ours,
		  bool *replace);

/* Opens the parcel's staged file, unless `ours` is open already. SYM_NOT_FOUND, SYM_IO. */
enum sym_status local_open_staged(struct local *l, const struct parcel *p, struct ours *ours,
				  struct sym_err *err) MUST_CHECK;

/* As target.h says of `open`, `close`, `ask`, `listed`, `list` and `mark`. */
enum sym_status local_open(const char *where, const struct target_options *options, struct target **out,
			   struct sym_err *err);
void local_close(struct target *t); /* NULL is fine */
enum sym_status local_ask(struct target *t, const char *path, const struct target_sink *sink,
			  struct target_answer *out, struct sym_err *err);
enum target_listed local_listed(struct target *t, const char *path);
enum sym_status local_list(struct target *t, const char *prefix, size_t most,
			   const struct target_lister *to, bool *all, struct sym_err *err);
bool local_mark(struct target *t, const char *path, struct target_mark *out);

#endif
