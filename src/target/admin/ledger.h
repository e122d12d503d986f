/* SPDX-License-Identifier: MIT
 * server.txt and history.txt: a line a transaction, as symstore.exe writes and reads them.
 *
 *   0000000007,add,file,09/06/2016,10:34:19,"product","version","comment",
 *   0000000009,del,0000000007
 *
 * Quotation marks may be missing, and years have two digits in Microsoft's documentation;
 * lines end by CR LF, the last one not always. */
#ifndef TARGET_ADMIN_LEDGER_H
#define TARGET_ADMIN_LEDGER_H

#include "target/admin/admin.h"

struct ledger_line {
	uint64_t id;
	bool removal;         /* of transaction `of`; nothing below counts */
	uint64_t of;
	bool begun;           /* a removal of it was begun: it lives no more, and some of its files may be left */
	bool pointers;        /* its refs.ptr lines say "ptr": it stored where files are, not files */
	int64_t time_s;       /* since 1970; 0 where the date makes no sense */
	const char *date, *time; /* as written, in the local time of the machine that wrote it */
	const char *product, *version, *label; /* "" where there is none */
};

/* Lines in the order of the file, which is that of their ends, and mostly of their numbers. */
struct ledger {
	struct ledger_line *lines;
	size_t count;
	struct buf fields; /* what the lines point into */
};

/* Reads 000Admin/`name`, of which there is none in a new store. SYM_MALFORMED names the line;
 * SYM_NOMEM, SYM_TOO_BIG, SYM_IO. Release it in any case. */
enum sym_status ledger_read(const struct admin *a, const char *name, struct ledger *out,
			    struct sym_err *err) MUST_CHECK;
/* The same of the text in out->fields, which is cut into its fields. */
enum sym_status ledger_parse(struct ledger *out, struct sym_err *err) MUST_CHECK;
void ledger_release(struct ledger *l);

/* Adds a line for `line`, which is of now where `time_s` is 0. */
void ledger_add(struct buf *text, const struct ledger_line *line);

/* Adds the lines to 000Admin/`name`. Under the lock. */
enum sym_status ledger_append(const struct admin *a, const char *name, const struct buf *lines,
			      struct sym_err *err) MUST_CHECK;

/* Writes server.txt without the transactions for which `gone` says so. Under the lock. */
enum sym_status ledger_drop(const struct admin *a, bool (*gone)(void *ctx, uint64_t id), void *ctx,
			    struct sym_err *err) MUST_CHECK;

#define LEDGER_TIME_MAX 64

/* "2016-09-06", `between`, "10:34:19": as the machine that wrote the line saw the clock, a bucket's
 * as this one does; as it was written where that makes no sense. */
void ledger_time(const struct ledger_line *line, char between, char to[LEDGER_TIME_MAX]);

/* May this stand between quotation marks? They know no escape. SYM_REFUSED; `what` names it. */
enum sym_status ledger_check_text(const char *what, const char *text, struct sym_err *err) MUST_CHECK;

#endif
