/* SPDX-License-Identifier: MIT
 * symbol-upload.yaml becomes options by the same rules as the command line, and an
 * error in it is found with file, line and column. */
#include "cli/config.h"
#include "tap.h"

#include <stdlib.h>

/* Reads a command line of words parted by blanks, then `yaml`, then finishes. */
static enum sym_status read_both(const char *line, const char *yaml, struct options *o,
				 struct sym_err *err)
{
	char bytes[200];
	char *argv[8], *c = bytes;
	int argc = 0;
	enum sym_status status;

	*o = (struct options){0};
	snprintf(bytes, sizeof bytes, "symbol-upload%s%s", line[0] ? " " : "", line);
	while (*c && argc < 8) {
		size_t len = strcspn(c, " ");
		bool last = c[len] == '\0';

		c[len] = '\0';
		argv[argc++] = c;
		c += len + !last;
	}
	status = options_parse(argc, argv, o, err);
	if (status == SYM_OK)
		status = config_read_text("f.yaml", yaml, strlen(yaml), o, err);
	return status == SYM_OK ? options_finish(o, err) : status;
}

static void test_values(void)
{
	struct options o;
	struct sym_err err;

	setenv("CONFIG_TEST", "a: [b", 1);
	ok(read_both("", "# all kinds\n"
			 "files: ['**/*.pdb', \"x$y\", \"$${A}\", '${CONFIG_TEST}/z']\n"
			 "directory: out\n"
			 "for:\n  - gdb\n  - windbg, breakpad\n"
			 "existing: replace\n"
			 "strict: true\nquiet: false\n"
			 "expect-min: 7\n"
			 "local-path: /srv/x\n"
			 "clientSecret: ${CONFIG_TEST}\n",
		     &o, &err) == SYM_OK, "values of every kind are read");
	is_u64(o.files.count, 4, "a list");
	is_str(o.files.at[1], "x$y", "a dollar alone is one");
	is_str(o.files.at[2], "${A}", "$${ is a plain ${");
	is_str(o.files.at[3], "a: [b/z", "a variable's value is not read as YAML");
	is_str(o.directories.at[0], "out", "one value where there could be a list");
	is_u64(o.how.readers.count, 3, "readers in a list and by commas");
	ok(o.how.existing == EXISTING_REPLACE && o.strict && !o.quiet && o.expect_min == 7,
	   "a choice, flags and a number");
	is_str(o.local_path, "/srv/x", "a key by its other name");
	ok(options_from(&o, "strict") == FROM_CONFIG && o.origins[0].place.line == 2,
	   "where they came from is known, with the line");
	options_release(&o);

	ok(read_both("", "", &o, &err) == SYM_OK, "an empty file says nothing");
	options_release(&o);
	ok(read_both("", "---\n", &o, &err) == SYM_OK, "nor does an empty document");
	options_release(&o);
}

static void test_strength(void)
{
	const char *yaml = "files: '*.pdb'\nfiles-from: list\nlocalPath: /srv/x\nto: t\n"
			   "directory: out\nverbose: true\nexisting: keep\ntargets: {t: 'file:///t'}\n";
	struct options o;
	struct sym_err err;

	ok(read_both("", yaml, &o, &err) == SYM_OK && o.destination_count == 2 && o.verbose,
	   "the file alone");
	options_release(&o);
	ok(read_both("--existing richer -d in", yaml, &o, &err) == SYM_OK &&
	   o.how.existing == EXISTING_RICHER, "a value of the command line is stronger");
	ok(o.directories.count == 1 && o.files.count == 1, "a list takes the place of a list");
	options_release(&o);
	ok(read_both("-f *.exe", yaml, &o, &err) == SYM_OK && o.files.count == 1 && !o.files_from,
	   "-f puts aside all that the file selects");
	options_release(&o);
	ok(read_both("a.exe", yaml, &o, &err) == SYM_OK && o.files.count == 0 && !o.files_from,
	   "and so does a path");
	options_release(&o);
	ok(read_both("-l /tmp/x", yaml, &o, &err) == SYM_OK && o.destination_count == 1,
	   "a run that names a store fills no other");
	options_release(&o);
	ok(read_both("-q", yaml, &o, &err) == SYM_OK && o.quiet && !o.verbose,
	   "-q puts aside the file's verbose");
	options_release(&o);
	ok(read_both("inspect x", yaml, &o, &err) == SYM_OK && !o.local_path && o.verbose,
	   "keys that a command does not take are put aside");
	options_release(&o);
}

static void test_targets(void)
{
	const char *yaml = "to: [b, a, 'file:///c']\nexisting: keep\nfor: gdb\n"
			   "targets:\n"
			   "  a: file:///srv/a\n"
			   "  b:\n    to: file:///srv/b\n    for: [windbg, dotnet]\n    flush: each\n"
			   "  unused: s3://bucket/x\n";
	struct options o;
	struct sym_err err;
	const struct option_destination *d;

	ok(read_both("", yaml, &o, &err) == SYM_OK, "targets are read");
	is_u64(o.destination_count, 3, "those that are asked for are delivered to");
	d = o.destinations;
	is_str(d[0].name, "b", "in the order of --to");
	is_str(d[0].to, "file:///srv/b", "a name stands for its address");
	ok(d[0].how->readers.count == 2 && d[0].how->flush == FLUSH_EACH, "with values of its own");
	ok(d[0].how->existing == EXISTING_KEEP, "and those of the run for the rest");
	ok(d[1].how->readers.count == 1 && d[1].how->existing == EXISTING_KEEP,
	   "a target that is an address alone does as the run does");
	ok(d[2].how == &o.how, "and so does an address in to");
	options_release(&o);

	ok(read_both("-t unusd", yaml, &o, &err) == SYM_USAGE, "an unknown name is refused");
	is_str(err.text, "symbol-upload.yaml names no target \"unusd\"; did you mean unused?",
	       "and the nearest suggested");
	options_release(&o);
	ok(read_both("", "\nto: lab\ntargets:\n  Lab: file:///srv/a\n", &o, &err) == SYM_USAGE,
	   "also where the file names it");
	is_str(err.text, "symbol-upload.yaml:2:1: to: symbol-upload.yaml names no target \"lab\"; did you mean Lab?",
	       "with the place");
	options_release(&o);
	ok(read_both("", "\nto: lab\ntargets:\n  lab: ftp://x/y\n", &o, &err) == SYM_USAGE &&
		   strncmp(err.text, "symbol-upload.yaml:4:3: lab: no target is reached by ftp://", 59) == 0,
	   "and an address that no target takes");
	options_release(&o);
}

/* A password, a user and a token of a target itself, and those that it may have of the run. */
static void test_logins(void)
{
	static const struct {
		const char *args, *rest, *text;
	} refused[] = {
		{"", "bearer: b\n    password: p", "--password (SYMBOL_UPLOAD_PASSWORD) belongs to --user "
		 "(SYMBOL_UPLOAD_USER), which is not given"},
		{"-t http://me@h/ --password q", "bearer: b\n    password: p", "--password (SYMBOL_UPLOAD_PASSWORD) "
		 "belongs to --user (SYMBOL_UPLOAD_USER), which is not given"},
		{"--bearer b", "password: p", "--password (SYMBOL_UPLOAD_PASSWORD) belongs to --user "
		 "(SYMBOL_UPLOAD_USER), which is not given"},
		{"", "bearer: b\n    user: me", "--user and --bearer exclude each other"},
		{"", "user: me:p\n    password: q", "--user (SYMBOL_UPLOAD_USER) holds a password, and --password "
		 "(SYMBOL_UPLOAD_PASSWORD) is given too"},
	};
	struct options o;
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		char yaml[200], args[100];

		snprintf(yaml, sizeof yaml, "targets:\n  a:\n    to: http://a/\n    %s\n", refused[i].rest);
		snprintf(args, sizeof args, "-t a %s", refused[i].args);
		ok(read_both(args, yaml, &o, &err) == SYM_USAGE &&
			   strncmp(err.text, "symbol-upload.yaml:2:3: a: ", 27) == 0, "refused: %s", refused[i].rest);
		is_str(err.text + 27, refused[i].text, "and why");
		options_release(&o);
	}
	ok(read_both("-t a --password q --user u", "targets: {a: {to: 'http://a/', user: 'me:p'}}\n", &o, &err) ==
		   SYM_OK && !o.destinations[0].how->password, "a target's own password stays behind its user");
	options_release(&o);
}

/* Options of remote targets stand in a target as in the run. */
static void test_remote_targets(void)
{
	const char *yaml = "to: [a, b]\nuser: me:pw\nretries: 2\nheader: 'X-A: 1'\n"
			   "targets:\n"
			   "  a:\n    to: https://a/\n    bearer: hush\n    header: ['X-B: 2', 'X-C: 3']\n"
			   "    insecure: true\n    limit-rate: 1M\n    tag: [x=1, y=2]\n"
			   "  b:\n    to: s3://b/\n    region: eu-west-1\n    stall-timeout: 5m\n"
			   "  c:\n    to: https://c/\n    bearer: '@/no/such/file'\n"
			   "  d:\n    to: https://${NO_SUCH_VARIABLE}/\n";
	struct options o;
	struct sym_err err;
	const struct option_delivery *a, *b;
	struct buf out = BUF_MAX(65536);

	ok(read_both("", yaml, &o, &err) == SYM_OK, "targets with all they need are read");
	a = o.destinations[0].how;
	b = o.destinations[1].how;
	ok(a->insecure && a->limit_rate == 1 << 20 && a->tags.count == 2 && a->headers.count == 2,
	   "each with its own values");
	is_u64(a->retries, 2, "and the run's for the rest");
	ok(a->bearer && !a->user, "a token puts aside the run's user");
	ok(b->user && b->stall_timeout_s == 300 && b->headers.count == 1 && !b->insecure,
	   "another target has the run's user");
	options_print_config(&o, &out);
	ok(!strstr(out.data, "hush") && !strstr(out.data, "me:pw") && !strstr(out.data, "X-B"),
	   "no secret is printed");
	ok(strstr(out.data, "    # bearer is set, not shown\n") != NULL, "only that there is one");
	buf_release(&out);
	options_release(&o);

	ok(read_both("--to c", yaml, &o, &err) == SYM_USAGE, "a secret's file that is not there");
	is_str(err.text, "f.yaml:19:13: bearer: cannot read /no/such/file: No such file or directory",
	       "is an error of the run that needs it");
	options_release(&o);
	ok(read_both("--to d", yaml, &o, &err) == SYM_USAGE, "as is a missing variable");
	options_release(&o);
	ok(read_both("inspect x", yaml, &o, &err) == SYM_OK, "and not of others");
	options_release(&o);
}

static void test_errors(void)
{
	static const struct {
		const char *yaml, *text;
	} cases[] = {
		{"files: x\nexlude: y\n", "f.yaml:2:1: unknown key \"exlude\"; did you mean exclude?"},
		{"  target: {}\n", "f.yaml:1:3: unknown key \"target\"; did you mean targets?"},
		{"xyzzy: 1\n", "f.yaml:1:1: unknown key \"xyzzy\""},
		{"config: x\n", "f.yaml:1:1: this is an option of the command line only"},
		{"existing: never\n", "f.yaml:1:11: existing: \"never\" is not one of keep|richer|replace"},
		{"for:\n  - gdb\n  - lldbb\n",
		 "f.yaml:3:5: for: no reader is called \"lldbb\"; did you mean lldb?"},
		{"strict: 1\n", "f.yaml:1:9: strict: \"1\" is neither true nor false"},
		{"jobs: many\n", "f.yaml:1:7: jobs: \"many\" is not a whole number"},
		{"receipt:\n", "f.yaml:1:9: receipt: the value is missing"},
		{"receipt: ''\n", "f.yaml:1:10: receipt: the value is empty"},
		{"receipt: [a]\n", "f.yaml:1:10: receipt: one value is expected here"},
		{"files: {a: b}\n", "f.yaml:1:8: files: a text or a list of texts is expected here"},
		{"files: [[a]]\n", "f.yaml:1:9: files: a text is expected here"},
		{"files: \"a\\0b\"\n", "f.yaml:1:8: files: the value holds a NUL"},
		{"files: ${NO_SUCH_VARIABLE}\n",
		 "f.yaml:1:8: files: the environment has no variable NO_SUCH_VARIABLE"},
		{"files: a${b\n", "f.yaml:1:8: files: \"${\" without a name and \"}\"; a plain \"${\" is "
				  "written \"$${\""},
		{"files: a\nfiles: b\n", "f.yaml:2:1: the key \"files\" is there twice"},
		{"localPath: a\nlocal-path: b\n",
		 "f.yaml:2:1: the key is there twice, under both its names"},
		{"[a]: b\n", "f.yaml:1:1: a key must be a text"},
		{"just text\n", "f.yaml:1:1: options by their names are expected here"},
		{"files: **/*.pdb\n", "f.yaml:1:9: a pattern that begins with * must stand in quotes"},
		{"files: [a\n", "f.yaml:2:1: did not find expected ',' or ']'"},
		{"files: 'a'\n\tlocalPath: b\n", "f.yaml:2:1: a tab stands where YAML wants blanks"},
		{"password: @file\n", "f.yaml:1:11: a value that begins with @, % or ` must stand in quotes"},
		{"files: *a\n", "f.yaml:1:8: a pattern that begins with * must stand in quotes"},
		{"files: \xff\n", "f.yaml: byte 7: invalid leading UTF-8 octet"},
		{"a\tb: \x01\n", "f.yaml: byte 5: control characters are not allowed"},
		{"files: a\n---\nfiles: b\n", "f.yaml:3:1: a second document begins here"},
		{"targets: x\n", "f.yaml:1:10: names of targets, each with its address, are expected here"},
		{"targets: {a: {for: gdb}}\n", "f.yaml:1:11: the target has no \"to\""},
		{"targets: {a: /srv}\n", "f.yaml:1:14: this is not an address, such as s3://bucket/prefix"},
		{"targets: {a: {}}\n", "f.yaml:1:11: the target has no \"to\""},
		{"targets: {a: {to: bugsplat, fro: gdb}}\n",
		 "f.yaml:1:29: unknown key \"fro\"; did you mean for?"},
		{"targets: {a: {to: bugsplat, files: x}}\n", "f.yaml:1:29: unknown key \"files\""},
		{"targets: {'file://x': bugsplat}\n", "f.yaml:1:11: this cannot be the name of a target"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct options o;
		struct sym_err err;

		ok(read_both("", cases[i].yaml, &o, &err) == SYM_USAGE, "refused: case %zu", i);
		is_str(err.text, cases[i].text, "and why, and where");
		options_release(&o);
	}
}

/* A value that a stronger place settles is checked all the same. */
static void test_checked_all_the_same(void)
{
	struct options o;
	struct sym_err err;

	ok(read_both("-j 2", "jobs: x\n", &o, &err) == SYM_USAGE, "a wrong value that is not used");
	is_str(err.text, "f.yaml:1:7: jobs: \"x\" is not a whole number", "is still wrong");
	ok(o.jobs == 2, "and the stronger one untouched");
	options_release(&o);
}

static void test_file(void)
{
	struct options o = {0};
	struct sym_err err;
	char missing[] = "no-such-folder/x.yaml";

	ok(config_read(&o, &err) == SYM_OK, "the current folder needs no symbol-upload.yaml");
	o.config = strdup(missing);
	ok(config_read(&o, &err) == SYM_NOT_FOUND, "a file that --config names must be there");
	ok(strncmp(err.text, missing, strlen(missing)) == 0, "and is named");
	options_release(&o);
}

/* What is printed is a file that says the same. */
static void test_print_is_read_again(void)
{
	const char *yaml = "files: [\"a\\\"b\", '${HOME}', \"tab\\there\"]\nexclude: \"$${x}\"\nto: n\n"
			   "targets: {n: {to: 'file:///n', existing: keep}}\n";
	struct options o, again;
	struct sym_err err;
	struct buf out = BUF_MAX(65536);

	ok(read_both("-n", yaml, &o, &err) == SYM_OK, "read once");
	options_print_config(&o, &out);
	ok(read_both("", out.data, &again, &err) == SYM_OK, "its print is read");
	is_str(again.files.at[2], "tab\there", "with control characters");
	is_str(again.excludes.at[0], "${x}", "and what only looks like a variable");
	ok(again.dry_run && again.destinations[0].how->existing == EXISTING_KEEP, "and all the rest");
	options_release(&o);
	options_release(&again);
	buf_release(&out);
}

int main(void)
{
	test_values();
	test_strength();
	test_targets();
	test_remote_targets();
	test_logins();
	test_errors();
	test_checked_all_the_same();
	test_file();
	test_print_is_read_again();
	return done();
}
