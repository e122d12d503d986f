/* SPDX-License-Identifier: MIT
 * Records get their identities: the first half of a run. */
#ifndef PIPELINE_IDENTIFY_H
#define PIPELINE_IDENTIFY_H

#include "pipeline/archived.h"
#include "pipeline/dump.h"
#include "pipeline/probe.h"
#include "pipeline/record.h"
#include "target/target.h"

/* What one worker needs; nobody else touches it while the worker lives. */
struct bench {
	struct probe *probe;
	struct hasher *hasher; /* target/digest.h; made when the first file is hashed */
	bool takes_zips;    /* a target takes those that were named or matched by a pattern, as they are … */
	bool opens_zips;    /* … and another one what is in them */
	struct dump_bench dump;
	struct archive_bench archive;
	struct gauge gauge; /* of the file that it delivers */
	struct arena arena; /* identities, problems, remarks of the records it worked on */
};

/* Opens the record's file, reads its state and identities into the record, or the
 * problem that stands in the way; and has a .sym made of it where the bench does that, which
 * takes the place of the file, or is one more identity. An archive that was named or matched by a
 * pattern gets its contents, which are identified in the same way. */
void record_identify(struct bench *b, struct record *r);

/* After the file was found changed: takes its new state, if its identities are the
 * same as before. SYM_CHANGED where they are not; whatever identifying answers. */
enum sym_status record_refresh(struct bench *b, struct record *r, os_file file,
			       const struct os_stat *st, struct sym_err *err) MUST_CHECK;

/* Is this still the state in which the file was identified? */
bool record_is_current(const struct record *r, const struct os_stat *st);

#endif
