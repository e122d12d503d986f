/* SPDX-License-Identifier: MIT
 * THE TABLE of options, in the order of --help. A new option is one row here, a
 * field in struct options, an `.It Fl` in the man page and a word in each
 * completion; the tests name the one that is missing. */
#include "cli/rows.h"

#include "cli/suggest.h"
#include "key/key.h"

#include <string.h>

#define UPLOAD (1u << COMMAND_UPLOAD)
#define INSPECT (1u << COMMAND_INSPECT)
#define CHECK (1u << COMMAND_CHECK)
#define WHY (1u << COMMAND_WHY)
#define VERIFY (1u << COMMAND_VERIFY)
#define FINDS (UPLOAD | INSPECT | CHECK | WHY) /* files to work on */
#define HISTORY (1u << COMMAND_HISTORY)
#define REMOVE (1u << COMMAND_REMOVE)
#define PRUNE (1u << COMMAND_PRUNE)
#define KEEPS (HISTORY | REMOVE | PRUNE) /* the transactions of a store */
#define SENDS (UPLOAD | CHECK | WHY | KEEPS) /* to a target, or asks one */
#define READS (FINDS | VERIFY)           /* symbol files */
#define ALL (READS | KEEPS)

#define SECRET (OPTION_PER_TARGET | OPTION_SECRET | OPTION_AT_FILE)
/* What every row has; `member` of struct options holds its value. */
#define ROW(letter_, name_, kind_, group_, commands_, member) \
	.letter = letter_, .name = name_, .kind = OPTION_##kind_, .group = GROUP_##group_, \
	.commands = commands_, .offset = offsetof(struct options, member)

/* The formatter would give each field a line. */
/* clang-format off */
const struct option_row option_rows[] = {
	/* What to find. */
	{ROW('f', "files", LIST, FIND, READS, files), .traits = OPTION_EMPTY_OK | OPTION_SELECTS,
	 .value = "PATTERN", .help = "files that match this glob; quote it for the shell (repeatable)"},
	{ROW('d', "directory", LIST, FIND, FINDS, directories), .traits = OPTION_EMPTY_OK, .value = "DIR",
	 .standard = ".", .help = "search here; default: the current folder (repeatable)"},
	{ROW(0, "exclude", LIST, FIND, READS, excludes), .value = "PATTERN",
	 .help = "leave out what matches (repeatable)"},
	{ROW(0, "files-from", TEXT, FIND, FINDS, files_from), .traits = OPTION_SELECTS, .value = "FILE",
	 .help = "take names from FILE, one a line; - is standard input"},
	{ROW('0', "null", FLAG, FIND, FINDS, null), .traits = OPTION_SELECTS,
	 .help = "names of --files-from end in NUL, as find -print0 writes them"},
	{ROW(0, "ignore-case", FLAG, FIND, READS, ignore_case), .help = "match patterns in any letter case"},

	/* Where to. */
	{ROW('l', "localPath", TEXT, STORE, SENDS | VERIFY, local_path), .alias = "local-path",
	 .traits = OPTION_EMPTY_OK | OPTION_DELIVERS, .value = "DIR", .help = "the store in this folder"},
	{ROW('t', "to", LIST, STORE, SENDS | VERIFY, to), .traits = OPTION_DELIVERS | OPTION_URL,
	 .value = "TARGET",
	 .help = "the store at https://HOST/PATH/, s3://BUCKET/PREFIX or file:///DIR, bugsplat, or a name "
		 "from symbol-upload.yaml (repeatable)"},
	{ROW(0, "for", NAMES, STORE, READS, how.readers), .traits = OPTION_PER_TARGET, .value = "LIST",
	 .standard = KEY_READERS_DEFAULT,
	 .help = "readers of the store, by commas; default: " KEY_READERS_DEFAULT
		 " (inspect, verify: all); \"--for list\" explains them"},
	{ROW(0, "existing", CHOICE, STORE, UPLOAD, how.existing), .traits = OPTION_PER_TARGET,
	 .value = "keep|richer|replace", .standard = "richer",
	 .help = "where a path holds other bytes: keep them, replace them by a file that offers more "
		 "(default), or always replace them"},
	{ROW(0, "flush", CHOICE, STORE, UPLOAD, how.flush), .traits = OPTION_PER_TARGET,
	 .value = "none|batch|each", .standard = "batch",
	 .help = "flush files to the disk never, in batches (default), or one by one"},
	{ROW(0, "fallback-age", CHOICE, STORE, READS, fallback_age), .value = "none|info", .standard = "none",
	 .help = "key of a PDB without a DBI stream: the GUID alone, as in symstore.exe (default), or with "
		 "the age of the info stream, as in .NET's tools"},
	{ROW('n', "dry-run", FLAG, STORE, UPLOAD, dry_run),
	 .help = "print what would be stored, and where; write nothing"},

	/* Remote targets. */
	{ROW(0, "user", TEXT, REMOTE, SENDS, how.user), .traits = SECRET, .value = "NAME[:PASSWORD]",
	 .env = "SYMBOL_UPLOAD_USER", .help = "log in with Basic, or Digest if the server asks for it"},
	{ROW(0, "password", TEXT, REMOTE, SENDS, how.password), .traits = SECRET, .value = "PASSWORD",
	 .env = "SYMBOL_UPLOAD_PASSWORD",
	 .help = "password of --user; of all secrets, @FILE takes it from a file, @- from standard input"},
	{ROW(0, "bearer", TEXT, REMOTE, SENDS, how.bearer), .traits = SECRET, .value = "TOKEN",
	 .env = "SYMBOL_UPLOAD_TOKEN", .help = "log in with a bearer token"},
	{ROW(0, "header", LIST, REMOTE, SENDS, how.headers), .traits = SECRET, .value = "NAME:VALUE",
	 .help = "send this header with every HTTP request (repeatable)"},
	{ROW(0, "netrc", FLAG, REMOTE, SENDS, how.netrc), .traits = OPTION_PER_TARGET,
	 .help = "take name and password from ~/.netrc"},
	{ROW(0, "cacert", TEXT, REMOTE, SENDS, how.ca_file), .traits = OPTION_PER_TARGET, .value = "FILE",
	 .help = "trust the certificate authorities in FILE (PEM), not the system's"},
	{ROW(0, "cert", TEXT, REMOTE, SENDS, how.cert), .traits = OPTION_PER_TARGET, .value = "FILE",
	 .help = "show the server this client certificate (PEM)"},
	{ROW(0, "key", TEXT, REMOTE, SENDS, how.key), .traits = OPTION_PER_TARGET, .value = "FILE",
	 .help = "private key of --cert, if in a file of its own"},
	{ROW(0, "key-password", TEXT, REMOTE, SENDS, how.key_password), .traits = SECRET, .value = "PASSWORD",
	 .env = "SYMBOL_UPLOAD_KEY_PASSWORD", .help = "password of the private key"},
	{ROW(0, "insecure", FLAG, REMOTE, SENDS, how.insecure), .traits = OPTION_PER_TARGET,
	 .help = "do not verify who the server is; every run warns of it"},
	{ROW(0, "proxy", TEXT, REMOTE, SENDS, how.proxy), .traits = OPTION_PER_TARGET | OPTION_URL,
	 .value = "URL", .help = "http://, https:// or socks5:// proxy, not the one of the environment"},
	{ROW(0, "compress", CHOICE, REMOTE, UPLOAD, how.compress), .traits = OPTION_PER_TARGET,
	 .value = "none|gzip", .standard = "none",
	 .help = "store files compressed, with Content-Encoding: gzip; default: none"},
	{ROW(0, "limit-rate", BYTES, REMOTE, SENDS, how.limit_rate), .traits = OPTION_PER_TARGET,
	 .value = "BYTES", .help = "send at most BYTES a second, such as 500K, 20M or 1G"},
	{ROW(0, "connect-timeout", TIME, REMOTE, SENDS, how.connect_timeout_s), .traits = OPTION_PER_TARGET,
	 .least = 1, .value = "TIME", .standard = "30",
	 .help = "give up connecting after this time; default: 30 s"},
	{ROW(0, "stall-timeout", TIME, REMOTE, SENDS, how.stall_timeout_s), .traits = OPTION_PER_TARGET,
	 .least = 1, .value = "TIME", .standard = "60",
	 .help = "give up on a transfer that has not moved for this time; default: 60 s"},
	{ROW(0, "retries", NUMBER, REMOTE, SENDS, how.retries), .traits = OPTION_PER_TARGET, .value = "N",
	 .standard = "7",
	 .help = "repeat a request up to N times if it failed for a reason that may pass; default: 7, and "
		 "15 for files to BugSplat"},

	/* S3. */
	{ROW(0, "region", TEXT, S3, SENDS, how.region), .traits = OPTION_PER_TARGET, .value = "NAME",
	 .help = "region; default: that of the environment, the profile or the server"},
	{ROW(0, "endpoint", TEXT, S3, SENDS, how.endpoint), .traits = OPTION_PER_TARGET | OPTION_URL, .value = "URL",
	 .help = "address of a server other than AWS, such as https://s3.example.com"},
	{ROW(0, "profile", TEXT, S3, SENDS, how.profile), .traits = OPTION_PER_TARGET, .value = "NAME",
	 .help = "profile of AWS's configuration"},
	{ROW(0, "addressing", CHOICE, S3, SENDS, how.addressing), .traits = OPTION_PER_TARGET,
	 .value = "auto|path|virtual", .standard = "auto",
	 .help = "the bucket's name in the path, or in front of the host's; default: virtual for AWS, path "
		 "for an endpoint"},
	{ROW(0, "storage-class", TEXT, S3, UPLOAD, how.storage_class), .traits = OPTION_PER_TARGET,
	 .value = "CLASS", .help = "storage class of new objects, such as STANDARD_IA"},
	{ROW(0, "sse", TEXT, S3, UPLOAD | KEEPS, how.sse), .traits = OPTION_PER_TARGET, .value = "METHOD",
	 .help = "have the server encrypt new objects: AES256, aws:kms or aws:kms:dsse"},
	{ROW(0, "sse-kms-key", TEXT, S3, UPLOAD | KEEPS, how.sse_kms_key), .traits = OPTION_PER_TARGET,
	 .value = "KEY", .help = "id or ARN of the key for --sse aws:kms"},
	{ROW(0, "acl", TEXT, S3, UPLOAD | KEEPS, how.acl), .traits = OPTION_PER_TARGET, .value = "NAME",
	 .help = "canned access list of new objects, such as bucket-owner-full-control"},
	{ROW(0, "tag", LIST, S3, UPLOAD, how.tags), .traits = OPTION_PER_TARGET, .value = "KEY=VALUE",
	 .help = "tag new objects (repeatable)"},
	{ROW(0, "request-payer", FLAG, S3, SENDS, how.request_payer), .traits = OPTION_PER_TARGET,
	 .help = "agree to pay for requests to a requester-pays bucket"},

	/* Large runs. */
	{ROW(0, "journal", TEXT, LARGE, UPLOAD, journal), .value = "FILE",
	 .help = "note in FILE what was delivered, and do not ask about unchanged files again"},
	{ROW(0, "journal-age", NUMBER, LARGE, UPLOAD, journal_age), .value = "DAYS", .standard = "7",
	 .help = "but ask remote targets again after so many days; default: 7"},
	{ROW(0, "budget", TIME, LARGE, UPLOAD, budget_s), .least = 1, .value = "TIME",
	 .help = "begin no more files after this time (90s, 20m, 1h30m), and say what is left"},
	{ROW(0, "shard", PART, LARGE, UPLOAD, shard), .value = "I/N",
	 .help = "take only part I of N of the files, to share them among machines"},

	/* Breakpad's symbols. */
	{ROW('m', "dumpSyms", FLAG, DUMP, UPLOAD, dump_syms),
	 .help = "make .sym files with dump_syms, and deliver these in place of the binaries"},
	{ROW(0, "keep-originals", FLAG, DUMP, UPLOAD, keep_originals), .help = "deliver the binaries too"},
	{ROW(0, "dump-syms", TEXT, DUMP, UPLOAD, dump_syms_program), .value = "PROGRAM",
	 .help = "the program to run; default: dump_syms in PATH, or in npm's packages node-dump-syms and "
		 "minidump"},
	{ROW(0, "dump-syms-timeout", TIME, DUMP, UPLOAD, dump_syms_timeout_s), .least = 1, .value = "TIME",
	 .standard = "20m", .help = "give up on a file that takes longer; default: 20 minutes"},

	/* Transactions. */
	{ROW(0, "transaction", FLAG, TRANSACTIONS, UPLOAD, transaction),
	 .help = "note the run as a transaction, of the application -a in the version -v; a store that has "
		 "transactions notes every run"},
	{ROW(0, "label", TEXT, TRANSACTIONS, UPLOAD, label), .value = "TEXT",
	 .help = "do the same, and note TEXT with it"},
	{ROW(0, "keep-last", NUMBER, TRANSACTIONS, PRUNE, keep_last), .least = 1, .value = "N",
	 .help = "keep the newest N transactions of each application"},
	{ROW(0, "older-than", TIME, TRANSACTIONS, PRUNE, older_than_s), .least = 1, .value = "TIME",
	 .help = "keep those that are younger (90d, 12h)"},
	{ROW(0, "keep-label", LIST, TRANSACTIONS, PRUNE, keep_labels), .value = "PATTERN",
	 .help = "keep those whose label matches (repeatable)"},
	{ROW(0, "plan", FLAG, TRANSACTIONS, REMOVE | PRUNE, plan), .traits = OPTION_ARGV_ONLY,
	 .help = "print what would be removed; remove nothing"},

	/* BugSplat. */
	{ROW('b', "database", TEXT, BUGSPLAT, UPLOAD, database), .traits = OPTION_EMPTY_OK, .value = "NAME",
	 .env = "BUGSPLAT_DATABASE", .help = "database of BugSplat"},
	{ROW('a', "application", TEXT, BUGSPLAT, UPLOAD | KEEPS, application), .traits = OPTION_EMPTY_OK,
	 .value = "NAME", .help = "the application's name"},
	{ROW('v', "version", TEXT, BUGSPLAT, UPLOAD | KEEPS, version), .value = "VERSION",
	 .help = "the application's version; alone and without a value, the same as -V"},
	{ROW('i', "clientId", TEXT, BUGSPLAT, UPLOAD, client_id), .alias = "client-id",
	 .traits = OPTION_EMPTY_OK, .value = "ID", .env = "SYMBOL_UPLOAD_CLIENT_ID",
	 .help = "client id of BugSplat's API"},
	{ROW('s', "clientSecret", TEXT, BUGSPLAT, UPLOAD, client_secret), .alias = "client-secret",
	 .traits = OPTION_EMPTY_OK | OPTION_SECRET, .value = "SECRET", .env = "SYMBOL_UPLOAD_CLIENT_SECRET",
	 .help = "its secret; better given in the environment"},
	{ROW('r', "remove", FLAG, BUGSPLAT, UPLOAD, remove), .traits = OPTION_ARGV_ONLY,
	 .help = "remove the symbols of this version from BugSplat, and stop"},

	/* What counts as good. */
	{ROW(0, "strict", FLAG, CHECK, UPLOAD | VERIFY, strict),
	 .help = "status 3 if anything was skipped or warned of"},
	{ROW(0, "expect", LIST, CHECK, UPLOAD, expect), .value = "NAME",
	 .help = "status 3 unless a file of this name was delivered (repeatable)"},
	{ROW(0, "expect-min", NUMBER, CHECK, UPLOAD, expect_min), .least = 1, .value = "N",
	 .help = "status 3 unless at least N files were delivered"},
	{ROW(0, "require-pairs", FLAG, CHECK, UPLOAD, require_pairs),
	 .help = "status 3 if an image's debug information is neither among the files nor at the target"},
	{ROW(0, "no-pairs", FLAG, CHECK, UPLOAD, no_pairs),
	 .help = "do not warn of that, nor of anything else that readers will miss"},
	{ROW(0, "deep", FLAG, CHECK, CHECK, deep), .help = "fetch every file and compare its bytes"},

	/* Report and run. */
	{ROW(0, "format", CHOICE, RUN, ALL, format), .value = "text|json", .standard = "text",
	 .help = "report for people (default), or as JSON, one object a line"},
	{ROW(0, "receipt", TEXT, RUN, UPLOAD | VERIFY, receipt), .value = "FILE",
	 .help = "write what was delivered, with SHA-256, to FILE, as JSON; verify: compare the store with "
		 "it"},
	{ROW('q', "quiet", FLAG, RUN, ALL, quiet), .traits = OPTION_VOICE,
	 .help = "print errors and warnings only"},
	{ROW(0, "verbose", FLAG, RUN, ALL, verbose), .traits = OPTION_VOICE,
	 .help = "print what happens to every file"},
	{ROW('j', "jobs", NUMBER, RUN, READS, jobs), .least = 1, .value = "N",
	 .help = "work on N files at once; default: the number of processors, or 16 for remote targets"},
	{ROW(0, "config", TEXT, RUN, ALL, config), .traits = OPTION_ARGV_ONLY, .value = "FILE",
	 .help = "read options from FILE, not from symbol-upload.yaml in this folder"},
	{ROW(0, "print-config", FLAG, RUN, ALL, print_config), .traits = OPTION_ARGV_ONLY,
	 .help = "print every value and where it comes from, without secrets, and stop"},
	{ROW('h', "help", FLAG, RUN, ALL, help), .traits = OPTION_ARGV_ONLY, .help = "print this, and stop"},
	{ROW('V', NULL, FLAG, RUN, ALL, program_version), .traits = OPTION_ARGV_ONLY,
	 .help = "print the versions of the program and of its libraries, and stop"},
};

const size_t option_row_count = ARRAY_LEN(option_rows);
_Static_assert(ARRAY_LEN(option_rows) <= OPTION_ROWS_MAX, "every row has its origin");

const struct command_row command_rows[COMMAND_COUNT] = {
	[COMMAND_UPLOAD] = {
		.name = "upload",
		.usage = "symbol-upload [upload] -l DIR|--to TARGET [OPTION]... [PATH]...\n"
			 "       symbol-upload COMMAND [OPTION]...",
		.about = "Find symbol files, and store each where debuggers will ask for it.",
		.examples = "  symbol-upload -f \"**/*.{pdb,exe,dll}\" -l ./store\n"
			    "  symbol-upload --to s3://symbols/win build/\n"
			    "  symbol-upload --for gdb,debuginfod -l /srv/debug build/\n"
			    "  symbol-upload --dry-run -l ./store build/app.exe build/app.pdb\n"
			    "  symbol-upload inspect --format json build/\n",
	},
	[COMMAND_INSPECT] = {
		.name = "inspect",
		.usage = "symbol-upload inspect [OPTION]... [PATH]...",
		.about = "Print what symbol files are, and the paths at which readers will ask for them.",
		.examples = "  symbol-upload inspect app.exe app.pdb\n"
			    "  symbol-upload inspect --for breakpad,sentry --format json build/\n",
	},
	[COMMAND_CHECK] = {
		.name = "check",
		.usage = "symbol-upload check -l DIR|--to TARGET [OPTION]... [PATH]...",
		.about = "Ask a store, as its readers would, whether every file is there. A PATH that is no file "
			 "here is asked for as it is, and the connection is explained.",
		.examples = "  symbol-upload check --to https://symbols.example.com/ build/\n"
			    "  symbol-upload check --to s3://symbols app.pdb/0123ABCD1/app.pdb\n",
	},
	[COMMAND_WHY] = {
		.name = "why",
		.usage = "symbol-upload why -l DIR|--to TARGET [OPTION]... FILE|KEY...",
		.about = "Explain why a reader does not find a file: which paths it asks for, and what comes "
			 "nearest. A KEY is a path as a debugger prints it, a name and an identifier, or a "
			 "build-id.",
		.examples = "  symbol-upload why -l ./store app.exe\n"
			    "  symbol-upload why --to s3://symbols app.pdb/0123ABCD1/app.pdb\n"
			    "  symbol-upload why --for gdb -l /srv/debug 85fe216fc7dd441f04c23731\n",
	},
	[COMMAND_VERIFY] = {
		.name = "verify",
		.usage = "symbol-upload verify -l DIR [OPTION]...",
		.about = "Check that every file in a store is whole and lies where it belongs.",
		.examples = "  symbol-upload verify -l ./store\n"
			    "  symbol-upload verify -l ./store --receipt receipt.json\n",
	},
	[COMMAND_HISTORY] = {
		.name = "history",
		.usage = "symbol-upload history -l DIR|--to TARGET [OPTION]...",
		.about = "List the transactions of a store: what was stored when, and what was removed.",
		.examples = "  symbol-upload history -l ./store\n"
			    "  symbol-upload history -l ./store -a MyApp --format json\n",
	},
	[COMMAND_REMOVE] = {
		.name = "remove",
		.usage = "symbol-upload remove -l DIR|--to TARGET [OPTION]... NUMBER...\n"
			 "       symbol-upload remove -l DIR|--to TARGET -a NAME -v VERSION [OPTION]...",
		.about = "Remove transactions from a store, by number or version, and the files that no other "
			 "transaction needs.",
		.examples = "  symbol-upload remove -l ./store --plan 12 13\n"
			    "  symbol-upload remove -l ./store -a MyApp -v 1.2.3\n",
	},
	[COMMAND_PRUNE] = {
		.name = "prune",
		.usage = "symbol-upload prune -l DIR|--to TARGET --keep-last N [OPTION]...\n"
			 "       symbol-upload prune -l DIR|--to TARGET --older-than TIME [OPTION]...",
		.about = "Remove the transactions of a store that no rule keeps, and the files that no other "
			 "transaction needs.",
		.examples = "  symbol-upload prune -l ./store --keep-last 20 --plan\n"
			    "  symbol-upload prune --to s3://symbols --older-than 90d\n",
	},
};

/* clang-format on */

const struct option_row *option_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->name && strlen(row->name) == len && memcmp(row->name, name, len) == 0)
			return row;
		if (row->alias && strlen(row->alias) == len && memcmp(row->alias, name, len) == 0)
			return row;
	}
	return NULL;
}

const struct option_row *option_named(const char *name)
{
	return option_by_name(name, strlen(name));
}

const struct option_row *option_by_letter(char letter)
{
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].letter == letter && letter != '\0')
			return &option_rows[i];
	return NULL;
}

bool option_may_be_empty(const struct options *o, const struct option_row *row)
{
	return (row->traits & OPTION_EMPTY_OK) && !(KEEPS >> o->command & 1);
}

const char *option_nearest(const char *word, unsigned without)
{
	struct suggest nearest = suggest_for(word);

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!row->name || (row->traits & without))
			continue;
		suggest_offer(&nearest, row->name);
		if (row->alias)
			suggest_offer(&nearest, row->alias);
	}
	return nearest.best;
}

const struct option_origin *options_origin(const struct options *o, const char *name)
{
	return &o->origins[option_named(name) - option_rows];
}

enum option_from options_from(const struct options *o, const char *name)
{
	return options_origin(o, name)->from;
}

bool options_given(const struct options *o, const char *name)
{
	return options_from(o, name) == FROM_ARGV;
}
