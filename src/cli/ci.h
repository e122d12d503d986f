/* SPDX-License-Identifier: MIT
 * What CI systems show beside a log: annotations, sections that fold, a summary of the step. The
 * system is known by the variables that it sets; where none is set, nothing here does anything. */
#ifndef CLI_CI_H
#define CLI_CI_H

#include "base/buf.h"
#include "pipeline/report.h"

/* Looks at the variables: GITHUB_ACTIONS, TF_BUILD, GITLAB_CI, TEAMCITY_VERSION. Once, first. */
void ci_init(void);

/* Adds the line that makes an annotation of an error or a warning; `path` may be NULL or an
 * address. False: this system has no annotations, and the caller prints the line for people. */
bool ci_issue(struct buf *out, bool error, const char *path, const char *text);

/* Begin and end a section of the log that folds: all that a command prints. */
void ci_begin(const char *command);
void ci_end(void);

/* Collects what was wrong for the summary of the step, which is written when the run is over.
 * Where nobody reads a summary, all this does nothing. */
struct ci_summary {
	const char *command;
	bool several;      /* targets: issues say which one is meant */
	struct buf issues; /* Markdown: the first of them */
	uint64_t issue_count;
};

void ci_summary_init(struct ci_summary *s, const char *command, bool several);
void ci_summary_release(struct ci_summary *s);

/* Adds a text with Markdown's and HTML's characters escaped, so that a name does no more than be
 * shown. */
void ci_add_markdown(struct buf *out, const char *text);

/* Adds a row: a word for what became of the file, its path, and why. */
void ci_summary_issue(struct ci_summary *s, const char *word, const char *path, const char *why);

/* Hands the summary to the CI system: `whole`, Markdown about the whole run, then the issues. These
 * are forgotten, so that the next store has a summary of its own. */
void ci_summary_write(struct ci_summary *s, const struct buf *whole);

/* Does all that for a delivery; `s` is borrowed. */
struct reporter ci_summary_reporter(struct ci_summary *s);

#endif
