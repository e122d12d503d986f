/* SPDX-License-Identifier: MIT
 * What CI systems make of a log: annotations, sections, a summary of the step. Which one
 * it is, its own variables tell; without one, nothing here does anything. */
#ifndef CLI_CI_H
#define CLI_CI_H

#include "base/buf.h"
#include "pipeline/report.h"

/* Looks at the variables: GITHUB_ACTIONS, TF_BUILD, GITLAB_CI, TEAMCITY_VERSION. Once, first. */
void ci_init(void);

/* Adds the line that makes an annotation of an error or a warning; `path` may be NULL or an
 * address. False: there is no such line here, and it is written as anywhere else. */
bool ci_issue(struct buf *out, bool error, const char *path, const char *text);

/* A part of the log that can be folded, from the first to the last word of a command. */
void ci_begin(const char *command);
void ci_end(void);

/* Collects what becomes of the files for the summary of the step, and writes it when the
 * run is over. `s` is borrowed; false where nobody reads a summary. */
struct ci_summary {
	const char *command;
	struct buf issues; /* Markdown: what failed, was skipped or kept; the first of them */
	uint64_t issue_count;
};

bool ci_summary_reporter(struct ci_summary *s, const char *command, struct reporter *out);
void ci_summary_release(struct ci_summary *s);

#endif
