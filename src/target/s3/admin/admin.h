/* SPDX-License-Identifier: MIT
 * The transactions of a bucket. Below the target's prefix:
 *
 *   000Admin/0000000007          the manifest of one that lives: what it brought
 *   000Admin/0000000007.begun    the claim of a run that is under way, and its sign of life
 *   000Admin/0000000007.dead     that run gave no sign for too long: it will be none
 *   000Admin/0000000007.going    the manifest of one that is being removed
 *   000Admin/0000000007.deleted  that of one that was
 *   000Admin/removing/RANDOM     a removal that is under way, and its sign of life
 *
 * A number is had by who makes its `.begun` with If-None-Match; none is given twice to what was
 * committed or died. A manifest is written once, at the end of its run.
 *
 * Why a removal takes nothing that a run counts on: a run writes its claim and then lists; it asks
 * what is there only when no removal is listed. A removal writes its marker and then lists; it reads
 * the manifests only when no claim is listed, and else takes its marker back. Whoever writes second
 * sees the first one, for a listing has all that was written before it (S3 and radosgw keep that): so
 * never do both go on. A claim whose run died would keep removals away for ever: it is followed by a
 * `.dead`, and only then are the manifests listed. A run that lives after all writes its manifest and
 * then looks for `.dead`: either it finds that, and takes the manifest back, or the removal's listing
 * has the manifest. A removal that is late stops by itself, long before others take it for dead. */
#ifndef TARGET_S3_ADMIN_ADMIN_H
#define TARGET_S3_ADMIN_ADMIN_H

#include "base/table.h"
#include "target/admin/admin.h"
#include "target/admin/removal.h"
#include "target/s3/s3.h"

#define MARKER_MAX 64 /* bytes of "removing/RANDOM", and of every other name, with the NUL */

#define RUN_SIGNS_S 300       /* so often does a run give a sign of life */
#define RUN_DEAD_S 3600       /* after so long without one it is taken for dead, by the server's clock */
#define REMOVAL_SIGNS_S 60    /* the same of a removal */
#define REMOVAL_STOPS_S 300   /* later than that it does nothing any more, by its own clock */
#define REMOVAL_DEAD_S 600

/* ---------------------------------------------------------- objects.c -- */

/* Names are below 000Admin/. Statuses as s3_perform and s3_refused, where none is said. */

/* "0000000007.begun"; `state` "" for a living transaction's manifest. */
void s3_admin_name(uint64_t id, const char *state, char out[ADMIN_NAME_MAX]);

/* Writes an object, whatever stood there. */
enum sym_status s3_admin_put(struct s3 *s, const char *name, struct s3_body *body, struct sym_err *err) MUST_CHECK;

/* Writes one where none stands. `*made` false: one does, and it has another text; true where it fails:
 * it was written all the same. SYM_UNSUPPORTED: the server does not keep conditions, nothing stands
 * there now. */
enum sym_status s3_admin_make(struct s3 *s, const char *name, struct s3_body *body, bool *made,
			      struct sym_err *err) MUST_CHECK;

/* One request, and what it borrows: it is not moved while it is under way. */
struct s3_asked {
	struct s3_request request;
	char name[MARKER_MAX];
	char key[S3_KEY_MAX + 1];
	struct s3_call call;
	struct sym_err failed; /* it could not even be started; status SYM_OK where it was */
};

/* Starts to ask for the first bytes of an object, as many as a title has; then waits, and adds them.
 * SYM_NOT_FOUND. */
void s3_admin_begin_start(struct s3 *s, const char *name, struct s3_asked *a);
enum sym_status s3_admin_begin_end(struct s3_asked *a, struct buf *out, struct sym_err *err) MUST_CHECK;

/* The whole of an object on its way into a file without a name; not moved meanwhile either. */
struct s3_fetch {
	struct s3_asked asked;
	struct target_sink sink;
	os_file file; /* once it is there: to close */
	uint64_t size;
};

/* Starts to fetch one; then waits. SYM_NOT_FOUND. */
void s3_admin_fetch_start(struct s3 *s, const char *name, struct s3_fetch *f);
enum sym_status s3_admin_fetch_end(struct s3_fetch *f, struct sym_err *err) MUST_CHECK;

enum sym_status s3_admin_exists(struct s3 *s, const char *name, bool *there, struct sym_err *err) MUST_CHECK;

/* SYM_OK also where none is there. */
enum sym_status s3_admin_delete(struct s3 *s, const char *name, struct sym_err *err) MUST_CHECK;

/* The same of the object that gives a number this state. */
enum sym_status s3_admin_put_state(struct s3 *s, uint64_t id, const char *state, const char *text,
				   struct sym_err *err) MUST_CHECK;
enum sym_status s3_admin_delete_state(struct s3 *s, uint64_t id, const char *state, struct sym_err *err) MUST_CHECK;

/* A file as a body, with its hash. SYM_IO, SYM_CANCELLED. */
enum sym_status s3_admin_file(os_file file, uint64_t size, struct s3_body *out, struct sym_err *err) MUST_CHECK;

/* ----------------------------------------------------------- roster.c -- */

enum {
	ROSTER_WRITTEN = 1 << 0, /* it has a manifest of a living one */
	ROSTER_BEGUN = 1 << 1,
	ROSTER_DEAD = 1 << 2,
	ROSTER_GOING = 1 << 3,
	ROSTER_DELETED = 1 << 4,
};

struct roster_number {
	uint64_t id;
	unsigned states;
	int64_t begun_s; /* the last sign of life, since 1970 by the server's clock */
};

struct roster_marker {
	char name[MARKER_MAX];
	int64_t signed_s;
};

/* Who is there: a listing of 000Admin. */
struct roster {
	struct roster_number *numbers; /* from the lowest to the highest */
	size_t count, room;
	struct roster_marker *markers;
	size_t marker_count, marker_room;
	uint64_t last;     /* the highest number that was ever used; 0: the bucket keeps no transactions */
	int64_t now_s;     /* the server's clock */
	int64_t removed_s; /* when the last removal was at work; 0: there was none */
	bool full;         /* out of memory */
};

/* Release it in any case. */
enum sym_status s3_roster_read(struct s3 *s, struct roster *out, struct sym_err *err) MUST_CHECK;
void s3_roster_release(struct roster *r);

bool s3_roster_lives(const struct roster_number *n); /* the transaction */
bool s3_roster_goes(const struct roster_number *n);  /* a removal of it was begun, and is not ended */
bool s3_roster_is_claimed(const struct roster_number *n);
bool s3_roster_is_dead_claim(const struct roster *r, const struct roster_number *n);
bool s3_roster_is_dead_marker(const struct roster *r, const struct roster_marker *m);

/* The state under which the manifest of a number is, "" or ".going" or ".deleted"; NULL: it has none. */
const char *s3_roster_manifest(const struct roster_number *n);

/* --------------------------------------------------------- manifest.c -- */

/* A manifest is JSON, an object a line: first the title, then a path each. */
struct s3_title {
	uint64_t id, files; /* 0: it does not tell */
	int64_t time_s;     /* since 1970 */
	char *product, *version, *label; /* owned */
};

void s3_title_release(struct s3_title *t);

#define TITLE_BYTES_MAX 8192 /* three texts of 255 bytes, escaped, and what is around them */

/* The title at the beginning of `text`. SYM_MALFORMED. Release it in any case. */
enum sym_status s3_title_read(const char *text, size_t n, uint64_t id, struct s3_title *out,
			      struct sym_err *err) MUST_CHECK;

/* One that is being written. */
struct s3_manifest {
	os_file spool;        /* the lines of the paths; OS_NO_FILE: all are pending */
	struct buf pending;
	struct table entered; /* hashes of paths: several files of a run may have one */
	uint64_t files;
};

void s3_manifest_init(struct s3_manifest *m);
void s3_manifest_release(struct s3_manifest *m);

/* A path that is there already is passed over. `size`: bytes of the file, before it was packed. */
enum sym_status s3_manifest_add(struct s3_manifest *m, const char *path, const char *source, uint64_t size,
				struct sym_err *err) MUST_CHECK;

/* The whole text, in a file without a name, to close. */
enum sym_status s3_manifest_end(struct s3_manifest *m, uint64_t id, const struct transaction_title *title,
				os_file *out, uint64_t *size, struct sym_err *err) MUST_CHECK;

typedef enum sym_status s3_manifest_fn(void *ctx, const char *path, struct sym_err *err);

/* Starts to fetch a manifest, for s3_admin_fetch_end or … */
void s3_manifest_start(struct s3 *s, uint64_t id, const char *state, struct s3_fetch *f);

/* … to call `each` for its paths, in their order, until it answers something else than SYM_OK.
 * SYM_NOT_FOUND; SYM_MALFORMED names the line, also where paths are missing. */
enum sym_status s3_manifest_read(struct s3_fetch *f, uint64_t id, s3_manifest_fn *each, void *ctx,
				 struct sym_err *err) MUST_CHECK;

/* Writes the manifest that is there under `from` under `to`, too. */
enum sym_status s3_manifest_copy(struct s3 *s, uint64_t id, const char *from, const char *to,
				 struct sym_err *err) MUST_CHECK;

/* ------------------------------------------------------ transaction.c -- */

struct s3_transaction;

/* As target_kind.meet: claims a number where the title wants one, or the bucket has transactions, into
 * s->transaction; waits for a removal that is under way. */
enum sym_status s3_meet(struct target *t, struct sym_err *err);

/* A request is about to start: gives a sign of life where one is due. */
void s3_transaction_sign(struct s3_transaction *t);

/* As target_kind.enter. */
void s3_enter(struct target *t, const char *source, const struct parcel *p);

/* From now on it is history; one without an entry never was. Why not, otherwise. */
enum sym_status s3_transaction_commit(struct s3_transaction *t, struct sym_err *err) MUST_CHECK;

/* Gives the number up, unless it was committed, and frees. NULL is fine. */
void s3_transaction_end(struct s3_transaction *t);

/* ---------------------------------------------------------- removal.c -- */

/* As removal_run(). */
enum sym_status s3_removal_run(struct s3 *s, struct removal *r, struct sym_err *err) MUST_CHECK;

/* ---------------------------------------------------------- discard.c -- */

/* The paths of one transaction that goes, some at a time: their requests run side by side. */
struct s3_discard {
	struct s3 *s;
	bool plan;  /* look, delete nothing */
	/* Before any of them is touched: may the removal still go on? */
	enum sym_status (*may_go_on)(void *ctx, struct sym_err *err);
	void (*told)(void *ctx, struct removal_told *told); /* in the order in which they were added */
	void *ctx;
	struct discard_slot *slots;
	size_t count;
};

enum sym_status s3_discard_init(struct s3_discard *d, struct sym_err *err) MUST_CHECK;
void s3_discard_release(struct s3_discard *d);

/* Its file goes (FATE_GONE), or what else becomes of it: FATE_NEEDED `by`, FATE_REFUSED because of `why`.
 * It, and those before it, may wait for s3_discard_end. SYM_CANCELLED, and what may_go_on answers; what
 * is wrong with one file is told. */
enum sym_status s3_discard_add(struct s3_discard *d, const char *path, enum removal_fate fate, uint64_t by,
			       const struct sym_err *why, struct sym_err *err) MUST_CHECK;
enum sym_status s3_discard_end(struct s3_discard *d, struct sym_err *err) MUST_CHECK;

#endif
