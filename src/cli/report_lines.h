/* SPDX-License-Identifier: MIT
 * Reports for programs: JSON lines on standard output, and the receipt. */
#ifndef CLI_REPORT_LINES_H
#define CLI_REPORT_LINES_H

#include "base/buf.h"
#include "os/os.h"
#include "pipeline/report.h"

/* JSON lines as they come; the summary last. `scratch` is borrowed. */
struct reporter report_json(struct buf *scratch);

/* A receipt is kept in a file without a name, which goes with the process, until it is
 * complete. All zero: there is none. */
struct receipt {
	const char *path; /* borrowed; NULL = none */
	os_file spool;
	uint64_t size;    /* bytes in the spool */
	struct buf lines; /* that are not there yet */
	struct sym_err failure;
};

/* Also says whether `path` can be written. SYM_IO, SYM_NOT_FOUND, SYM_NOMEM. */
enum sym_status receipt_open(struct receipt *r, const char *path, struct sym_err *err) MUST_CHECK;
struct reporter receipt_reporter(struct receipt *r);

/* Writes it under its name, or forgets it where `keep` is false. SYM_IO. */
enum sym_status receipt_close(struct receipt *r, bool keep, struct sym_err *err) MUST_CHECK;

#endif
