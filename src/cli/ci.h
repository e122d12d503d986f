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

/* The summary of the step, collected until the run is over. Where nobody reads one, all this does
 * nothing. */
struct ci_summary {
	const char *command;
	bool several;      /* targets: issues say which one is meant */
	struct buf whole;  /* Markdown: what is to be said of the whole run */
	struct buf issues; /* the same: the first of what was wrong */
	uint64_t issue_count;
};

void ci_summary_init(struct ci_summary *s, const char *command, bool several);
void ci_summary_release(struct ci_summary *s);

/* Adds a text with Markdown's and HTML's characters escaped, so that a name does no more than be
 * shown. */
void ci_add_markdown(struct buf *out, const char *text);

/* Adds a row: a word for what became of the file, its path, and why. */
void ci_summary_issue(struct ci_summary *s, const char *word, const char *path, const char *why);

/* Prints an error that is of the whole run, and adds it to the summary, where no number of files hides it. */
void ci_summary_error(struct ci_summary *s, const struct sym_err *err);

/* The same in words of the caller; `name`: of what the run was to bring, or NULL. */
void ci_summary_fail(struct ci_summary *s, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/* Hands the summary to the CI system. What was collected is forgotten, so that the next store has a
 * summary of its own. */
void ci_summary_write(struct ci_summary *s);

/* Collects the summary of a delivery; `s` is borrowed. */
struct reporter ci_summary_reporter(struct ci_summary *s);

#endif
