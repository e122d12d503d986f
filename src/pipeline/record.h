/* SPDX-License-Identifier: MIT
 * One compact record per source file: what grows with the number of files, and
 * nothing else does. */
#ifndef PIPELINE_RECORD_H
#define PIPELINE_RECORD_H

#include "base/arena.h"
#include "base/limits.h"
#include "os/os.h"
#include "pipeline/pack.h"

/* Why a file has no identity. In an arena. */
struct problem {
	enum sym_status status;
	bool has_offset;
	uint64_t offset; /* bytes from the start of the file */
	const char *text;
};

/* Something to say about one path of a result. */
struct remark {
	struct remark *next;
	uint16_t path; /* its number among the result's paths */
	bool warn;
	const struct problem *why;
};

/* What became of a record at one target. */
struct result {
	struct result *next;    /* at the next target */
	struct remark *remarks;
	uint16_t paths;         /* over all slices, in the order of placing */
	uint8_t attempts;
	uint8_t actions[];      /* enum action, one a path; result_tickets() stand behind them */
};

/* What the check of pairs has to know of a file before it looks closer. */
enum role {
	ROLE_CARRIES, /* debug information that an image may want */
	ROLE_WANTS,   /* an image whose debug information is in another file */
	ROLE_FLAWED,  /* lacks what readers will miss, unless its companion has it */
};

/* Where the bytes of a file are that was in an archive. */
struct spooled {
	os_file spool;
	uint16_t archive_len; /* of the record's path, what names the archive; 0: it was in none */
	bool zip_goes;        /* to targets that take zips as they are: what is in it does not go there, too */
	uint64_t offset;      /* bytes */
};

/* What few records have. In an arena. */
struct extra {
	const char *member;            /* name inside a compressed file, or NULL */
	const struct problem *problem; /* NULL where all of it was identified, and dumped where that was wanted */
	const struct dump *dump;       /* pipeline/dump.h: what was made of it, or NULL */
	struct contents *contents;     /* of an archive; else NULL */
	struct spooled spooled;
};

/* Threads: written by the walk, then by the one worker that has its job. In an arena. */
struct record {
	const char *folder;     /* with its `/` at the end, or "" */
	const char *name;
	const struct extra *extra; /* most records share one that is empty */
	const uint8_t *ids;     /* packed, `id_count` of them */
	struct result *results; /* one a target, in their order */
	uint8_t (*sha256)[32];  /* one a slice, where a receipt or a target wants it; else NULL */
	uint64_t device, inode;
	uint64_t size;          /* bytes, when it was identified */
	int64_t mtime_ns;
	int64_t ctime_ns;
	uint16_t id_count;
	bool in_folder;         /* met in a folder named by hand, matched by no pattern */
	bool contested;         /* another file of the run has one of its paths */
	bool known;             /* the journal says that it is everywhere; nothing is done */
	bool left;              /* the run's time was over before its turn */
	bool unopened;          /* an archive that was not looked into, since it was met in a folder */
	uint8_t roles;          /* 1 << enum role, of any of its slices */
};

/* A file in an archive, before it gets its place among the records. In an arena. */
struct inside {
	struct inside *next;
	struct record record;
	struct extra extra; /* the record's */
};

struct contents {
	struct inside *first, **end;
	uint64_t count;
	uint64_t others; /* files that are no symbol files */
};

/* The branch of folders that names came from last: a walk goes depth first, so that those it may
 * come back to are on it. */
struct branch_names {
	const char *folders[64];
	size_t depth;
};

#define RECORDS_MAX (64u << 20)

struct records {
	struct record ***chunks;
	size_t count;
	struct arena arena;
	struct branch_names branch;
};

enum sym_status records_init(struct records *rs, struct sym_err *err) MUST_CHECK;
void records_release(struct records *rs);

/* Names a record after its path. Files of one folder share the copy of its name, as long as the same
 * branch is used. False: out of memory. */
bool record_name_after(struct record *r, const char *path, struct branch_names *branch, struct arena *a);

/* An extra of the record's own, which begins as what it had. NULL: out of memory. */
struct extra *record_extra(struct record *r, struct arena *a);

/* Appends a file. SYM_NOMEM; SYM_TOO_BIG beyond RECORDS_MAX. Records never move. */
enum sym_status records_add(struct records *rs, const char *path, struct record **out,
			    struct sym_err *err) MUST_CHECK;

struct record *records_at(const struct records *rs, size_t index);

/* The slices of all records that play the role: no less than have it themselves. */
size_t records_slices(const struct records *rs, enum role role);

/* The identities of its slices. */
struct slices record_slices(const struct record *r);

/* The path as the walk gave it, which is no longer than can be opened. */
#define RECORD_PATH_MAX (SOURCE_PATH_BYTES_MAX + 1)
void record_path(const struct record *r, char out[RECORD_PATH_MAX]);

/* Are the bytes of this slice of the record in a spool, and where: those of a file from an archive, or
 * what dump_syms made? */
bool record_in_spool(const struct record *r, const struct sym_identity *id, os_file *spool, uint64_t *offset);

/* Appends the files that are in the archive `r`. Statuses of records_add. */
enum sym_status records_add_contents(struct records *rs, const struct record *r, struct sym_err *err) MUST_CHECK;

/* What of the record's path names the archive in which the file is, in bytes; or 0. */
size_t record_archive_len(const struct record *r);

/* The name by which a record counts: that of its member, where it is a compressed file. */
const char *record_name(const struct record *r);

/* An empty result, of a record with `slices`. NULL: out of memory. */
struct result *result_new(struct arena *a, unsigned paths, unsigned slices);

/* One a slice: the target's mark while staged. */
uint32_t *result_tickets(struct result *result);

/* Keeps in `a` what is to be said of a path of the result: the newest remark comes first. Where
 * memory is out, what became of the path stands without its reason. */
void remark_keep(struct arena *a, struct result *result, unsigned path, bool warn,
		 const struct sym_err *why);

/* Copies an error into an arena. Where memory is out, what is kept says that: no file is forgotten. */
const struct problem *problem_keep(struct arena *a, const struct sym_err *err);

/* Keeps the error as the record's problem. Where memory is out, that is what is kept, and nothing else
 * of its extra. */
void record_fail(struct record *r, struct arena *a, const struct sym_err *err);

/* The error that was kept. */
void problem_tell(const struct problem *p, struct sym_err *out);

#endif
