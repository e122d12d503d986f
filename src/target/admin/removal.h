/* SPDX-License-Identifier: MIT
 * Transactions go, and with them the files that no other one needs.
 *
 * A file is needed by each living transaction whose list has it, and by each whose line its
 * refs.ptr has: where the two differ, it stays. Nothing that no transaction brought is touched.
 *
 * It waits until no run fills the store, and keeps new ones waiting. The order is: the
 * transaction's file is renamed to .deleted; files and refs.ptr; lastid.txt; history.txt;
 * server.txt; pingme.txt. What is killed in between is finished by the next removal: a line in
 * server.txt whose file is .deleted. history.txt may then tell of it twice. */
#ifndef TARGET_ADMIN_REMOVAL_H
#define TARGET_ADMIN_REMOVAL_H

#include "target/admin/ledger.h"

enum removal_fate {
	FATE_GONE,
	FATE_NEEDED,  /* by the transaction `by` */
	FATE_MISSING, /* it was not there */
	FATE_REFUSED, /* `why`: the entry is none that may be followed */
	FATE_FAILED,  /* `why` */
	FATE_COUNT
};

/* The word of the reports: of what is only planned, "planned" for what would go. */
const char *removal_fate_word(enum removal_fate fate, bool plan);

/* What becomes of one entry. Borrowed for the call. */
struct removal_told {
	uint64_t id;       /* of the transaction that goes */
	const char *path;  /* below the root of the store: a file, or the folder of one */
	enum removal_fate fate;
	uint64_t by;
	uint64_t files, bytes; /* that are given back: bytes with the last of several names */
	const struct sym_err *why;
};

struct removal {
	const uint64_t *ids;  /* that go */
	size_t count;
	bool chosen;          /* by rules: that another removal was first with some is no failure */
	bool plan;            /* say what would be done, and write nothing */
	void (*told)(void *ctx, const struct removal_told *told);
	void (*waiting)(void *ctx, const char *whom); /* once, where somebody is at work on the store; or NULL */
	void *ctx;
	/* Out: */
	uint64_t gone;        /* transactions; those too that a killed removal had begun */
	uint64_t entries[FATE_COUNT];
	uint64_t files, bytes;
};

/* Counts what became of an entry, and tells of it. */
void removal_tell(struct removal *r, const struct removal_told *told);

/* SYM_IO where entries could not be removed, each of which was told. */
enum sym_status removal_verdict(const struct removal *r, struct sym_err *err) MUST_CHECK;

/* Was a removal begun of a transaction that has a line, and was killed? Its list says so. */
bool removal_is_begun(const struct admin *a, uint64_t id);

/* Removes from the store at `root`. SYM_OK, also where single entries were refused; SYM_NOT_FOUND:
 * a transaction does not live, or the list of one that does is missing, so that nobody can say what
 * it needs; SYM_IO: some files could not be removed, and their transactions stay begun;
 * SYM_CANCELLED, SYM_MALFORMED, SYM_NOMEM. */
enum sym_status removal_run(struct os_dir *root, struct removal *r, struct sym_err *err) MUST_CHECK;

#endif
