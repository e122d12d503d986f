/* SPDX-License-Identifier: MIT
 * What is written by hand says what the tables say: the man pages and the completions
 * name each option, reader and variable that there is, and none that there is not.
 *
 * usage: test_documented symbol-upload.1 symbol-upload.yaml.5 BASH ZSH FISH */
#include "cli/options.h"
#include "key/key.h"
#include "tap.h"

#include <stdlib.h>

enum { TEXT_MAX = 1 << 16, NAMES_MAX = 128, NAME_MAX_BYTES = 64 };

static char *load(const char *path)
{
	char *text = calloc(1, TEXT_MAX);
	FILE *file = fopen(path, "rb");

	if (!text || !file || fread(text, 1, TEXT_MAX - 1, file) == 0) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	return text;
}

/* -------------------------------------------------------- sets of names -- */

struct names {
	size_t count;
	char at[NAMES_MAX][NAME_MAX_BYTES];
};

static bool holds(const struct names *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->at[i], name) == 0)
			return true;
	return false;
}

static void put(struct names *set, const char *name, size_t len)
{
	char copy[NAME_MAX_BYTES];

	snprintf(copy, sizeof copy, "%.*s", (int)len, name);
	if (!holds(set, copy) && set->count < NAMES_MAX)
		memcpy(set->at[set->count++], copy, sizeof copy);
}

static void same(const struct names *got, const struct names *want, const char *where)
{
	for (size_t i = 0; i < want->count; i++)
		if (!holds(got, want->at[i]))
			ok(false, "%s has %s", where, want->at[i]);
	for (size_t i = 0; i < got->count; i++)
		if (!holds(want, got->at[i]))
			ok(false, "%s has %s, which there is not", where, got->at[i]);
	ok(got->count == want->count && want->count > 0, "%s has all %zu and no other", where,
	   want->count);
}

/* The options of the table as they are written: "-f", "--files". */
static struct names written_options(void)
{
	struct names set = {0};
	char name[NAME_MAX_BYTES];

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		snprintf(name, sizeof name, "-%c", row->letter);
		if (row->letter)
			put(&set, name, strlen(name));
		snprintf(name, sizeof name, "--%s", row->name ? row->name : "");
		if (row->name)
			put(&set, name, strlen(name));
	}
	return set;
}

static struct names long_options(void)
{
	struct names all = written_options(), set = {0};

	for (size_t i = 0; i < all.count; i++)
		if (strncmp(all.at[i], "--", 2) == 0)
			put(&set, all.at[i], strlen(all.at[i]));
	return set;
}

/* ------------------------------------------------------------ man pages -- */

static size_t line_length(const char *text)
{
	return strcspn(text, "\n");
}

static const char *next_line(const char *text)
{
	size_t len = line_length(text);

	return text[len] ? text + len + 1 : NULL;
}

/* Adds what follows each `Fl` of a line: `Fl f` as -f, `Fl -files` as --files. */
static void put_flags(struct names *set, const char *line)
{
	const char *end = line + line_length(line);
	char name[NAME_MAX_BYTES];

	for (const char *c = strstr(line, "Fl "); c && c < end; c = strstr(c, "Fl ")) {
		size_t len;

		c += 3;
		len = strcspn(c, " \n");
		snprintf(name, sizeof name, "-%.*s", (int)len, c);
		put(set, name, strlen(name));
	}
}

static void test_options_in_man(const char *page)
{
	struct names got = {0}, want = written_options();

	for (const char *line = page; line; line = next_line(line))
		if (strncmp(line, ".It Fl ", 7) == 0)
			put_flags(&got, line);
	same(&got, &want, "the man page");
}

/* `.It Fl -format Cm text | json` for the choice "text|json". */
static void test_choices_in_man(const char *page)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char line[200];
		size_t used;

		if (row->kind != OPTION_CHOICE)
			continue;
		used = (size_t)snprintf(line, sizeof line, "\n.It Fl -%s Cm ", row->name);
		for (const char *c = row->value; *c && used + 4 < sizeof line; c++)
			used += (size_t)snprintf(line + used, sizeof line - used,
						 *c == '|' ? " | " : "%c", *c);
		snprintf(line + used, sizeof line - used, "\n");
		ok(strstr(page, line) != NULL, "the man page has the words of --%s", row->name);
	}
}

/* The `.It Cm NAME` or `.It Ev NAME` of one section. */
static struct names items_of(const char *page, const char *section, const char *macro)
{
	struct names set = {0};
	char head[NAME_MAX_BYTES];
	const char *line;

	snprintf(head, sizeof head, "\n.Sh %s\n", section);
	line = strstr(page, head);
	snprintf(head, sizeof head, ".It %s ", macro);
	for (line = line ? next_line(line + 1) : NULL; line && strncmp(line, ".Sh ", 4) != 0;
	     line = next_line(line))
		if (strncmp(line, head, strlen(head)) == 0)
			put(&set, line + strlen(head), line_length(line) - strlen(head));
	return set;
}

static void test_readers_in_man(const char *page)
{
	struct names got = items_of(page, "READERS", "Cm"), want = {0};

	for (size_t i = 0; i < key_reader_count; i++)
		put(&want, key_readers[i].name, strlen(key_readers[i].name));
	same(&got, &want, "the man page's list of readers");
	ok(strstr(page, "\n.Ql " KEY_READERS_DEFAULT " ,\n") != NULL, "and it has the default");
}

static void test_variables_in_man(const char *page)
{
	struct names got = items_of(page, "ENVIRONMENT", "Ev"), want = {0};

	/* No options: the report's, where BugSplat's service is, and where programs and temporary
	 * files are. */
	put(&want, "NO_COLOR", 8);
	put(&want, "BUGSPLAT_HOST", 13);
	put(&want, "NPM_CONFIG_PREFIX", 17);
	put(&want, "TMPDIR", 6);
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].env)
			put(&want, option_rows[i].env, strlen(option_rows[i].env));
	same(&got, &want, "the man page's list of variables");
}

/* The keys stand one a line in the list of their section. */
static void test_keys_in_man(const char *page)
{
	struct names got = {0}, want = {0};
	const char *line = strstr(page, "\n.Sh KEYS\n");

	for (line = line ? next_line(line + 1) : NULL; line && strncmp(line, ".El", 3) != 0; line = next_line(line))
		if (strncmp(line, ".Cm ", 4) == 0)
			put(&got, line + 4, strcspn(line + 4, " \n"));
	for (size_t i = 0; i < option_row_count; i++)
		if (!(option_rows[i].traits & OPTION_ARGV_ONLY))
			put(&want, option_rows[i].name, strlen(option_rows[i].name));
	same(&got, &want, "the man page of the configuration");
}

/* ---------------------------------------------------------------- help -- */

/* Does a line of the help begin with this option? */
static bool help_names(const char *help, const struct option_row *row)
{
	char name[NAME_MAX_BYTES];
	size_t len;

	for (const char *line = help; line; line = next_line(line)) {
		if (row->name)
			snprintf(name, sizeof name, "  %c%c%c --%s", row->letter ? '-' : ' ',
				 row->letter ? row->letter : ' ', row->letter ? ',' : ' ',
				 row->name);
		else
			snprintf(name, sizeof name, "  -%c", row->letter);
		len = strlen(name);
		if (strncmp(line, name, len) == 0 && (line[len] == ' ' || line[len] == '\n'))
			return true;
	}
	return false;
}

static void test_help(enum command command)
{
	struct buf out = BUF_MAX(TEXT_MAX);
	size_t widest = 0;

	options_help(command, &out);
	ok(!out.failed, "the help of %s is made", command_rows[command].name);
	for (const char *line = out.data; line; line = next_line(line))
		widest = line_length(line) > widest ? line_length(line) : widest;
	ok(widest < 80, "and fits 80 columns: %zu", widest);
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		bool taken = (row->commands >> command & 1) != 0;

		ok(help_names(out.data, row) == taken, "it is %s %s", taken ? "with" : "without",
		   row->name ? row->name : "-V");
		if (taken && row->env)
			ok(strstr(out.data, row->env) != NULL, "and so is its variable");
	}
	buf_release(&out);
}

static void test_reader_list(void)
{
	struct buf out = BUF_MAX(TEXT_MAX);
	size_t stars = 0;

	options_list_readers(&out);
	for (size_t i = 0; i < key_reader_count; i++)
		ok(strstr(out.data, key_readers[i].name) != NULL, "--for list has %s",
		   key_readers[i].name);
	for (const char *line = out.data; line; line = next_line(line))
		stars += line[0] == '*';
	is_u64(stars, 4, "with a star at the three that are the default, and what it means");
	buf_release(&out);
}

/* --------------------------------------------------------- completions -- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Every --word of the file. */
static struct names dashed_words(const char *text)
{
	struct names set = {0};

	for (const char *c = strstr(text, "--"); c; c = strstr(c, "--")) {
		size_t len = 2;

		while (is_name_char(c[len]))
			len++;
		if (len > 2)
			put(&set, c, len);
		c += len;
	}
	return set;
}

/* fish: `-l word` and `-s letter`. */
static struct names fish_words(const char *text)
{
	struct names set = {0};

	for (const char *line = text; line; line = next_line(line)) {
		const char *end = line + line_length(line);
		const char *name = strstr(line, " -l ");
		char word[NAME_MAX_BYTES];

		if (strncmp(line, "complete ", 9) != 0 || !name || name > end)
			continue;
		snprintf(word, sizeof word, "--%.*s", (int)strcspn(name + 4, " \n"), name + 4);
		put(&set, word, strlen(word));
	}
	return set;
}

static void test_completion(const char *shell, const char *text, const struct names *got)
{
	struct names want = long_options();

	same(got, &want, shell);
	for (size_t i = 0; i < key_reader_count; i++)
		ok(strstr(text, key_readers[i].name) != NULL, "%s knows the reader %s", shell,
		   key_readers[i].name);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		ok(strstr(text, command_rows[i].name) != NULL, "%s knows the verb %s", shell,
		   command_rows[i].name);
	for (size_t i = 0; i < option_row_count; i++) {
		char words[NAME_MAX_BYTES];

		if (option_rows[i].kind != OPTION_CHOICE)
			continue;
		snprintf(words, sizeof words, "%s", option_rows[i].value);
		for (char *c = words; *c; c++)
			*c = *c == '|' ? ' ' : *c;
		ok(strstr(text, words) != NULL, "%s knows %s", shell, words);
	}
}

int main(int argc, char **argv)
{
	enum { MAN, MAN_YAML, BASH, ZSH, FISH, PAGES };
	char *text[PAGES];
	struct names words;

	if (argc != PAGES + 1)
		return 2;
	for (int i = 0; i < PAGES; i++)
		text[i] = load(argv[i + 1]);
	test_options_in_man(text[MAN]);
	test_choices_in_man(text[MAN]);
	test_readers_in_man(text[MAN]);
	test_variables_in_man(text[MAN]);
	test_keys_in_man(text[MAN_YAML]);
	for (unsigned i = 0; i < COMMAND_COUNT; i++)
		test_help((enum command)i);
	test_reader_list();
	words = dashed_words(text[BASH]);
	test_completion("bash", text[BASH], &words);
	words = dashed_words(text[ZSH]);
	test_completion("zsh", text[ZSH], &words);
	words = fish_words(text[FISH]);
	test_completion("fish", text[FISH], &words);
	for (int i = 0; i < PAGES; i++)
		free(text[i]);
	return done();
}
