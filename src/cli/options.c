/* SPDX-License-Identifier: MIT
 * THE TABLE of options, in the order of --help. A new option is one row here, a
 * field in struct options, an `.It Fl` in the man page and a word in each
 * completion; the tests name the one that is missing. */
#include "cli/rows.h"

#include "cli/suggest.h"
#include "key/key.h"

#include <string.h>

#define AT(field) offsetof(struct options, field)
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
#define REMOTE(member, text) \
	.group = GROUP_REMOTE, .commands = SENDS, .traits = OPTION_PER_TARGET, \
	.offset = AT(how.member), .help = text
#define SECRET(member, text) \
	.group = GROUP_REMOTE, .commands = SENDS, .offset = AT(how.member), .help = text, \
	.traits = OPTION_PER_TARGET | OPTION_SECRET | OPTION_AT_FILE
#define S3(member, who, text) \
	.group = GROUP_S3, .commands = who, .traits = OPTION_PER_TARGET, \
	.offset = AT(how.member), .help = text

/* The formatter would give each field a line. */
/* clang-format off */
const struct option_row option_rows[] = {
	/* What to find. */
	{.name = "files", .letter = 'f', .kind = OPTION_LIST, .group = GROUP_FIND, .commands = READS,
	 .traits = OPTION_EMPTY_OK | OPTION_SELECTS, .offset = AT(files), .value = "PATTERN",
	 .help = "files that match this glob; quote it for the shell (repeatable)"},
	{.name = "directory", .letter = 'd', .kind = OPTION_LIST, .group = GROUP_FIND,
	 .commands = FINDS, .traits = OPTION_EMPTY_OK, .offset = AT(directories), .value = "DIR",
	 .standard = ".", .help = "search here; default: the current folder (repeatable)"},
	{.name = "exclude", .kind = OPTION_LIST, .group = GROUP_FIND, .commands = READS,
	 .offset = AT(excludes), .value = "PATTERN", .help = "leave out what matches (repeatable)"},
	{.name = "files-from", .kind = OPTION_TEXT, .group = GROUP_FIND, .commands = FINDS,
	 .traits = OPTION_SELECTS, .offset = AT(files_from), .value = "FILE",
	 .help = "take names from FILE, one a line; - is standard input"},
	{.name = "null", .letter = '0', .kind = OPTION_FLAG, .group = GROUP_FIND, .commands = FINDS,
	 .traits = OPTION_SELECTS, .offset = AT(null),
	 .help = "names of --files-from end in NUL, as find -print0 writes them"},
	{.name = "ignore-case", .kind = OPTION_FLAG, .group = GROUP_FIND, .commands = READS,
	 .offset = AT(ignore_case), .help = "match patterns in any letter case"},

	/* Where to. */
	{.name = "localPath", .alias = "local-path", .letter = 'l', .kind = OPTION_TEXT,
	 .group = GROUP_STORE, .commands = SENDS | VERIFY, .traits = OPTION_EMPTY_OK | OPTION_DELIVERS,
	 .offset = AT(local_path), .value = "DIR", .help = "the store in this folder"},
	{.name = "to", .letter = 't', .kind = OPTION_LIST, .group = GROUP_STORE, .commands = SENDS | VERIFY,
	 .traits = OPTION_DELIVERS | OPTION_URL, .offset = AT(to), .value = "TARGET",
	 .help = "the store at https://HOST/PATH/, s3://BUCKET/PREFIX or file:///DIR, bugsplat, or a name "
		 "from symbol-upload.yaml (repeatable)"},
	{.name = "for", .kind = OPTION_NAMES, .group = GROUP_STORE, .commands = READS,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.readers), .value = "LIST",
	 .standard = KEY_READERS_DEFAULT,
	 .help = "readers of the store, by commas; default: " KEY_READERS_DEFAULT
		 " (inspect, verify: all); \"--for list\" explains them"},
	{.name = "existing", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = UPLOAD,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.existing), .value = "keep|richer|replace",
	 .standard = "richer",
	 .help = "where a path holds other bytes: keep them, replace them by a file that offers more "
		 "(default), or always replace them"},
	{.name = "flush", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = UPLOAD,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.flush), .value = "none|batch|each",
	 .standard = "batch",
	 .help = "flush files to the disk never, in batches (default), or one by one"},
	{.name = "fallback-age", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = READS,
	 .offset = AT(fallback_age), .value = "none|info", .standard = "none",
	 .help = "key of a PDB without a DBI stream: the GUID alone, as in symstore.exe (default), or with "
		 "the age of the info stream, as in .NET's tools"},
	{.name = "dry-run", .letter = 'n', .kind = OPTION_FLAG, .group = GROUP_STORE,
	 .commands = UPLOAD, .offset = AT(dry_run),
	 .help = "print what would be stored, and where; write nothing"},

	/* Remote targets. */
	{.name = "user", .kind = OPTION_TEXT, .value = "NAME[:PASSWORD]", .env = "SYMBOL_UPLOAD_USER",
	 SECRET(user, "log in with Basic, or Digest if the server asks for it")},
	{.name = "password", .kind = OPTION_TEXT, .value = "PASSWORD", .env = "SYMBOL_UPLOAD_PASSWORD",
	 SECRET(password, "password of --user; of all secrets, @FILE takes it from a file, @- from standard "
			  "input")},
	{.name = "bearer", .kind = OPTION_TEXT, .value = "TOKEN", .env = "SYMBOL_UPLOAD_TOKEN",
	 SECRET(bearer, "log in with a bearer token")},
	{.name = "header", .kind = OPTION_LIST, .value = "NAME:VALUE",
	 SECRET(headers, "send this header with every HTTP request (repeatable)")},
	{.name = "netrc", .kind = OPTION_FLAG, REMOTE(netrc, "take name and password from ~/.netrc")},
	{.name = "cacert", .kind = OPTION_TEXT, .value = "FILE",
	 REMOTE(ca_file, "trust the certificate authorities in FILE (PEM), not the system's")},
	{.name = "cert", .kind = OPTION_TEXT, .value = "FILE",
	 REMOTE(cert, "show the server this client certificate (PEM)")},
	{.name = "key", .kind = OPTION_TEXT, .value = "FILE",
	 REMOTE(key, "private key of --cert, if in a file of its own")},
	{.name = "key-password", .kind = OPTION_TEXT, .value = "PASSWORD",
	 .env = "SYMBOL_UPLOAD_KEY_PASSWORD", SECRET(key_password, "password of the private key")},
	{.name = "insecure", .kind = OPTION_FLAG,
	 REMOTE(insecure, "do not verify who the server is; every run warns of it")},
	{.name = "proxy", .kind = OPTION_TEXT, .value = "URL",
	 .group = GROUP_REMOTE, .commands = SENDS, .offset = AT(how.proxy),
	 .traits = OPTION_PER_TARGET | OPTION_URL,
	 .help = "http://, https:// or socks5:// proxy, not the one of the environment"},
	{.name = "compress", .kind = OPTION_CHOICE, .value = "none|gzip", .standard = "none",
	 .group = GROUP_REMOTE, .commands = UPLOAD, .offset = AT(how.compress),
	 .traits = OPTION_PER_TARGET,
	 .help = "store files compressed, with Content-Encoding: gzip; default: none"},
	{.name = "limit-rate", .kind = OPTION_BYTES, .value = "BYTES",
	 REMOTE(limit_rate, "send at most BYTES a second, such as 500K, 20M or 1G")},
	{.name = "connect-timeout", .kind = OPTION_TIME, .value = "TIME", .least = 1, .standard = "30",
	 REMOTE(connect_timeout_s, "give up connecting after this time; default: 30 s")},
	{.name = "stall-timeout", .kind = OPTION_TIME, .value = "TIME", .least = 1, .standard = "60",
	 REMOTE(stall_timeout_s, "give up on a transfer that has not moved for this time; default: 60 s")},
	{.name = "retries", .kind = OPTION_NUMBER, .value = "N", .standard = "7",
	 REMOTE(retries, "repeat a request up to N times if it failed for a reason that may pass; default: 7, and 15 "
		 "for files to BugSplat")},

	/* S3. */
	{.name = "region", .kind = OPTION_TEXT, .value = "NAME",
	 S3(region, SENDS, "region; default: that of the environment, the profile or the server")},
	{.name = "endpoint", .kind = OPTION_TEXT, .value = "URL",
	 S3(endpoint, SENDS, "address of a server other than AWS, such as https://s3.example.com")},
	{.name = "profile", .kind = OPTION_TEXT, .value = "NAME",
	 S3(profile, SENDS, "profile of AWS's configuration")},
	{.name = "addressing", .kind = OPTION_CHOICE, .value = "auto|path|virtual", .standard = "auto",
	 S3(addressing, SENDS, "the bucket's name in the path, or in front of the host's; default: "
			       "virtual for AWS, path for an endpoint")},
	{.name = "storage-class", .kind = OPTION_TEXT, .value = "CLASS",
	 S3(storage_class, UPLOAD, "storage class of new objects, such as STANDARD_IA")},
	{.name = "sse", .kind = OPTION_TEXT, .value = "METHOD",
	 S3(sse, UPLOAD | KEEPS, "have the server encrypt new objects: AES256, aws:kms or aws:kms:dsse")},
	{.name = "sse-kms-key", .kind = OPTION_TEXT, .value = "KEY",
	 S3(sse_kms_key, UPLOAD | KEEPS, "id or ARN of the key for --sse aws:kms")},
	{.name = "acl", .kind = OPTION_TEXT, .value = "NAME",
	 S3(acl, UPLOAD | KEEPS, "canned access list of new objects, such as bucket-owner-full-control")},
	{.name = "tag", .kind = OPTION_LIST, .value = "KEY=VALUE",
	 S3(tags, UPLOAD, "tag new objects (repeatable)")},
	{.name = "request-payer", .kind = OPTION_FLAG,
	 S3(request_payer, SENDS, "agree to pay for requests to a requester-pays bucket")},

	/* Large runs. */
	{.name = "journal", .kind = OPTION_TEXT, .group = GROUP_LARGE, .commands = UPLOAD,
	 .offset = AT(journal), .value = "FILE",
	 .help = "note in FILE what was delivered, and do not ask about unchanged files again"},
	{.name = "journal-age", .kind = OPTION_NUMBER, .group = GROUP_LARGE, .commands = UPLOAD,
	 .offset = AT(journal_age), .value = "DAYS", .standard = "7",
	 .help = "but ask remote targets again after so many days; default: 7"},
	{.name = "budget", .kind = OPTION_TIME, .group = GROUP_LARGE, .commands = UPLOAD,
	 .offset = AT(budget_s), .least = 1, .value = "TIME",
	 .help = "begin no more files after this time (90s, 20m, 1h30m), and say what is left"},
	{.name = "shard", .kind = OPTION_PART, .group = GROUP_LARGE, .commands = UPLOAD,
	 .offset = AT(shard), .value = "I/N",
	 .help = "take only part I of N of the files, to share them among machines"},

	/* Breakpad's symbols. */
	{.name = "dumpSyms", .letter = 'm', .kind = OPTION_FLAG, .group = GROUP_DUMP,
	 .commands = UPLOAD, .offset = AT(dump_syms),
	 .help = "make .sym files with dump_syms, and deliver these in place of the binaries"},
	{.name = "keep-originals", .kind = OPTION_FLAG, .group = GROUP_DUMP, .commands = UPLOAD,
	 .offset = AT(keep_originals), .help = "deliver the binaries too"},
	{.name = "dump-syms", .kind = OPTION_TEXT, .group = GROUP_DUMP, .commands = UPLOAD,
	 .offset = AT(dump_syms_program), .value = "PROGRAM",
	 .help = "the program to run; default: dump_syms in PATH, or in npm's packages node-dump-syms and "
		 "minidump"},
	{.name = "dump-syms-timeout", .kind = OPTION_TIME, .group = GROUP_DUMP, .commands = UPLOAD,
	 .offset = AT(dump_syms_timeout_s), .least = 1, .value = "TIME", .standard = "20m",
	 .help = "give up on a file that takes longer; default: 20 minutes"},

	/* Transactions. */
	{.name = "transaction", .kind = OPTION_FLAG, .group = GROUP_TRANSACTIONS, .commands = UPLOAD,
	 .offset = AT(transaction),
	 .help = "note the run as a transaction, of the application -a in the version -v; a store that has "
		 "transactions notes every run"},
	{.name = "label", .kind = OPTION_TEXT, .group = GROUP_TRANSACTIONS, .commands = UPLOAD,
	 .offset = AT(label), .value = "TEXT", .help = "do the same, and note TEXT with it"},
	{.name = "keep-last", .kind = OPTION_NUMBER, .group = GROUP_TRANSACTIONS, .commands = PRUNE,
	 .offset = AT(keep_last), .least = 1, .value = "N",
	 .help = "keep the newest N transactions of each application"},
	{.name = "older-than", .kind = OPTION_TIME, .group = GROUP_TRANSACTIONS, .commands = PRUNE,
	 .offset = AT(older_than_s), .least = 1, .value = "TIME",
	 .help = "keep those that are younger (90d, 12h)"},
	{.name = "keep-label", .kind = OPTION_LIST, .group = GROUP_TRANSACTIONS, .commands = PRUNE,
	 .offset = AT(keep_labels), .value = "PATTERN",
	 .help = "keep those whose label matches (repeatable)"},
	{.name = "plan", .kind = OPTION_FLAG, .group = GROUP_TRANSACTIONS, .commands = REMOVE | PRUNE,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(plan), .help = "print what would be removed; remove nothing"},

	/* BugSplat. */
	{.name = "database", .letter = 'b', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .traits = OPTION_EMPTY_OK, .offset = AT(database), .value = "NAME",
	 .env = "BUGSPLAT_DATABASE", .help = "database of BugSplat"},
	{.name = "application", .letter = 'a', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD | KEEPS, .traits = OPTION_EMPTY_OK, .offset = AT(application), .value = "NAME",
	 .help = "the application's name"},
	{.name = "version", .letter = 'v', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD | KEEPS, .offset = AT(version), .value = "VERSION",
	 .help = "the application's version; alone and without a value, the same as -V"},
	{.name = "clientId", .alias = "client-id", .letter = 'i', .kind = OPTION_TEXT,
	 .group = GROUP_BUGSPLAT, .commands = UPLOAD, .traits = OPTION_EMPTY_OK,
	 .offset = AT(client_id), .value = "ID", .env = "SYMBOL_UPLOAD_CLIENT_ID",
	 .help = "client id of BugSplat's API"},
	{.name = "clientSecret", .alias = "client-secret", .letter = 's', .kind = OPTION_TEXT,
	 .group = GROUP_BUGSPLAT, .commands = UPLOAD, .traits = OPTION_EMPTY_OK | OPTION_SECRET,
	 .offset = AT(client_secret), .value = "SECRET", .env = "SYMBOL_UPLOAD_CLIENT_SECRET",
	 .help = "its secret; better given in the environment"},
	{.name = "remove", .letter = 'r', .kind = OPTION_FLAG, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .traits = OPTION_ARGV_ONLY, .offset = AT(remove),
	 .help = "remove the symbols of this version from BugSplat, and stop"},

	/* What counts as good. */
	{.name = "strict", .kind = OPTION_FLAG, .group = GROUP_CHECK, .commands = UPLOAD | VERIFY,
	 .offset = AT(strict), .help = "status 3 if anything was skipped or warned of"},
	{.name = "expect", .kind = OPTION_LIST, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(expect), .value = "NAME",
	 .help = "status 3 unless a file of this name was delivered (repeatable)"},
	{.name = "expect-min", .kind = OPTION_NUMBER, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(expect_min), .least = 1, .value = "N",
	 .help = "status 3 unless at least N files were delivered"},
	{.name = "require-pairs", .kind = OPTION_FLAG, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(require_pairs),
	 .help = "status 3 if an image's debug information is neither among the files nor at the target"},
	{.name = "no-pairs", .kind = OPTION_FLAG, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(no_pairs),
	 .help = "do not warn of that, nor of anything else that readers will miss"},
	{.name = "deep", .kind = OPTION_FLAG, .group = GROUP_CHECK, .commands = CHECK,
	 .offset = AT(deep), .help = "fetch every file and compare its bytes"},

	/* Report and run. */
	{.name = "format", .kind = OPTION_CHOICE, .group = GROUP_RUN, .commands = ALL,
	 .offset = AT(format), .value = "text|json", .standard = "text",
	 .help = "report for people (default), or as JSON, one object a line"},
	{.name = "receipt", .kind = OPTION_TEXT, .group = GROUP_RUN, .commands = UPLOAD | VERIFY,
	 .offset = AT(receipt), .value = "FILE",
	 .help = "write what was delivered, with SHA-256, to FILE, as JSON; verify: compare the store with it"},
	{.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_VOICE, .offset = AT(quiet), .help = "print only what went wrong"},
	{.name = "verbose", .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_VOICE, .offset = AT(verbose), .help = "print what happens to every file"},
	{.name = "jobs", .letter = 'j', .kind = OPTION_NUMBER, .group = GROUP_RUN, .commands = READS,
	 .offset = AT(jobs), .least = 1, .value = "N",
	 .help = "work on N files at once; default: the number of processors, or 16 for remote targets"},
	{.name = "config", .kind = OPTION_TEXT, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(config), .value = "FILE",
	 .help = "read options from FILE, not from symbol-upload.yaml in this folder"},
	{.name = "print-config", .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(print_config),
	 .help = "print every value and where it comes from, without secrets, and stop"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(help), .help = "print this, and stop"},
	{.letter = 'V', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = ALL,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(program_version),
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

enum option_from options_from(const struct options *o, const char *name)
{
	const struct option_row *row = option_by_name(name, strlen(name));

	return row ? o->origins[row - option_rows].from : FROM_NOWHERE;
}

bool options_given(const struct options *o, const char *name)
{
	return options_from(o, name) == FROM_ARGV;
}
