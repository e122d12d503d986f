/* SPDX-License-Identifier: MIT
 * 000Admin, where a store in a folder remembers its transactions, as symstore.exe has it:
 *
 *   000Admin/0000000007   what transaction 7 brought, one entry a line: list.h
 *   000Admin/server.txt   the transactions that live: ledger.h
 *   000Admin/history.txt  those that ever were, and their removals; only grows
 *   000Admin/lastid.txt   the highest number
 *   name/KEY/refs.ptr     beside a file, the transactions that need it: refs.h
 *
 * Numbers are claimed, and the four texts changed, under a kernel lock on 000Admin. A text
 * is replaced as a whole: who reads without the lock sees the old one or the new one. */
#ifndef TARGET_ADMIN_ADMIN_H
#define TARGET_ADMIN_ADMIN_H

#include "base/buf.h"
#include "os/os.h"
#include "target/local/staging.h"

#define ADMIN_FOLDER "000Admin"
#define ADMIN_SERVER "server.txt"
#define ADMIN_HISTORY "history.txt"
#define ADMIN_LASTID "lastid.txt"

#define ADMIN_TEXT_BYTES_MAX (256u << 20) /* of server.txt or history.txt: some million lines */
#define ADMIN_NAME_MAX 32                 /* bytes of the name of a transaction's file, with the NUL */
#define ADMIN_LINE_MAX (64u << 10) /* bytes of one line of what a transaction brought */

struct admin {
	struct os_dir *root;     /* of the store; borrowed */
	struct os_dir *dir;      /* 000Admin */
	struct staging *staging; /* borrowed; NULL: nothing will be written */
	bool two_tier;
	bool sync;               /* what is written is flushed */
};

/* Answers SYM_NOT_FOUND, for a folder and for a bucket: the store keeps no transactions. The text says
 * what begins them. */
enum sym_status admin_none(struct sym_err *err);

/* Opens 000Admin of a->root into a->dir, and with `make` makes it where it is missing.
 * SYM_NOT_FOUND: the store keeps no transactions; SYM_REFUSED (a link), SYM_IO. */
enum sym_status admin_open(struct admin *a, bool make, struct sym_err *err) MUST_CHECK;
void admin_close(struct admin *a);

/* Waits for the lock; it goes with `*lock`, by os_dir_close. SYM_UNSUPPORTED: the file system
 * has no locks, and its transactions cannot be kept apart. SYM_CANCELLED, SYM_IO. */
enum sym_status admin_lock(const struct admin *a, struct os_dir **lock, struct sym_err *err) MUST_CHECK;

/* Between two looks at what somebody else holds. */
void admin_pause(void);

/* "0000000007", "0000000007.deleted": symstore.exe's names of a transaction's file. */
void admin_name(uint64_t id, bool deleted, char out[ADMIN_NAME_MAX]);

/* The number that `len` bytes are: at most ten digits, and nothing else. 0: they are none. */
uint64_t admin_number(const char *text, size_t len);

/* May this line be read? What holds control characters is torn, or of another encoding, and its end is
 * not where it seems. */
bool admin_is_line(const char *text, size_t len);

/* The highest number that the store has ever used: by lastid.txt, or where that is lost by server.txt and
 * history.txt; and by the files there, which runs that are under way have claimed. 0 in a new store.
 * SYM_TOO_BIG: fewer than `wanted` numbers of ten digits are left above it. SYM_IO. */
enum sym_status admin_last(const struct admin *a, uint64_t wanted, uint64_t *last,
			   struct sym_err *err) MUST_CHECK;

/* Reads the whole text of a file into `out`, which is empty, but for the mark that an editor set before it.
 * SYM_NOT_FOUND; SYM_TOO_BIG beyond out->max; SYM_IO. */
enum sym_status admin_read(struct os_dir *dir, const char *name, struct buf *out,
			   struct sym_err *err) MUST_CHECK;

/* Gives `dir`/`name` this text, in one step. */
enum sym_status admin_write(const struct admin *a, struct os_dir *dir, const char *name,
			    const struct buf *text, struct sym_err *err) MUST_CHECK;

/* Writes lastid.txt, unless it names a higher number already. Under the lock. */
enum sym_status admin_write_last(const struct admin *a, uint64_t id, struct sym_err *err) MUST_CHECK;

#endif
