/* SPDX-License-Identifier: MIT
 * Files in archives: each is unpacked into a spool, and goes its way as if it lay in a folder that is
 * called like the archive.
 *
 * All stay there until the run ends, as who gets a path that several want is decided by what they
 * hold; but what is no symbol file goes at once. The spool has no name, one a worker: a run that is
 * killed leaves nothing behind. */
#ifndef PIPELINE_ARCHIVED_H
#define PIPELINE_ARCHIVED_H

#include "os/os.h"
#include "pipeline/probe.h"

/* What one worker has for it. Zeroed it is ready. */
struct archive_bench {
	bool spooling; /* `spool` is open */
	os_file spool;
	uint64_t spooled; /* bytes in it */
	char *piece;      /* owned */
};

void archive_bench_release(struct archive_bench *b);

/* A file that was in an archive. */
struct archived {
	const char *path; /* the archive's, and behind it the file's own in there */
	os_file spool;    /* has it … */
	uint64_t offset, size; /* … here, in bytes */
};

struct archived_sink {
	void *ctx;
	/* Each file that can be a symbol file, in the archive's order; everything is borrowed for the
	 * call. `*keep`: its bytes are still needed. Another status than SYM_OK ends it with that one. */
	enum sym_status (*found)(void *ctx, const struct archived *file, bool *keep, struct sym_err *err);
	/* One that cannot be unpacked. The others can, if they say so. */
	enum sym_status (*damaged)(void *ctx, const char *path, const struct sym_err *why, struct sym_err *err);
	/* How many were told so far, in a measure of the sink's that begins with 0; and forget those
	 * behind that mark: the archive turned out to be damaged, and nothing of it can be trusted. */
	uint64_t (*mark)(void *ctx);
	void (*forget)(void *ctx, uint64_t mark);
	uint64_t others; /* files that are no symbol files: counted */
};

/* Unpacks what is in the archive `file`, which has `size` bytes and lies at `path`.
 * SYM_NOT_MINE: nothing in it is a symbol file. SYM_MALFORMED: it is damaged or cut short, behind
 * what was found so far, or so that nothing is found; SYM_TOO_BIG: it unpacks to more than
 * base/limits.h allows; SYM_IO: also where the spool cannot be written; SYM_UNSUPPORTED, SYM_NOMEM,
 * SYM_CANCELLED, also where the run's time is over, and what the sink answers. */
enum sym_status archive_each(struct archive_bench *b, struct probe *probe, os_file file, uint64_t size,
			     const char *path, struct archived_sink *sink, struct sym_err *err) MUST_CHECK;

#endif
