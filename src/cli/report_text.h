/* SPDX-License-Identifier: MIT
 * The report of a delivery for people: what is worth a line, then a table by kind. */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "base/buf.h"
#include "pipeline/report.h"

struct report_text {
	bool verbose; /* a line for every path, not only for what is odd */
	bool list;    /* the same: a dry run is there to be read */
	bool quiet;
	bool several; /* targets: lines say which one is meant */
	bool require_pairs; /* an image without its debug information is an error */
	bool summary; /* the table on standard output; not beside JSON */
	uint64_t unnamed; /* files so far that are no symbol files; the first NAMED_MAX are named */
	uint64_t flawed[FLAW_COUNT]; /* files so far with each flaw that were named … */
	uint64_t folded[FLAW_COUNT]; /* … and that were only counted */
	uint64_t skipped[SYM_CANCELLED + 1]; /* files by enum sym_status */
};

/* The reporter that writes to `t`, which is borrowed. */
struct reporter report_text(struct report_text *t);

/* Adds the path, with its target where there are several. */
void report_place(const struct delivered *d, const struct parcel_path *at, bool several, struct buf *out);

/* The columns of the summary's table, and whether it has a row for a kind. */
#define REPORT_COLUMNS 7
extern const enum action report_columns[REPORT_COLUMNS];
bool report_has_row(const struct tally *t, size_t kind);

#endif
