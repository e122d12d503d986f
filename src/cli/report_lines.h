/* SPDX-License-Identifier: MIT
 * Reports for programs: JSON lines on standard output, and the receipt. */
#ifndef CLI_REPORT_LINES_H
#define CLI_REPORT_LINES_H

#include "base/buf.h"
#include "os/os.h"
#include "pipeline/report.h"

/* JSON lines as they come; the summary last. `scratch` is borrowed. */
struct reporter report_json(struct buf *scratch);

/* The receipt of a run, in a file without a name until it is complete: a run that dies leaves
 * nothing behind. All zeros: no receipt is wanted. */
struct receipt {
	const char *path; /* borrowed; NULL = none */
	os_file spool;
	uint64_t size;    /* bytes in the spool */
	struct buf lines; /* not in the spool yet */
	struct sym_err failure; /* the first to write to it */
};

/* Begins a receipt, if a file can be written at `path`. SYM_IO, SYM_NOT_FOUND, SYM_NOMEM. */
enum sym_status receipt_open(struct receipt *r, const char *path, struct sym_err *err) MUST_CHECK;
struct reporter receipt_reporter(struct receipt *r);

/* Writes it under its name, or forgets it where `keep` is false. SYM_IO. */
enum sym_status receipt_close(struct receipt *r, bool keep, struct sym_err *err) MUST_CHECK;

#endif
