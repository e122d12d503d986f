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

/* Adds a text so that a name in it is shown, and does nothing. */
void ci_add_markdown(struct buf *out, const char *text);

/* A word for what became of the file, and why. */
void ci_summary_issue(struct ci_summary *s, const char *word, const char *path, const char *why);

/* Writes it: Markdown that tells of the whole run, then the issues, which it forgets. */
void ci_summary_write(struct ci_summary *s, const struct buf *whole);

/* Does all that for a delivery; `s` is borrowed. */
struct reporter ci_summary_reporter(struct ci_summary *s);

#endif
