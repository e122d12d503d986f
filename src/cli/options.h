/* SPDX-License-Identifier: MIT
 * What the user asked for. One table (options.c) has a row per option; argv, the
 * environment, symbol-upload.yaml and --help are read from it, and tests hold the
 * man page and the completions against it.
 *
 * A run reads its options in the order of their precedence; a value that is
 * there already stays:
 *
 *	options_parse(argc, argv, …)   the command line
 *	options_read_environment(…)    its variables
 *	config_read(…)                 symbol-upload.yaml (cli/config.h)
 *	options_finish(…)              defaults, and what only the whole can tell */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "target/target.h" /* enum existing, enum flush */

/* ------------------------------------------------------------- values -- */

/* Owned texts in the order in which they were given. */
struct strings {
	char **at;
	size_t count;
	size_t room;
};

enum command {
	COMMAND_UPLOAD, /* no verb, or `upload` */
	COMMAND_INSPECT,
	COMMAND_CHECK,
	COMMAND_WHY,
	COMMAND_VERIFY,
	COMMAND_HISTORY,
	COMMAND_REMOVE,
	COMMAND_PRUNE,
	COMMAND_COUNT
};

/* The values of choices, in the order of the words in their rows. */
enum { FALLBACK_AGE_NONE, FALLBACK_AGE_INFO };
enum { FORMAT_TEXT, FORMAT_JSON };
enum { COMPRESS_NONE, COMPRESS_GZIP };
enum { ADDRESSING_AUTO, ADDRESSING_PATH, ADDRESSING_VIRTUAL };

/* One of `count` equal parts of a run; `index` from 1, or 0 where the run is whole. */
struct option_part {
	unsigned index, count;
};

/* How files are put into one target. */
struct option_delivery {
	struct strings readers; /* names of key_readers[], checked, each once */
	unsigned existing;      /* enum existing */
	unsigned flush;         /* enum flush */

	/* Remote targets: who logs in, and how they are reached. Texts are NULL where not given. */
	struct strings headers; /* "Name: value" */
	char *user;             /* "name" or "name:password" */
	char *password;
	char *bearer;
	bool netrc;
	char *ca_file, *cert, *key, *key_password;
	bool insecure;
	char *proxy;
	uint64_t limit_rate;    /* bytes a second, or 0 */
	unsigned connect_timeout_s, stall_timeout_s;
	unsigned retries;       /* of a request, after the first try */
	unsigned compress;      /* COMPRESS_… */

	/* S3. */
	char *region, *endpoint, *profile;
	unsigned addressing;    /* ADDRESSING_… */
	char *storage_class, *sse, *sse_kms_key, *acl;
	struct strings tags;    /* "key=value" */
	bool request_payer;
};

#define OPTION_ROWS_MAX 96

/* Where a name stands in symbol-upload.yaml; both from 1. */
struct config_place {
	unsigned line, column;
};

/* A target that symbol-upload.yaml names. */
struct option_target {
	char *name;
	char *to;
	struct option_delivery how;
	bool given[OPTION_ROWS_MAX]; /* by row; what is not given is as for the whole run */
	struct config_place place;   /* of its name */
	struct sym_err missing;      /* why it cannot be used here; status SYM_OK: it can */
};

/* Where a run delivers to, -l first, then each --to in the order given. */
struct option_destination {
	const char *name;   /* as the user called it; borrowed from the options */
	const char *to;     /* a folder where `folder`, else an address or "bugsplat"; borrowed */
	bool folder;        /* of -l: `to` is a path, and no address */
	const struct option_delivery *how; /* borrowed from the options */
};

/* Where a value came from, strongest last. */
enum option_from {
	FROM_NOWHERE,
	FROM_DEFAULT,
	FROM_CONFIG,
	FROM_ENVIRONMENT,
	FROM_PACKAGE, /* package.json, for BugSplat */
	FROM_ARGV,
};

struct option_origin {
	enum option_from from;
	struct config_place place; /* of the option's name in symbol-upload.yaml; line 0: it is not there */
};

/* Zero-initialised is ready for options_parse. */
struct options {
	enum command command;

	/* What to find. */
	struct strings paths;       /* positional: files and folders named by hand */
	const char *meant;          /* the command that the first path may be, misspelt: there is no file
				     * of that name; else NULL */
	struct strings files;       /* globs, below each of `directories` */
	struct strings directories; /* "." where none is given */
	struct strings excludes;    /* globs */
	char *files_from;           /* a file, "-" for standard input, or NULL */
	bool null;                  /* its names end in NUL instead of a newline */
	bool ignore_case;
	bool input_is_secret;       /* the standard input was read for one ("@-") */

	/* Where to, and how it lies there. */
	char *local_path;           /* a folder, or NULL */
	struct strings to;          /* addresses and names; use `destinations` */
	struct option_delivery how; /* of every destination that does not say otherwise */
	unsigned fallback_age;      /* FALLBACK_AGE_… */
	bool list_readers;          /* --for list: print the table of readers and stop */
	bool dry_run;

	/* Large runs. */
	char *journal;              /* a file, or NULL */
	unsigned journal_age;       /* days */
	unsigned budget_s;          /* 0: without end */
	struct option_part shard;

	/* Transactions of a store in a folder. */
	bool transaction;           /* the run is one */
	char *label;                /* of it, or NULL */
	unsigned keep_last;         /* of each product; 0: not given */
	unsigned older_than_s;      /* 0: not given */
	struct strings keep_labels; /* globs */
	bool plan;                  /* say what would go */

	/* BugSplat. */
	char *database;
	char *application;
	char *version;
	char *client_id;
	char *client_secret;
	bool remove;

	/* Breakpad's symbols. */
	bool dump_syms;             /* -m */
	bool keep_originals;
	char *dump_syms_program;    /* a path, or a name in PATH; or NULL */
	unsigned dump_syms_timeout_s; /* for one file */

	/* What counts as good. */
	bool strict;
	struct strings expect;
	unsigned expect_min;        /* files */
	bool no_pairs, require_pairs; /* at most one of them */
	bool deep;                  /* check: fetch and compare */

	/* What is said, and how the run goes. */
	unsigned format;            /* FORMAT_… */
	char *receipt;              /* a file that is written, by `verify` read; or NULL */
	bool quiet;
	bool verbose;
	unsigned jobs;              /* 0: as many as there are processors */
	char *config;               /* a file, or NULL for ./symbol-upload.yaml if there is one */
	bool print_config;
	bool help;
	bool program_version;       /* -V, or --version alone */

	struct option_target *targets; /* of the configuration */
	size_t target_count;
	struct option_destination *destinations; /* made by options_finish */
	size_t destination_count;
	struct option_origin origins[OPTION_ROWS_MAX]; /* by row */
};

/* ---------------------------------------------------------- the table -- */

enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* char * */
	OPTION_LIST,   /* struct strings: one more each time */
	OPTION_NAMES,  /* struct strings: readers, by commas or one more each time */
	OPTION_NUMBER, /* unsigned, at least `least` */
	OPTION_CHOICE, /* unsigned: the position among the words of `value` */
	OPTION_TIME,   /* unsigned, seconds: "90", "90s", "1h30m", "2d" */
	OPTION_BYTES,  /* uint64_t: "500000", "500K", "20M", "1G" */
	OPTION_PART,   /* struct option_part: "2/8" */
};

/* The headings of --help. */
enum option_group {
	GROUP_FIND,
	GROUP_STORE,
	GROUP_REMOTE,
	GROUP_S3,
	GROUP_LARGE,
	GROUP_DUMP,
	GROUP_TRANSACTIONS,
	GROUP_BUGSPLAT,
	GROUP_CHECK,
	GROUP_RUN,
	GROUP_COUNT
};

enum option_trait {
	OPTION_SECRET     = 1 << 0, /* blanked in argv, never shown */
	OPTION_URL        = 1 << 1, /* shown without credentials and query */
	OPTION_ARGV_ONLY  = 1 << 2, /* no key of symbol-upload.yaml */
	OPTION_PER_TARGET = 1 << 3, /* in struct option_delivery: also a key of a named target */
	/* An empty value counts as none: scripts for version 11 pass variables that may be empty.
	 * Such a row has a letter. */
	OPTION_EMPTY_OK   = 1 << 4,
	/* Says which files: one such option, or a path, on the command line overrides all such keys
	 * of symbol-upload.yaml. */
	OPTION_SELECTS    = 1 << 5,
	OPTION_DELIVERS   = 1 << 6, /* says where to deliver: the same */
	OPTION_VOICE      = 1 << 7, /* says how much is printed: the same */
	OPTION_AT_FILE    = 1 << 8, /* "@FILE" is what FILE holds, "@-" standard input */
};

struct option_row {
	const char *name;        /* long name, without dashes; also the key in the file */
	const char *alias;       /* another long name, or NULL */
	char letter;             /* or 0 */
	enum option_kind kind;
	enum option_group group;
	unsigned commands;       /* 1 << enum command */
	unsigned traits;         /* enum option_trait */
	size_t offset;           /* of its value in struct options */
	unsigned least;          /* OPTION_NUMBER, OPTION_TIME */
	const char *value;       /* what the value is called, or a choice's words: "text|json" */
	const char *env;         /* variable, or NULL */
	const char *standard;    /* default, read as if it had been given; NULL: none */
	const char *help;
};

struct command_row {
	const char *name;
	const char *usage; /* what follows the program's name; one line each */
	const char *about;
	const char *examples;
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;
extern const struct command_row command_rows[COMMAND_COUNT];

/* The row with this long name or alias (of `len` bytes), or letter; else NULL. */
const struct option_row *option_by_name(const char *name, size_t len);
const struct option_row *option_named(const char *name);
const struct option_row *option_by_letter(char letter);

/* Does an empty value of this option count as none? Not where it would widen what a command on
 * transactions is for. */
bool option_may_be_empty(const struct options *o, const struct option_row *row);

/* ------------------------------------------------------------ reading -- */

/* Reads the command line. Secrets in argv are overwritten. SYM_USAGE, SYM_NOMEM. */
enum sym_status options_parse(int argc, char **argv, struct options *o,
			      struct sym_err *err) MUST_CHECK;

/* Reads the variables of the table. An empty variable is as none. SYM_USAGE, SYM_NOMEM. */
enum sym_status options_read_environment(struct options *o, struct sym_err *err) MUST_CHECK;

/* Sets what is still open to its default, resolves names of targets into
 * `destinations`, and refuses what contradicts itself. SYM_USAGE, SYM_NOMEM. */
enum sym_status options_finish(struct options *o, struct sym_err *err) MUST_CHECK;

/* Where the value of the option with this long name came from; and is that the command line? There is
 * such an option. */
const struct option_origin *options_origin(const struct options *o, const char *name);
enum option_from options_from(const struct options *o, const char *name);
bool options_given(const struct options *o, const char *name);

/* Frees and zeroes. Secrets are overwritten first. */
void options_release(struct options *o);

/* ------------------------------------------------------------ showing -- */

/* The text of --help for a command, at most 80 columns. */
void options_help(enum command command, struct buf *out);

/* The text of --for list. */
void options_list_readers(struct buf *out);

/* The text of --print-config: what symbol-upload.yaml would have to say for the
 * same run, each line with where its value came from. Secrets are not shown. */
void options_print_config(const struct options *o, struct buf *out);

#endif
