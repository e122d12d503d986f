/* SPDX-License-Identifier: MIT
 * What a target is: a place that takes parcels. A new one is a folder or a file that
 * defines a `const struct target_kind`, and one row in targets.c. */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "key/key.h"
#include "os/os.h"
#include "sym.h"
#include "target/gauge.h"

#include <stdatomic.h>

/* What became of one path. The words of the reports, in the order of the summary. */
enum action {
	ACTION_PENDING = 0,
	ACTION_STORED,   /* was not there */
	ACTION_PRESENT,  /* the same bytes were there */
	ACTION_REPLACED, /* took the place of a poorer file */
	ACTION_KEPT,     /* other bytes are there, and they stay */
	ACTION_MISSING,  /* asked for, and not there */
	ACTION_SKIPPED,  /* no symbol file, no identifier, damaged, no reader */
	ACTION_FAILED,   /* unreadable, changed while read, not delivered */
	ACTION_PLANNED,  /* --dry-run */
	ACTION_COUNT
};

const char *action_word(enum action action);

/* Is a path there after this, whoever brought it? */
bool action_is_there(enum action action);

#define PARCEL_PATHS_MAX 24

struct parcel_path {
	char path[KEY_PATH_MAX]; /* relative to the target's root */
	unsigned readers;        /* bit i: key_readers[i] asks for it */
	enum action action;
	bool warn;               /* `why` is worth a warning, not only a remark */
	bool second;             /* another source of this run has the path: never replace it */
	uint16_t number;         /* the caller's: which of the file's paths this is */
	struct sym_err why;      /* for kept, replaced, failed: what was found */
};

/* One identity on its way to one target. */
struct parcel {
	const struct sym_identity *id; /* borrowed */
	const char *file;              /* the source's name, without folders; borrowed */
	int64_t mtime_ns;              /* of the source, since 1970 */
	const uint8_t *sha256;         /* of the slice, 32 bytes, where wanted; else NULL */
	const void *bytes;             /* the slice itself while staging, where it was hashed and is
					* small: no need to read it again; else NULL */
	os_file source;                /* open while staging; OS_NO_FILE while publishing */
	const struct os_stat *as_it_was; /* the source, before it was hashed: if it is no longer so, it
					* was changed; NULL: only we can write to it */
	struct gauge *gauge;           /* while staging: hears of the slice's bytes as they are moved */
	uint32_t ticket;               /* the target's own mark between the two steps; 0 at first */
	unsigned attempts;             /* out: the most that one path took; 0 or 1 where none failed */
	size_t count;
	struct parcel_path at[PARCEL_PATHS_MAX];
};

/* Would this open file lie under the path of `at` too, and what does it offer? Filled in by
 * the pipeline, which owns the parsers' windows; one call per worker at a time. SYM_OK only
 * where a reader of that path would take one of its slices for what it asked for. */
typedef enum sym_status target_look_fn(void *ctx, unsigned worker, os_file file, uint64_t size,
				       const struct parcel_path *at, bool two_tier, unsigned *has,
				       struct sym_err *err);

/* In the order of the options' words. */
enum existing { EXISTING_KEEP, EXISTING_RICHER, EXISTING_REPLACE };
enum flush { FLUSH_NONE, FLUSH_BATCH, FLUSH_EACH };

/* What is noted of the transaction of a run: target/admin. Texts are "" where not given. */
struct transaction_title {
	bool wanted; /* also by a store that has none yet */
	const char *product, *version, *label;
};

struct target_options {
	enum existing existing;
	enum flush flush;
	unsigned workers; /* staging and publishing are called with worker < workers */
	bool dry_run;     /* look, write nothing */
	const struct remote_options *remote; /* NULL for a folder */
	/* Of a store; borrowed. NULL: without a title; in a dry run: who only asks as readers do. */
	const struct transaction_title *transaction;
	void (*note)(void *ctx, const char *text); /* tells the user what the target waits for; or NULL */
	void *note_ctx;
	target_look_fn *look;
	void *look_ctx;
};

struct target;

/* What a target says of itself when a reader's path is asked for. */
struct target_answer {
	long http;           /* status of the last answer; 0 where there was none, or no HTTP */
	long head_http;      /* the same of the HEAD, where something else was asked after it */
	int curl;            /* CURLcode, where no answer came; else 0 */
	bool has_size;
	uint64_t size;       /* bytes of the object as it lies there (packed, where it is) */
	bool gzip;           /* Content-Encoding: gzip; what the sink got is packed */
	bool has_sha256;
	uint8_t sha256[32];  /* of the plain bytes, where the object's metadata tell it */
	int64_t date_s;      /* the server's clock, since 1970 (Date header); 0 = not told */
	char code[64];       /* the server's own word: S3's "AuthorizationHeaderMalformed"; else "" */
	char region[32];     /* the region that the server names; else "" */
};

/* Takes the bytes of an object, in order, from one thread at a time; `bytes` NULL: begin
 * anew, the transfer is tried again. A status other than SYM_OK ends the transfer. */
struct target_sink {
	enum sym_status (*take)(void *ctx, const void *bytes, size_t size, struct sym_err *err);
	void *ctx;
};

/* What tells that a file in a folder is still the one it was. */
struct target_mark {
	uint64_t inode, size;
	int64_t ctime_ns;
};

/* One file of a listing. Borrowed for the call. */
struct target_entry {
	const char *path; /* relative to the target's root */
	uint64_t size;    /* bytes, as it lies there */
	int64_t mtime_s;  /* since 1970; 0 = not told */
};

struct target_lister {
	void (*each)(void *ctx, const struct target_entry *entry);
	void *ctx;
};

enum target_listed { LISTED_UNKNOWN, LISTED_ABSENT, LISTED_THERE };

struct registry_kind;
struct remote_options; /* target/remote.h */

struct target_kind {
	const char *scheme;  /* "file" */
	const struct registry_kind *registry; /* registry.h; NULL: it keeps no transactions */
	bool wants_sha256;   /* parcels come with the hash of their bytes */
	bool is_remote;      /* most of its time is waiting: more workers than processors */
	/* Takes by their names what no reader asks for: source maps, Unreal's .sym, zips; their
	 * paths are the names. And no file of a store that is packed (a parcel's member). */
	bool takes_keyless;

	/* `where` is what the user wrote. The target is usable by `workers` threads at once.
	 * Makes no request. */
	enum sym_status (*open)(const char *where, const struct target_options *options,
				struct target **out, struct sym_err *err);

	/* As `shown` below, of one that could not be opened; on the heap. NULL: its address tells. */
	char *(*show)(const struct remote_options *remote);

	/* Learns what only the server can tell: `two_tier`, `removed_s`, and how it wants to be asked.
	 * Once, before the first parcel or question. A failure is told by those, but for what
	 * keeps the run from being noted as a transaction: then nothing is to be delivered. NULL:
	 * nothing is to be learnt. */
	enum sym_status (*meet)(struct target *t, struct sym_err *err);

	/* Looks at a parcel, without its bytes, before the first one is staged; from one thread.
	 * A status other than SYM_OK is why the target would not take it: the user hears of it
	 * before anything is sent, and it fails when its turn comes. NULL: nothing is foreseen. */
	enum sym_status (*foresee)(struct target *t, const struct parcel *p, struct sym_err *err);

	/* First step: settles every path it can, and brings the bytes of the others to the
	 * target under no final name. Leaves ACTION_PENDING on paths for `publish`, but only where
	 * all of a batch is flushed between the two steps (FLUSH_BATCH): else it does it all here.
	 * A status other than SYM_OK concerns the source (SYM_CHANGED) or the whole target;
	 * SYM_CANCELLED: the run was stopped, or its time is over, and what is pending stays so. */
	enum sym_status (*stage)(struct target *t, unsigned worker, struct parcel *p,
				 struct sym_err *err);

	/* Throws away what was staged for the parcel. NULL, as those of `publish` and `flush`:
	 * nothing ever stays staged, and what was stored is safe. */
	void (*unstage)(struct target *t, unsigned worker, struct parcel *p);

	/* Everything staged or published so far is safe from a loss of power, from now on. */
	enum sym_status (*flush)(struct target *t, struct sym_err *err);

	/* Second step: gives every pending path its file, and settles it. */
	void (*publish)(struct target *t, unsigned worker, struct parcel *p);

	/* Hears what became of a parcel of the file `source`, in the order of the walk, from one
	 * thread, while others stage and publish. NULL: the target keeps no transactions. */
	void (*enter)(struct target *t, const char *source, const struct parcel *p);

	/* Asks for `path` as a reader does: HEAD (Basic authentication sent at once; redirects
	 * followed; on S3 signed, or anonymous where there are no credentials), and with `sink`
	 * GET, whose bytes it gets as they come, still packed. Writes nothing, whatever the
	 * options; any number of threads. Retries as stage() does.
	 * SYM_OK: it is there. SYM_NOT_FOUND: 404 or 410, or S3's NoSuchKey; no such folder.
	 * SYM_AUTH: 401, 403, 407 and S3's refusals of signatures. SYM_UNSUPPORTED: 405 and 501.
	 * SYM_NET: no answer, or any other one; SYM_IO; what the sink answered. `out` is filled
	 * as far as is known in every case. Where a HEAD fails with anything but 404 it has no
	 * body that could tell why: ask again by GET for one byte (Range: bytes=0-0), and keep
	 * the HEAD's status in `head_http`. A 405 or 501 on HEAD stays SYM_UNSUPPORTED though
	 * the GET finds the object: readers ask by HEAD. */
	enum sym_status (*ask)(struct target *t, const char *path, const struct target_sink *sink,
			       struct target_answer *out, struct sym_err *err);

	/* Does something stand under `path`? What is known of it without asking for it alone, for
	 * those who have many such questions. Any number of threads. NULL: nothing ever is. */
	enum target_listed (*listed)(struct target *t, const char *path);

	/* So many questions will be put to `listed`, now that the target is met. May be NULL. */
	void (*expect)(struct target *t, size_t questions);

	/* Tells the files whose paths begin with `prefix`, in any order, `most` of them at most;
	 * `*all`: there are no others. A folder takes ASCII letters in either case, a server
	 * as they are. Writes nothing; one thread. NULL: the target cannot be listed. Statuses
	 * as ask(), SYM_OK also where nothing is there. */
	enum sym_status (*list)(struct target *t, const char *prefix, size_t most,
				const struct target_lister *to, bool *all, struct sym_err *err);

	/* The mark of what stands under `path`; false where nothing does. NULL for targets whose
	 * files cannot be told so: the journal believes for a while that they are there. */
	bool (*mark)(struct target *t, const char *path, struct target_mark *out);

	/* The marks of the store (index.txt, pingme.txt), and its transaction, unless the run was
	 * stopped. `changed`: something was stored or replaced. NULL: there are none. */
	enum sym_status (*finish)(struct target *t, bool changed, struct sym_err *err);

	void (*close)(struct target *t);
};

/* Whether anything more is sent: of given_up.c alone. All zeros at first. */
struct target_hope {
	_Atomic int lost;
	struct sym_err why;
	_Atomic bool taken;       /* a path was: it is not everything that fails */
	_Atomic unsigned failed, in_a_row; /* paths: in all, and since one did not */
	_Atomic uint64_t since_ms; /* when that one was heard of, or the first of all; 0: none was */
};

struct target {
	const struct target_kind *kind;
	struct target_hope hope;
	char *shown;   /* the target for people and reports, without secrets; owned */
	char *place;   /* the very place, without secrets, for the journal, where `shown` does not
			* tell it: an absolute path, a bucket with its endpoint; owned; or NULL */
	bool two_tier; /* SymSrv paths get the na/ level */
	bool folds_case; /* paths that differ in letter case are one, as far as can be told */
	int64_t removed_s; /* up to then transactions were removed from the store, by this machine's
			    * clock: what a journal noted before may be gone. 0: as far as is known, none */
};

/* The kind that takes what the user wrote. NULL: none does, and target_check() says why, SYM_USAGE. */
const struct target_kind *target_kind_of(const char *where);
enum sym_status target_check(const char *where, struct sym_err *err) MUST_CHECK;

/* Opens what the user wrote: a folder, file:///folder, an address. Asks no symbol server yet: a run
 * that finds nothing to do makes no request there. BugSplat's logs in. SYM_USAGE where no kind takes it. */
enum sym_status target_open(const char *where, const struct target_options *options,
			    struct target **out, struct sym_err *err) MUST_CHECK;

/* What stands in for a target whose opening failed, or that cannot be used any more: every
 * file fails there because of `why`. NULL: out of memory. */
struct target *target_unopened(const char *where, const struct target_options *options,
			       const struct sym_err *why);
struct target *target_lost(const struct target_kind *kind, const char *shown,
			   const struct sym_err *why);

/* Nothing more is sent there: all that is still to go there fails for the reason `why`, which does not
 * name the target. The first reason counts; SYM_CANCELLED is none. These three: any thread. */
void target_give_up(struct target *t, const struct sym_err *why);
bool target_given_up(const struct target *t, struct sym_err *why);

/* A server's target tells what became of a path, and when by os_now_ms; where one after the other fails it
 * is given up. */
void target_hear(struct target *t, const struct parcel_path *at, uint64_t now_ms);

/* An address for people, without user, password and query; on the heap, or NULL. */
char *target_show_address(const char *where);

/* The path of a file that nobody has. Another each time, so that no cache knows it. */
void target_unheard_of(char path[KEY_PATH_MAX]);

/* The folder that `where` names on this machine, or NULL: such a folder is not walked
 * as a source. Points into `where`. */
const char *target_local_path(const char *where);

#endif
