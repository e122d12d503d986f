/* SPDX-License-Identifier: MIT
 * Reports for programs: JSON lines on standard output, and the receipt. */
#ifndef CLI_REPORT_LINES_H
#define CLI_REPORT_LINES_H

#include "base/buf.h"
#include "pipeline/report.h"

/* JSON lines as they come; the summary last. `scratch` is borrowed. */
struct reporter report_json(struct buf *scratch);

/* A receipt is written beside its name, and gets the name when it is complete. */
struct receipt {
	const char *path; /* borrowed */
	char *staged;     /* the name until then; owned */
	FILE *file;
	struct buf line;
	bool failed;
};

/* SYM_IO, SYM_NOMEM. */
enum sym_status receipt_open(struct receipt *r, const char *path, struct sym_err *err) MUST_CHECK;
struct reporter receipt_reporter(struct receipt *r);

/* Gives the receipt its name, or removes it where `keep` is false. SYM_IO. */
enum sym_status receipt_close(struct receipt *r, bool keep, struct sym_err *err) MUST_CHECK;

#endif
