/* SPDX-License-Identifier: MIT
 * What the files that read and show the table of options share. */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/options.h"

/* The long name that is nearest to `word` among the rows without any of these traits, or NULL. */
const char *option_nearest(const char *word, unsigned without);

/* May a value from `from` be set? Not where there is one from a stronger place, or where an option
 * of the command line overrides it (OPTION_SELECTS and its like). */
bool option_is_open(const struct options *o, const struct option_row *row, enum option_from from);

/* Notes where a row's value came from. */
void option_mark(struct options *o, const struct option_row *row, struct option_origin origin);

/* Where the row's value lies: in the options, or for a row of OPTION_PER_TARGET in `how`
 * where that is not NULL. As strchr does, it gives away that they may be const. */
void *option_field(const struct options *o, const struct option_delivery *how, const struct option_row *row);

/* Reads `text` into a row's value; adds it to a list. A flag is "true" or "false". SYM_USAGE with
 * what is wrong with the text, to which the caller adds the option's name; SYM_NOMEM. */
enum sym_status option_set(struct options *o, struct option_delivery *how,
			   const struct option_row *row, const char *text,
			   struct sym_err *err) MUST_CHECK;

/* The same for what the user wrote: for rows of OPTION_AT_FILE `@FILE` stands for what is in
 * the file, without its last newline, `@-` for standard input; a list gets its lines.
 * SYM_NOT_FOUND where the file cannot be read. */
enum sym_status option_take(struct options *o, struct option_delivery *how,
			    const struct option_row *row, const char *text,
			    struct sym_err *err) MUST_CHECK;

/* Copies the value of a row of OPTION_PER_TARGET, which `to` does not have yet. SYM_NOMEM. */
enum sym_status option_copy(const struct option_delivery *from, struct option_delivery *to,
			    const struct option_row *row, struct sym_err *err) MUST_CHECK;

/* Frees what the row's value owns; a secret is overwritten first. */
void option_release(const struct option_row *row, void *field);

/* Makes the option with this long name one that was not given. */
void option_forget(struct options *o, const char *name);

enum sym_status strings_add(struct strings *s, const char *text, size_t len,
			    struct sym_err *err) MUST_CHECK;
void strings_release(struct strings *s);

/* "; did you mean ...?" for an error's end, or "" where `best`, which may be one of the words of a
 * choice, is NULL. */
#define HINT_MAX 80
const char *hint(char to[HINT_MAX], const char *before, const char *best);

/* The same for a command that was misspelt. */
const char *command_hint(char to[HINT_MAX], const struct options *o);

/* Puts the configuration's name, the place in it and `what`, the name at fault, before the error. */
enum sym_status fault_at(const struct options *o, struct config_place place, const char *what,
			 struct sym_err *err);

/* For errors: a user's word without what could write to the terminal. */
#define SHOWN_MAX 80
const char *shown(char to[SHOWN_MAX], const char *text);

/* Where the secrets of an address stand, in bytes from its start: who logs in, and `@`, between
 * `user` and `host`; behind `query` the query, which may be signed. */
struct address_parts {
	size_t user, host, query;
};
struct address_parts address_parts(const char *address);

/* An address without these. */
const char *shown_address(char to[SHOWN_MAX], const char *address);

/* Is there nothing of this name here? What may not be looked at counts as there. */
bool is_no_file(const char *path);

/* Is it an address, or the word that stands for BugSplat? Else it is a target's name. */
bool is_address(const char *to);

#endif
