/* SPDX-License-Identifier: MIT
 * The command line and the environment become options, as version 11 read them and
 * as getopt's users expect; what is wrong is named in one line, without secrets. */
#include "cli/options.h"
#include "cli/suggest.h"
#include "key/key.h"
#include "tap.h"

#include <stdlib.h>

enum { WORDS_MAX = 24, LINE_MAX_BYTES = 256 };

/* A command line in memory that may be written to, as the system gives it. */
struct line {
	char bytes[LINE_MAX_BYTES];
	char *argv[WORDS_MAX + 1];
	int argc;
};

/* Words are parted by blanks; '' is an empty word. */
static void split(struct line *l, const char *text)
{
	char *c = l->bytes;

	snprintf(l->bytes, sizeof l->bytes, "symbol-upload %s", text);
	l->argc = 0;
	while (*c && l->argc < WORDS_MAX) {
		size_t len = strcspn(c, " ");
		bool last = c[len] == '\0';

		c[len] = '\0';
		l->argv[l->argc++] = strcmp(c, "''") == 0 ? c + 2 : c;
		c += len + !last;
	}
	l->argv[l->argc] = NULL;
}

static enum sym_status parse(const char *text, struct options *o, struct sym_err *err)
{
	struct line l;

	*o = (struct options){0};
	*err = (struct sym_err){0};
	split(&l, text);
	return options_parse(l.argc, l.argv, o, err);
}

/* The same and all that follows, without a configuration. */
static enum sym_status read_all(const char *text, struct options *o, struct sym_err *err)
{
	enum sym_status status = parse(text, o, err);

	if (status == SYM_OK)
		status = options_read_environment(o, err);
	return status == SYM_OK ? options_finish(o, err) : status;
}

static void test_version_11_line(void)
{
	struct options o;
	struct sym_err err;

	ok(parse("-b db -a app -v 1.2 -i id -s secret -r -m -f **/*.pdb -d out -l ./store", &o, &err) ==
		   SYM_OK, "every option of version 11 is read");
	is_str(o.database, "db", "-b");
	is_str(o.application, "app", "-a");
	is_str(o.version, "1.2", "-v with a value is the application's version");
	is_str(o.client_id, "id", "-i");
	is_str(o.client_secret, "secret", "-s");
	ok(o.remove && o.dump_syms, "-r and -m");
	is_str(o.files.at[0], "**/*.pdb", "-f");
	is_str(o.directories.at[0], "out", "-d");
	is_str(o.local_path, "./store", "-l");
	options_release(&o);

	ok(parse("--clientId id --clientSecret=s --localPath x --dumpSyms --directory y", &o, &err) ==
		   SYM_OK && o.dump_syms, "and by its long names");
	is_str(o.local_path, "x", "--localPath");
	options_release(&o);
	ok(parse("--local-path x --client-id=y --client-secret z", &o, &err) == SYM_OK,
	   "which can be written with dashes");
	is_str(o.client_id, "y", "--client-id is --clientId");
	options_release(&o);
}

static void test_forms(void)
{
	struct options o;
	struct sym_err err;

	ok(parse("-nqj4 -fa -f=b --files=-c -lx", &o, &err) == SYM_OK, "letters and values are joined");
	ok(o.dry_run && o.quiet && o.jobs == 4, "flags in a cluster, and the value of its last letter");
	is_u64(o.files.count, 3, "a repeatable option adds up");
	is_str(o.files.at[0], "a", "-fVALUE");
	is_str(o.files.at[1], "b", "-f=VALUE");
	is_str(o.files.at[2], "-c", "a value that begins with a dash, behind =");
	options_release(&o);

	ok(parse("--files-from - a -- -b inspect", &o, &err) == SYM_OK, "a dash alone is a value");
	is_str(o.files_from, "-", "--files-from -");
	is_u64(o.paths.count, 3, "behind -- all words are paths");
	is_str(o.paths.at[1], "-b", "even one that looks like an option");
	options_release(&o);

	ok(parse("--format json inspect build", &o, &err) == SYM_OK && o.command == COMMAND_INSPECT,
	   "the verb is the first word that is no option");
	is_str(o.paths.at[0], "build", "and the next is a path");
	options_release(&o);
	ok(parse("upload inspect -l x", &o, &err) == SYM_OK && o.command == COMMAND_UPLOAD,
	   "only the first word is a verb");
	is_str(o.paths.at[0], "inspect", "the second is a path");
	options_release(&o);

	ok(parse("-l '' -d '' -f ''", &o, &err) == SYM_OK && !o.local_path && o.directories.count == 0 &&
	   o.files.count == 0, "an empty value of version 11's options is as none");
	options_release(&o);
}

static void test_program_version(void)
{
	static const char *const lines[] = {"-V", "-v", "--version", "-l x -V"};
	struct options o;
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		ok(parse(lines[i], &o, &err) == SYM_OK && o.program_version,
		   "\"%s\" asks for the program's version", lines[i]);
		options_release(&o);
	}
}

static void test_errors(void)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"--exlude x", "unknown option --exlude; did you mean --exclude?"},
		{"--dir x", "unknown option --dir; did you mean --directory?"},
		{"--localpath x", "unknown option --localpath; did you mean --localPath?"},
		{"--clientSecrt=hush", "unknown option --clientSecrt; did you mean --clientSecret?"},
		{"--frobnicate", "unknown option --frobnicate; --help lists all"},
		{"-x", "unknown option -x; --help lists all"},
		{"-qx", "unknown option -x; --help lists all"},
		{"-database x", "long options have two dashes: --database"},
		{"-l", "-l needs a value"},
		{"-l -q", "-l needs a value; one that begins with \"-\" is given as --localPath=VALUE"},
		{"--to", "--to needs a value"},
		{"-q -v", "-v needs the application's version; -V prints the program's, and --verbose "
		 "says more"},
		{"prune -l x --keep-last 1 --application ''", "-a has an empty value"},
		{"-l x --version ''", "--version has an empty value"},
		{"--receipt=", "--receipt has an empty value"},
		{"-l x -l y", "-l is given twice"},
		{"-l x --local-path y", "--local-path is given twice"},
		{"-q -q", "-q is given twice"},
		{"--quiet=yes", "--quiet takes no value"},
		{"-q=1", "-q takes no value"},
		{"-j 0", "-j: 0 is not in 1 to 1000000"},
		{"-j 1000001", "-j: 1000001 is not in 1 to 1000000"},
		{"-j 99999999999999999999", "-j: 99999999999999999999 is not in 1 to 1000000"},
		{"-j 4k", "-j: \"4k\" is not a whole number"},
		{"--existing richest", "--existing: \"richest\" is not one of keep|richer|replace; did you "
				       "mean richer?"},
		{"--format xml", "--format: \"xml\" is not one of text|json"},
		{"--for windgb", "--for: no reader is called \"windgb\"; did you mean windbg?"},
		{"--for x-ray,gdb", "--for: no reader is called \"x-ray\"; \"--for list\" shows all"},
		{"--for gdb,", "--for: no reader is called \"\"; \"--for list\" shows all"},
		{"-u me", "there is no option -u any more; use --clientId and --clientSecret: "
			  "BugSplat's API takes no user and password"},
		{"-phush", "there is no option -p any more; use --clientId and --clientSecret: "
			   "BugSplat's API takes no user and password"},
		{"--budget 3x", "--budget: \"3x\" is not a time, such as 90s, 1h30m or 20d"},
		{"--budget m", "--budget: \"m\" is not a time, such as 90s, 1h30m or 20d"},
		{"--budget 0", "--budget: 0 is not in 1 s to 36500 d"},
		{"--budget 36501d", "--budget: 36501d is not in 1 s to 36500 d"},
		{"--budget 99999999999999999999d", "--budget: \"99999999999999999999d\" is not a time, such as "
						   "90s, 1h30m or 20d"},
		{"--limit-rate 5X", "--limit-rate: \"5X\" is not a number of bytes, such as 500K, 20M or 1G"},
		{"--limit-rate 0", "--limit-rate: \"0\" is not a number of bytes, such as 500K, 20M or 1G"},
		{"--limit-rate 5KB", "--limit-rate: \"5KB\" is not a number of bytes, such as 500K, 20M or 1G"},
		{"--shard 0/4", "--shard: \"0/4\" is not a part, such as 1/4 or 4/4"},
		{"--shard 5/4", "--shard: \"5/4\" is not a part, such as 1/4 or 4/4"},
		{"--shard 2", "--shard: \"2\" is not a part, such as 1/4 or 4/4"},
		{"--bearer @no/such/file", "--bearer: cannot read no/such/file: No such file or directory"},
		{"inspect --insecure x", "inspect takes no --insecure"},
		{"check --dry-run x", "check takes no --dry-run"},
		{"--threads 4", "there is no option --threads any more; use --jobs"},
		{"inspect -l x y", "inspect takes no --localPath"},
		{"''", "a path is empty"},
		{"--\033[2J", "unknown option --\\x1b[2J; --help lists all"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct options o;
		struct sym_err err;
		enum sym_status status = parse(cases[i].line, &o, &err);

		ok(status == SYM_USAGE && err.status == SYM_USAGE, "an error of usage: case %zu", i);
		is_str(err.text, cases[i].text, "and its text");
		options_release(&o);
	}
}

static void test_finish(void)
{
	struct options o;
	struct sym_err err;

	ok(read_all("-f x -l store --to file:///srv/x", &o, &err) == SYM_OK, "defaults are set");
	is_u64(o.how.readers.count, 3, "three readers");
	is_str(o.how.readers.at[0], "visualstudio", "visualstudio first");
	ok(o.how.existing == EXISTING_RICHER && o.how.flush == FLUSH_BATCH &&
	   o.fallback_age == FALLBACK_AGE_NONE && o.format == FORMAT_TEXT, "choices as documented");
	is_str(o.directories.at[0], ".", "patterns start in the current folder");
	is_u64(o.destination_count, 2, "-l and --to are both delivered to");
	ok(o.destinations[0].folder && !o.destinations[1].folder, "-l is a folder, --to an address");
	is_str(o.destinations[1].to, "file:///srv/x", "which is kept as given");
	ok(o.destinations[1].how == &o.how, "and delivered to as the whole run is");
	ok(options_from(&o, "localPath") == FROM_ARGV && options_from(&o, "flush") == FROM_DEFAULT &&
	   options_from(&o, "receipt") == FROM_NOWHERE, "it is known where a value came from");
	options_release(&o);

	ok(read_all("--for gdb,windbg --for gdb --existing keep -l x", &o, &err) == SYM_OK &&
	   o.how.readers.count == 2 && o.how.existing == EXISTING_KEEP, "each reader counts once");
	options_release(&o);
	ok(read_all("inspect x", &o, &err) == SYM_OK && o.how.readers.count == key_reader_count,
	   "inspect shows every reader's path");
	options_release(&o);
	ok(parse("--for list", &o, &err) == SYM_OK && o.list_readers, "--for list asks for the table");
	options_release(&o);
}

static void test_contradictions(void)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"-q --verbose", "--quiet and --verbose exclude each other"},
		{"--require-pairs --no-pairs", "--require-pairs and --no-pairs exclude each other"},
		{"--require-pairs --shard 1/2", "--require-pairs needs all files of a run, and --shard puts an image "
		 "and its PDB into different parts: demand it of a run without --shard, which with -n writes nothing"},
		{"-l x -0", "--null belongs to --files-from, which is not given"},
		{"-t team", "symbol-upload.yaml names no target \"team\"; a folder is given with -l"},
		{"-t bugsplt", "symbol-upload.yaml names no target \"bugsplt\"; did you mean bugsplat?"},
		{"--user a:b --bearer c", "--user and --bearer exclude each other"},
		{"--header X-Key=hush", "--header takes \"Name: value\""},
		{"--header X-Key:", "--header takes \"Name: value\""},
		{"--header :hush", "--header takes \"Name: value\""},
		{"--tag colour", "--tag takes KEY=VALUE"},
		{"--tag =red", "--tag takes KEY=VALUE"},
		{"--key k.pem", "--key belongs to --cert, which is not given"},
		{"--sse-kms-key k --sse AES256", "--sse-kms-key belongs to --sse aws:kms"},
		{"-l ~/x", "-l: ~/x begins with what a shell expands, and none did: write the whole path"},
		{"-l $HOME", "-l: $HOME begins with what a shell expands, and none did: write the whole path"},
		{"-l C:\\x", "-l: C:\\x is a path of Windows, and this system has no drives"},
		{"-l s3://bucket/x", "-l takes a folder; the address s3://bucket/x is given with --to"},
		{"-l https://me:hush@h/?x", "-l takes a folder; the address https://...@h/?... is given with --to"},
		{"-t me:hush@h/x", "--to takes an address or a name, not \"...@h/x\"; a folder is given with -l"},
		{"-t me:hush@h", "symbol-upload.yaml names no target \"...@h\"; a folder is given with -l"},
		{"-f x https://me:hush@h/?x", "https://...@h/?... is an address, and given with --to"},
		{"check -l x s3://b/x", "s3://b/x is an address, and given with --to"},
		{"-l x --files-from https://me:hush@h/x", "https://...@h/x is an address, and given with --to"},
		{"why -l x --files-from s3://b/x", "s3://b/x is an address, and given with --to"},
		{"-l x -f https://me:hush@h/x", "https://...@h/x is an address, and given with --to"},
		{"-l x -f * -d https://me:hush@h/x", "https://...@h/x is an address, and given with --to"},
		{"-t http://h/ --password hush", "--password (SYMBOL_UPLOAD_PASSWORD) belongs to --user "
		 "(SYMBOL_UPLOAD_USER), which is not given"},
		{"-t http://h/ --password hush --bearer b", "--password (SYMBOL_UPLOAD_PASSWORD) belongs to --user "
		 "(SYMBOL_UPLOAD_USER), which is not given"},
		{"-t http://h/ --user me:a --password b", "--user (SYMBOL_UPLOAD_USER) holds a password, and "
		 "--password (SYMBOL_UPLOAD_PASSWORD) is given too"},
		{"-l x --journal-age 3", "--journal-age belongs to --journal, which is not given"},
		{"-t http://h/ --key-password a", "--key-password belongs to --cert, which is not given"},
		{"-l x y -d z", "--directory belongs to -f, which is not given; a folder that is named like a file is "
		 "searched whole"},
		{"-t http://h/ --sse AES256", "--sse belongs to --to s3://BUCKET, which is not given"},
		{"check -l x --region r", "--region belongs to --to s3://BUCKET, which is not given"},
		{"-l x y --keep-originals", "--keep-originals belongs to -m, which is not given"},
		{"-t ./store", "--to takes an address or a name, not \"./store\"; a folder is given with -l"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct options o;
		struct sym_err err;

		ok(read_all(cases[i].line, &o, &err) == SYM_USAGE, "refused: %s", cases[i].line);
		is_str(err.text, cases[i].text, "and why");
		options_release(&o);
	}
}

/* A password counts where any of the targets has its user; where none asks for one, it does no harm. */
static void test_password(void)
{
	static const char *const fine[] = {"-t http://me@h/ --password p", "-t http://h/ --password p --user me",
					   "-t http://h/ -t https://me@h/ --password p", "-l x --password p",
					   "-t http://me@h/ -t http://h/ --password p --bearer b",
					   "-t s3://b/x --password p"};

	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		struct options o;
		struct sym_err err;

		ok(read_all(fine[i], &o, &err) == SYM_OK, "taken: %s", fine[i]);
		options_release(&o);
	}
}

/* Of two passwords, and of a password and a token, the one from the stronger place counts. */
static void test_stronger_password(void)
{
	struct options o;
	struct sym_err err;

	setenv("SYMBOL_UPLOAD_PASSWORD", "weak", 1);
	ok(read_all("-t http://h/ --user me:mine", &o, &err) == SYM_OK && !o.how.password,
	   "a password with --user overrides that of the environment");
	options_release(&o);
	ok(read_all("-t http://h/ --user me", &o, &err) == SYM_OK && o.how.password, "which serves a name alone");
	options_release(&o);
	ok(read_all("-t http://h/ --bearer b", &o, &err) == SYM_OK, "and does no harm beside a token");
	options_release(&o);
	unsetenv("SYMBOL_UPLOAD_PASSWORD");
	setenv("SYMBOL_UPLOAD_USER", "me:weak", 1);
	ok(read_all("-t http://h/ --password mine", &o, &err) == SYM_OK && o.how.password,
	   "--password overrides one of the environment");
	options_release(&o);
	unsetenv("SYMBOL_UPLOAD_USER");
}

static void test_environment(void)
{
	struct options o;
	struct sym_err err;

	setenv("BUGSPLAT_DATABASE", "from-env", 1);
	setenv("SYMBOL_UPLOAD_CLIENT_SECRET", "hush", 1);
	setenv("SYMBOL_UPLOAD_CLIENT_ID", "", 1);
	ok(read_all("-l x", &o, &err) == SYM_OK, "the environment is read");
	is_str(o.database, "from-env", "BUGSPLAT_DATABASE is -b");
	ok(options_from(&o, "database") == FROM_ENVIRONMENT, "and is known to come from there");
	ok(!o.client_id, "an empty variable is as none");
	options_release(&o);
	ok(read_all("-l x -b mine", &o, &err) == SYM_OK, "the command line is read first");
	is_str(o.database, "mine", "and is stronger");
	options_release(&o);
	ok(read_all("inspect x", &o, &err) == SYM_OK && !o.database && !o.client_secret,
	   "a command gets no variable of an option that it does not take");
	options_release(&o);
	unsetenv("BUGSPLAT_DATABASE");
	unsetenv("SYMBOL_UPLOAD_CLIENT_SECRET");
	unsetenv("SYMBOL_UPLOAD_CLIENT_ID");
}

static void test_units(void)
{
	struct options o;
	struct sym_err err;

	ok(parse("--budget 1h30m --stall-timeout 45 --connect-timeout 2m --limit-rate 20m --shard 2/8", &o,
		 &err) == SYM_OK, "times, bytes and parts are read");
	is_u64(o.budget_s, 5400, "units add up");
	is_u64(o.how.stall_timeout_s, 45, "a number alone is seconds");
	is_u64(o.how.connect_timeout_s, 120, "minutes");
	is_u64(o.how.limit_rate, 20 << 20, "units of bytes are of 1024, in any letter case");
	ok(o.shard.index == 2 && o.shard.count == 8, "the second of eight parts");
	options_release(&o);
	ok(parse("--limit-rate 1500", &o, &err) == SYM_OK, "bytes alone");
	is_u64(o.how.limit_rate, 1500, "are bytes");
	options_release(&o);
}

/* `@FILE` keeps a secret off the command line. */
static void test_secret_files(void)
{
	char name[] = "secret-XXXXXX", line[LINE_MAX_BYTES];
	FILE *file = fdopen(mkstemp(name), "w");
	struct options o;
	struct sym_err err;

	fputs("hush\r\n", file);
	fclose(file);
	snprintf(line, sizeof line, "--bearer @%s --to https://h/", name);
	ok(parse(line, &o, &err) == SYM_OK, "a secret is read from a file");
	is_str(o.how.bearer, "hush", "without the end of its line");
	options_release(&o);

	file = fopen(name, "w");
	fputs("X-One: 1\n\nX-Two: 2\n", file);
	fclose(file);
	snprintf(line, sizeof line, "--header @%s --header X-Three:3 --to https://h/", name);
	ok(read_all(line, &o, &err) == SYM_OK && o.how.headers.count == 3, "headers, one a line");
	options_release(&o);
	snprintf(line, sizeof line, "--bearer @%s", name);
	ok(parse(line, &o, &err) == SYM_USAGE, "a token has one line");
	is_str(err.text, "--bearer: the file has more than one line", "else it is refused, unseen");
	options_release(&o);

	fclose(fopen(name, "w"));
	ok(parse(line, &o, &err) == SYM_USAGE, "an empty file is no secret");
	is_str(err.text, "--bearer: the file is empty", "and that is said");
	options_release(&o);
	remove(name);

	setenv("SYMBOL_UPLOAD_TOKEN", "@hush", 1);
	ok(read_all("--to https://h/", &o, &err) == SYM_OK, "a variable is taken as it is");
	is_str(o.how.bearer, "@hush", "whatever it begins with");
	options_release(&o);
	ok(read_all("--to https://h/ --user me:pw", &o, &err) == SYM_OK && !o.how.bearer,
	   "a user on the command line puts aside a token of the environment");
	options_release(&o);
	unsetenv("SYMBOL_UPLOAD_TOKEN");
}

/* Who logs in and a signed query are secrets of an address. */
static void test_secret_addresses(void)
{
	struct buf out = BUF_MAX(65536);
	struct options o = {0};
	struct sym_err err;
	struct line l;

	split(&l, "-t https://me:pw@host/p?sig=hush --proxy=http://a:b@proxy:3128 --to s3://bucket/x@y");
	ok(options_parse(l.argc, l.argv, &o, &err) == SYM_OK, "addresses with credentials");
	is_str(o.to.at[0], "https://me:pw@host/p?sig=hush", "are taken whole");
	is_str(l.argv[2], "https://*****@host/p?********", "and blanked in argv");
	is_str(l.argv[3], "--proxy=http://***@proxy:3128", "a proxy's too");
	is_str(l.argv[5], "s3://bucket/x@y", "what only looks like it stays");
	options_release(&o);

	o = (struct options){0};
	split(&l, "-t https://me:p/w?x@host/p --proxy me:pw@proxy:3128 -t archive");
	ok(options_parse(l.argc, l.argv, &o, &err) == SYM_OK, "addresses that are not quite right");
	is_str(l.argv[2], "https://********@host/p", "a password that is not encoded is blanked whole");
	is_str(l.argv[4], "*****@proxy:3128", "and that of a proxy without a scheme");
	options_print_config(&o, &out);
	ok(strstr(out.data, "\"https://...@host/p\"") && strstr(out.data, "\"...@proxy:3128\"") &&
	   strstr(out.data, "\"archive\""), "nor is it printed");
	buf_release(&out);
	options_release(&o);
}

/* What `ps` shows is the memory of argv. */
static void test_secret(void)
{
	static const char *const lines[] = {"-s hush -l x", "-shush -l x", "--clientSecret=hush -l x",
					    "--client-secret hush -l x"};
	struct options o;
	struct sym_err err;
	struct buf out = BUF_MAX(65536);

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct line l;
		bool seen = false;

		o = (struct options){0};
		split(&l, lines[i]);
		ok(options_parse(l.argc, l.argv, &o, &err) == SYM_OK, "%s", lines[i]);
		is_str(o.client_secret, "hush", "the secret is taken");
		for (int w = 0; w < l.argc; w++)
			seen |= strstr(l.argv[w], "hush") != NULL;
		ok(!seen, "and blanked in argv");
		ok(options_finish(&o, &err) == SYM_OK, "finished");
		buf_clear(&out);
		options_print_config(&o, &out);
		ok(!strstr(out.data, "hush") && strstr(out.data, "# clientSecret is set, not shown"),
		   "--print-config says that there is one, not which");
		options_release(&o);
	}
	buf_release(&out);
}

static void test_print(void)
{
	struct options o;
	struct sym_err err;
	struct buf out = BUF_MAX(65536);

	setenv("BUGSPLAT_DATABASE", "db", 1);
	ok(read_all("-f a\"b\\c -f ${X} -l x -n -j 3 -t https://me:pw@host/p?sig=1 -t s3://b/k", &o,
		    &err) == SYM_OK, "a run of every kind");
	options_print_config(&o, &out);
	is_str(out.data,
	       "files: [\"a\\\"b\\\\c\", \"$${X}\"]             # command line\n"
	       "directory: [\".\"]                        # default\n"
	       "localPath: \"x\"                          # command line\n"
	       "to: [\"https://...@host/p?...\", \"s3://b/k\"] # command line\n"
	       "for: [\"visualstudio\", \"windbg\", \"bugsplat\"] # default\n"
	       "existing: richer                        # default\n"
	       "flush: batch                            # default\n"
	       "fallback-age: none                      # default\n"
	       "dry-run: true                           # command line\n"
	       "compress: none                          # default\n"
	       "connect-timeout: 30s                    # default\n"
	       "stall-timeout: 60s                      # default\n"
	       "retries: 7                              # default\n"
	       "addressing: auto                        # default\n"
	       "journal-age: 7                          # default\n"
	       "dump-syms-timeout: 1200s                # default\n"
	       "database: \"db\"                          # BUGSPLAT_DATABASE\n"
	       "format: text                            # default\n"
	       "jobs: 3                                 # command line\n",
	       "is printed with where each value came from, and no credentials");
	unsetenv("BUGSPLAT_DATABASE");
	buf_release(&out);
	options_release(&o);
}

static const char *nearest(const char *word, const char *a, const char *b)
{
	struct suggest s = suggest_for(word);

	suggest_offer(&s, a);
	suggest_offer(&s, b);
	return s.best;
}

static void test_suggest(void)
{
	is_str(nearest("exlcude", "expect", "exclude"), "exclude", "two letters swapped are one mistake");
	is_str(nearest("FORMAT", "for", "format"), "format", "letter case is free");
	is_str(nearest("rec", "receipt", "remove"), "receipt", "an ending may be left off");
	is_str(nearest("files", "file", "files-from"), "file", "of two the first that is nearest");
	is_str(nearest("xyzzy", "files", "to"), NULL, "what is far is not suggested");
	is_str(nearest("", "to", "for"), NULL, "an empty word was not meant to be any");
	is_str(nearest("a-word-that-is-much-longer-than-any-option-is", "to", "for"), NULL,
	       "a word without end is not measured");
}

int main(void)
{
	test_version_11_line();
	test_forms();
	test_program_version();
	test_errors();
	test_finish();
	test_contradictions();
	test_password();
	test_stronger_password();
	test_environment();
	test_secret();
	test_units();
	test_secret_files();
	test_secret_addresses();
	test_print();
	test_suggest();
	return done();
}
