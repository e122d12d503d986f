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
#define BOTH (UPLOAD | INSPECT)
#define AT(field) offsetof(struct options, field)

/* The formatter would give each field a line. */
/* clang-format off */
const struct option_row option_rows[] = {
	/* What to find. */
	{.name = "files", .letter = 'f', .kind = OPTION_LIST, .group = GROUP_FIND, .commands = BOTH,
	 .traits = OPTION_EMPTY_OK | OPTION_SELECTS, .offset = AT(files), .value = "PATTERN",
	 .help = "files that match, as npm's glob reads it; quote it, so that the shell does not "
		 "(repeatable)"},
	{.name = "directory", .letter = 'd', .kind = OPTION_LIST, .group = GROUP_FIND,
	 .commands = BOTH, .traits = OPTION_EMPTY_OK, .offset = AT(directories), .value = "DIR",
	 .standard = ".", .help = "where patterns start; default: the current folder (repeatable)"},
	{.name = "exclude", .kind = OPTION_LIST, .group = GROUP_FIND, .commands = BOTH,
	 .offset = AT(excludes), .value = "PATTERN", .help = "leave out what matches (repeatable)"},
	{.name = "files-from", .kind = OPTION_TEXT, .group = GROUP_FIND, .commands = BOTH,
	 .traits = OPTION_SELECTS, .offset = AT(files_from), .value = "FILE",
	 .help = "take names from FILE, one a line; - is standard input"},
	{.name = "null", .letter = '0', .kind = OPTION_FLAG, .group = GROUP_FIND, .commands = BOTH,
	 .traits = OPTION_SELECTS, .offset = AT(null),
	 .help = "names of --files-from end in NUL, as find -print0 writes them"},
	{.name = "ignore-case", .kind = OPTION_FLAG, .group = GROUP_FIND, .commands = BOTH,
	 .offset = AT(ignore_case), .help = "patterns match whatever the letter case"},

	/* Where to. */
	{.name = "localPath", .alias = "local-path", .letter = 'l', .kind = OPTION_TEXT,
	 .group = GROUP_STORE, .commands = UPLOAD, .traits = OPTION_EMPTY_OK | OPTION_DELIVERS,
	 .offset = AT(local_path), .value = "DIR", .help = "fill the symbol store in DIR"},
	{.name = "to", .letter = 't', .kind = OPTION_LIST, .group = GROUP_STORE, .commands = UPLOAD,
	 .traits = OPTION_DELIVERS | OPTION_URL, .offset = AT(to), .value = "TARGET",
	 .help = "deliver to file:///DIR or to a target that symbol-upload.yaml names "
		 "(repeatable)"},
	{.name = "for", .kind = OPTION_NAMES, .group = GROUP_STORE, .commands = BOTH,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.readers), .value = "LIST",
	 .standard = KEY_READERS_DEFAULT,
	 .help = "who will read it; default: " KEY_READERS_DEFAULT
		 " (inspect: all); \"--for list\" explains them"},
	{.name = "existing", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = UPLOAD,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.existing), .value = "keep|richer|replace",
	 .standard = "richer",
	 .help = "a path that holds other bytes: leave it, replace it by a file that offers more "
		 "(default), or always"},
	{.name = "flush", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = UPLOAD,
	 .traits = OPTION_PER_TARGET, .offset = AT(how.flush), .value = "none|batch|each",
	 .standard = "batch",
	 .help = "how often written files are forced to the disk; default: batch by batch"},
	{.name = "fallback-age", .kind = OPTION_CHOICE, .group = GROUP_STORE, .commands = BOTH,
	 .offset = AT(fallback_age), .value = "none|info", .standard = "none",
	 .help = "a PDB without a DBI stream: GUID alone in its key, as symstore.exe has it "
		 "(default), or with the age of the info stream, as .NET's tools have it"},
	{.name = "dry-run", .letter = 'n', .kind = OPTION_FLAG, .group = GROUP_STORE,
	 .commands = UPLOAD, .offset = AT(dry_run),
	 .help = "say what would be stored, and where; write nothing"},

	/* BugSplat. */
	{.name = "database", .letter = 'b', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .traits = OPTION_EMPTY_OK, .offset = AT(database), .value = "NAME",
	 .env = "BUGSPLAT_DATABASE", .help = "database"},
	{.name = "application", .letter = 'a', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .traits = OPTION_EMPTY_OK, .offset = AT(application), .value = "NAME",
	 .help = "the application's name"},
	{.name = "version", .letter = 'v', .kind = OPTION_TEXT, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .offset = AT(version), .value = "VERSION",
	 .help = "the application's version; alone on the line, prints the program's own"},
	{.name = "clientId", .alias = "client-id", .letter = 'i', .kind = OPTION_TEXT,
	 .group = GROUP_BUGSPLAT, .commands = UPLOAD, .traits = OPTION_EMPTY_OK,
	 .offset = AT(client_id), .value = "ID", .env = "SYMBOL_UPLOAD_CLIENT_ID",
	 .help = "client id of OAuth2"},
	{.name = "clientSecret", .alias = "client-secret", .letter = 's', .kind = OPTION_TEXT,
	 .group = GROUP_BUGSPLAT, .commands = UPLOAD, .traits = OPTION_EMPTY_OK | OPTION_SECRET,
	 .offset = AT(client_secret), .value = "SECRET", .env = "SYMBOL_UPLOAD_CLIENT_SECRET",
	 .help = "client secret; better given in the environment"},
	{.name = "remove", .letter = 'r', .kind = OPTION_FLAG, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .traits = OPTION_ARGV_ONLY, .offset = AT(remove),
	 .help = "remove the symbols of this version"},
	/* No `dump-syms` beside it: that name is kept for the program to run. */
	{.name = "dumpSyms", .letter = 'm', .kind = OPTION_FLAG, .group = GROUP_BUGSPLAT,
	 .commands = UPLOAD, .offset = AT(dump_syms),
	 .help = "make .sym files with dump_syms first"},

	/* What counts as good. */
	{.name = "strict", .kind = OPTION_FLAG, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(strict), .help = "status 3 where anything was skipped or warned of"},
	{.name = "expect", .kind = OPTION_LIST, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(expect), .value = "NAME",
	 .help = "status 3 unless a file of this name was delivered (repeatable)"},
	{.name = "expect-min", .kind = OPTION_NUMBER, .group = GROUP_CHECK, .commands = UPLOAD,
	 .offset = AT(expect_min), .least = 1, .value = "N",
	 .help = "status 3 unless at least N files were delivered"},

	/* Report and run. */
	{.name = "format", .kind = OPTION_CHOICE, .group = GROUP_RUN, .commands = BOTH,
	 .offset = AT(format), .value = "text|json", .standard = "text",
	 .help = "for people (default), or a JSON object a line"},
	{.name = "receipt", .kind = OPTION_TEXT, .group = GROUP_RUN, .commands = UPLOAD,
	 .offset = AT(receipt), .value = "FILE",
	 .help = "write what was delivered, with SHA-256, to FILE, a JSON object a line"},
	{.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_VOICE, .offset = AT(quiet), .help = "say only what went wrong"},
	{.name = "verbose", .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_VOICE, .offset = AT(verbose), .help = "say what happens to every file"},
	{.name = "jobs", .letter = 'j', .kind = OPTION_NUMBER, .group = GROUP_RUN, .commands = BOTH,
	 .offset = AT(jobs), .least = 1, .value = "N",
	 .help = "files at once; default: the number of processors"},
	{.name = "config", .kind = OPTION_TEXT, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(config), .value = "FILE",
	 .help = "read options from FILE; default: symbol-upload.yaml, if there is one here"},
	{.name = "print-config", .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(print_config),
	 .help = "print every value and where it came from, without secrets, and stop"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(help), .help = "print this and stop"},
	{.letter = 'V', .kind = OPTION_FLAG, .group = GROUP_RUN, .commands = BOTH,
	 .traits = OPTION_ARGV_ONLY, .offset = AT(program_version),
	 .help = "print the version of the program and of its libraries and stop"},
};

const size_t option_row_count = ARRAY_LEN(option_rows);
_Static_assert(ARRAY_LEN(option_rows) <= OPTION_ROWS_MAX, "every row has its origin");

const struct command_row command_rows[COMMAND_COUNT] = {
	[COMMAND_UPLOAD] = {
		.name = "upload",
		.usage = "symbol-upload [upload] [OPTION]... [PATH]...",
		.about = "Find symbol files, identify them, and store each where debuggers will "
			 "ask for it.",
		.examples = "  symbol-upload -f \"**/*.{pdb,exe,dll}\" -l ./store\n"
			    "  symbol-upload --for gdb,debuginfod -l /srv/debug build/\n"
			    "  symbol-upload --dry-run -l ./store build/app.exe build/app.pdb\n"
			    "  symbol-upload inspect --format json build/\n",
	},
	[COMMAND_INSPECT] = {
		.name = "inspect",
		.usage = "symbol-upload inspect [OPTION]... [PATH]...",
		.about = "Print what symbol files are, and the path each reader will ask for; "
			 "write nothing.",
		.examples = "  symbol-upload inspect app.exe app.pdb\n"
			    "  symbol-upload inspect --for breakpad,sentry --format json build/\n",
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
