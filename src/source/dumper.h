/* SPDX-License-Identifier: MIT
 * The program that makes a .sym file of a binary: Breakpad's dump_syms, Mozilla's, or npm's
 * node-dump-syms. All of them take the path of one file and write to standard output, which
 * is all that is asked of them; `-a ARCH` picks an architecture of a fat Mach-O file. */
#ifndef SOURCE_DUMPER_H
#define SOURCE_DUMPER_H

#include "base/buf.h"
#include "os/os.h"

struct dumper {
	char *program;      /* its path; owned */
	bool takes_output;  /* it is node-dump-syms, which has no options but wants `-` behind the file */
	unsigned timeout_s; /* for one file */
};

/* Finds the program: the one that the user names (a path, or a name in PATH); else dump_syms
 * in PATH; else in the npm packages node-dump-syms and minidump, which are looked for in the
 * current folder and those above it, and where npm installs globally. SYM_NOT_FOUND with
 * where to get one. `timeout_s` is left to the caller. */
enum sym_status dumper_find(const char *named, struct dumper *out, struct sym_err *err) MUST_CHECK;
void dumper_release(struct dumper *d);

/* One file to make a .sym of. Borrowed. */
struct dumping {
	const char *path;
	const char *arch;     /* of a fat file; else NULL */
	uint64_t max_bytes;   /* that it may write */
	os_file to;           /* gets them at its end */
	struct buf *messages; /* gets the end of what the program says */
};

/* `*written` bytes are in `to`, also where it fails. SYM_IO: the program failed, took too long,
 * wrote too much or nothing; or `to` cannot be written. SYM_CANCELLED. */
enum sym_status dumper_run(const struct dumper *d, const struct dumping *file, uint64_t *written,
			   struct sym_err *err) MUST_CHECK;

#endif
