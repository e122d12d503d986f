/* SPDX-License-Identifier: MIT
 * Where a walk is: the folders from its start down to the present one, each with what is
 * still to be visited in it.
 *
 * Each keeps its handle, but no more than SOURCE_HANDLES_MAX do at once: those far above are
 * closed, and opened again by name when the walk is back. */
#ifndef SOURCE_BRANCH_H
#define SOURCE_BRANCH_H

#include "base/buf.h"
#include "base/def.h"
#include "os/os.h"
#include "source/bundle.h"
#include "source/glob.h"
#include "source/names.h"
#include "sym.h"

struct level {
	struct os_dir *dir;     /* owned; NULL while closed */
	uint64_t device, inode; /* once `identified` */
	bool identified;
	size_t path_len;    /* of branch.path up to here, with the slash */
	size_t subject_len; /* of branch.subject up to here, with the slash */
	const struct glob *glob;
	size_t subject_from;            /* where the subject of `glob` begins */
	const struct bundle_kind *kind; /* of the innermost bundle around here, or NULL */
	size_t bundle_len;              /* of branch.path: the outermost bundle; 0 = none */
	bool bundle_root;               /* `kind` begins here */
	uint64_t offered;               /* for the owner: files that had matched before this level */
	struct names folders;           /* still to visit, from `next` on */
	size_t next;
	size_t given;  /* folders before this one are not given to other threads (again) */
	unsigned lent; /* forks that use `dir` and `folders`: both must stay as they are */
};

/* BRANCH_INIT makes it ready for use. Whether a buffer failed, the owner looks. */
struct branch {
	struct level *levels;
	size_t count, room;
	struct buf path;    /* of the present folder or of branch_path()'s last name: to show and to open */
	struct buf subject; /* the same as globs match it: links to folders end in two slashes */
	struct buf bundle;  /* what branch_bundle() answers */
};

#define BRANCH_INIT                                                                                \
	{                                                                                          \
		.path = BUF_MAX(SOURCE_TREE_BYTES_MAX), .subject = BUF_MAX(SOURCE_TREE_BYTES_MAX), \
		.bundle = BUF_MAX(SOURCE_TREE_BYTES_MAX)                                           \
	}

void branch_release(struct branch *b);

/* The present folder. The branch is not empty. */
static inline struct level *branch_top(const struct branch *b)
{
	return &b->levels[b->count - 1];
}

/* Paths of `name` in the present folder, the second with `slashes` behind it. They stand
 * in branch.path and branch.subject, borrowed until the next call. */
const char *branch_path(struct branch *b, const char *name);
void branch_subject(struct branch *b, const char *name, const char *slashes);

/* The folder that stands in branch.path, as people write it: without the slash at its end, `.` for
 * the current one. Borrowed; branch_folder_end() must follow. */
const char *branch_folder(struct branch *b);
void branch_folder_end(struct branch *b);

/* The outermost bundle around the present folder, or NULL. Borrowed. */
const char *branch_bundle(struct branch *b);

/* Asks which folder this is, unless that is known: a system call that most folders never
 * need. False: it cannot be told; `why` says why of a folder that is open. */
bool level_identify(struct level *l, struct sym_err *why);

/* Is this folder on the branch? */
bool branch_has(const struct branch *b, uint64_t device, uint64_t inode);

/* Adds a folder whose paths stand in branch.path and branch.subject. Takes fresh.dir,
 * also where it fails: out of memory. */
bool branch_push(struct branch *b, struct level fresh) MUST_CHECK;
void branch_pop(struct branch *b);

/* Makes `*fork`, for another thread, a branch that begins in a level of `b` and has still to visit
 * `count` of its folders, from `from` on. The level must be open; its names and handle are used
 * by the fork until that is joined. False: out of memory. On success branch_fork_release() is due. */
bool branch_fork(struct branch *b, size_t level, size_t from, size_t count,
		 struct branch *fork) MUST_CHECK;
void branch_fork_release(struct branch *fork);

/* Moves `b` to where `fork` is, which began at the next folder of the present one; the folders that
 * it visited count as visited in `b`. False: out of memory. */
bool branch_join(struct branch *b, struct branch *fork) MUST_CHECK;

/* Opens the present folder again if it is closed. SYM_CHANGED where another folder has
 * its name now; else as os_dir_open. */
enum sym_status branch_reopen(struct branch *b, struct sym_err *why) MUST_CHECK;

#endif
