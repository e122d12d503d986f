/* SPDX-License-Identifier: MIT
 * -m: what a program makes of a binary, a .sym, is delivered in the binary's place.
 *
 * All is made before the first file is delivered, for who gets a path that several want is
 * decided by what they hold. Until then it waits in a spool that has no name, one a worker:
 * a run that is killed leaves nothing behind. */
#ifndef PIPELINE_DUMP_H
#define PIPELINE_DUMP_H

#include "pipeline/probe.h"
#include "pipeline/record.h"
#include "source/dumper.h"

/* What one worker has for it. Zeroed but for `dumper` it is ready. */
struct dump_bench {
	const struct dumper *dumper; /* borrowed; NULL: nothing is made */
	bool keep_originals;
	bool spooling;               /* `spool` is open */
	os_file spool;
	uint64_t spooled;            /* bytes in it */
	struct buf messages;         /* of the program that ran last */
};

/* What was made of a record's file. In an arena. */
struct dump {
	const char *name;     /* of the .sym files, as version 11 calls them */
	os_file spool;        /* holds them, at the slices that their identities name */
	const char *messages; /* what the program said where it failed; else NULL */
};

void dump_bench_release(struct dump_bench *b);

/* Is this the kind of file that the program reads? */
bool dump_takes(const struct sym_identity *id);

/* Makes a .sym of the slice `id` of the file at `path` (`of_many`: of several that it holds,
 * `size` bytes in all) and tells its identity. SYM_IO: the program failed, or what it wrote is
 * no .sym; b->messages holds its words. What identifying a .sym answers. SYM_CANCELLED. */
enum sym_status dump_make(struct dump_bench *b, struct probe *probe, const char *path, uint64_t size,
			  const struct sym_identity *id, bool of_many, struct sym_identity *out,
			  struct sym_err *err) MUST_CHECK;

/* Is this identity of a record's one that was made? */
static inline bool is_dumped(const struct record *r, const struct sym_identity *id)
{
	return r->extra->dump && id->kind == SYM_BREAKPAD;
}

#endif
