/* SPDX-License-Identifier: MIT
 * The texts of 000Admin: what symstore.exe writes is read, in all forms that are known of it, what
 * is written is what it would have written, and what makes no sense is told, or left as it is. */
#include "target/admin/ledger.h"
#include "target/admin/list.h"
#include "target/admin/refs.h"

#include "base/err.h"
#include "base/text.h"
#include "scratch.h"
#include "tap.h"

#include <time.h>

#define LINE_1 "0000000001,add,file,09/06/2016,10:34:19,\"dummyprod\",\"\",\"\",\r\n"
#define LINE_2 "0000000002,add,file,09/06/2016,10:45:51,\"dummylib\",\"\",\"\",\r\n"
#define LINE_3 "0000000003,add,file,09/06/2016,10:57:50,\"peprods\",\"1.0.1\",\"\",\r\n"

enum { DAY = 86400, SEPTEMBER = 1473158059 }; /* of LINE_1, at Greenwich */

/* 000Admin of an empty store. */
struct store {
	char name[32];
	struct os_dir *root;
	struct admin admin;
};

static void store_open(struct store *s)
{
	struct sym_err err;

	s->root = scratch_open(s->name);
	s->admin = (struct admin){.root = s->root};
	must(staging_open(s->root, 1, &s->admin.staging, &err), &err);
	must(admin_open(&s->admin, true, &err), &err);
}

static void store_close(struct store *s)
{
	admin_close(&s->admin);
	staging_close(s->admin.staging);
	scratch_close(s->root, s->name);
}

/* ------------------------------------------------------------------ ledger -- */

static enum sym_status parse(const char *text, struct ledger *l, struct sym_err *err)
{
	*l = (struct ledger){.fields = BUF_MAX(1 << 20)};
	buf_add_text(&l->fields, text);
	return ledger_parse(l, err);
}

static void is_line(const char *text, const struct ledger_line *want, const char *what)
{
	struct ledger l;
	struct sym_err err;
	enum sym_status status = parse(text, &l, &err);
	const struct ledger_line *got = l.lines;

	if (!ok(status == SYM_OK && l.count == 1, "%s: one line", what)) {
		fprintf(stderr, "# %s\n", status == SYM_OK ? "of another number" : err.text);
		ledger_release(&l);
		return;
	}
	is_u64(got->id, want->id, "%s: the number", what);
	ok(got->removal == want->removal && got->of == want->of, "%s: a removal or not", what);
	if (!want->removal) {
		ok(got->pointers == want->pointers, "%s: files or pointers", what);
		is_u64((uint64_t)got->time_s, (uint64_t)want->time_s, "%s: the time", what);
		is_str(got->product, want->product, "%s: the product", what);
		is_str(got->version, want->version, "%s: the version", what);
		is_str(got->label, want->label, "%s: the comment", what);
	}
	ledger_release(&l);
}

static void test_lines(void)
{
	static const struct ledger_line plain = {.id = 1, .time_s = SEPTEMBER, .product = "dummyprod",
						 .version = "", .label = ""},
					full = {.id = 3, .time_s = SEPTEMBER, .product = "a, b",
						.version = "1.0.1", .label = "rc, 2"},
					pointers = {.id = 7, .pointers = true, .time_s = SEPTEMBER, .product = "p",
						    .version = "v", .label = "c"},
					short_line = {.id = 5, .product = "", .version = "", .label = ""},
					removal = {.id = 4, .removal = true, .of = 1};

	is_line(LINE_1, &plain, "as symstore.exe writes it");
	is_line("0000000001,add,file,09/06/2016,10:34:19,dummyprod,,,\r\n", &plain, "unquoted");
	is_line("1,add,file,09/06/16,10:34:19,dummyprod,,,", &plain, "as Microsoft shows it: two digits a year");
	is_line("1,add,file,9/6/2016,10:34:19,\"dummyprod\"", &plain, "fields are missing, and zeros");
	is_line("3,add,file,09/06/2016,10:34:19,\"a, b\",\"1.0.1\",\"rc, 2\",\r\n", &full, "commas in quotation marks");
	is_line("3,add,file,09/06/2016,10:34:19,\"a, b\",1.0.1,\"rc, 2\",\"more\",more\r\n", &full, "fields too many");
	is_line("7,add,ptr,09/06/2016,10:34:19,\"p\",\"v\",\"c\",\n", &pointers, "of pointers, LF alone");
	is_line("\r\n\n0000000005,add,file\r\r\n\r\n", &short_line, "blank lines around it");
	is_line("0000000004,del,0000000001\r\n", &removal, "a removal");
	is_line("0000000004,del,1,", &removal, "a removal, with a comma at its end");
}

/* Of what date a line is, or 0. */
static int64_t time_of(const char *date, const char *time)
{
	char text[100];
	struct ledger l;
	struct sym_err err;
	int64_t at = -1;

	snprintf(text, sizeof text, "1,add,file,%s,%s,p,v,c,\r\n", date, time);
	if (ok(parse(text, &l, &err) == SYM_OK && l.count == 1, "%s, %s is no fault of the line", date, time)) {
		at = l.lines[0].time_s;
		is_str(l.lines[0].date, date, "the date stands as it was written");
	}
	ledger_release(&l);
	return at;
}

static void test_dates(void)
{
	static const char *const nonsense[][2] = {
		{"", ""}, {"09/06", "10:34:19"}, {"2016-09-06", "10:34:19"}, {"13/01/2016", "10:34:19"},
		{"00/10/2016", "10:34:19"}, {"01/00/2016", "10:34:19"}, {"01/32/2016", "10:34:19"},
		{"02/30/2016", "10:34:19"}, {"09/06/2016", "24:00:00"}, {"09/06/2016", "10:60:00"},
		{"09/06/2016", "10:34:99"}, {"09/06/2016", "10:34"}, {"09/06/2016", "noon"},
		{"09/06/-016", "10:34:19"}, {"09/06/20160", "10:34:19"}, {"12/31/1969", "23:59:59"},
		{"01/01/0216", "00:00:00"}};

	is_u64((uint64_t)time_of("09/06/2016", "10:34:19"), SEPTEMBER, "a date of this century");
	is_u64((uint64_t)time_of("02/29/16", "00:00:00"), 1456704000, "a leap day");
	is_u64((uint64_t)time_of("01/02/70", "00:00:00"), DAY, "70 is 1970");
	is_u64((uint64_t)time_of("12/31/99", "00:00:00"), 946598400, "99 is 1999");
	is_u64((uint64_t)time_of("01/01/69", "00:00:00"), 3124224000, "69 is 2069");
	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++)
		is_u64((uint64_t)time_of(nonsense[i][0], nonsense[i][1]), 0, "it makes no sense");
}

static void test_bad_lines(void)
{
	static const struct { const char *text, *line; } bad[] = {
		{"nonsense\r\n", "line 1 "}, {LINE_1 "\r\n" LINE_2 "x\r\n", "line 4 "},
		{LINE_1 "0000000000,add,file\r\n", "line 2 "}, {"00000000001,add,file\r\n", "line 1 "},
		{"-1,add,file\r\n", "line 1 "}, {" 1,add,file\r\n", "line 1 "}, {"1 ,add,file\r\n", "line 1 "},
		{"1,add,link\r\n", "line 1 "}, {"1,drop,file\r\n", "line 1 "}, {"1,add\r\n", "line 1 "},
		{"1,del,\r\n", "line 1 "}, {"1,del,x\r\n", "line 1 "}, {"1,del,0\r\n", "line 1 "}};
	struct ledger l;
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ok(parse(bad[i].text, &l, &err) == SYM_MALFORMED, "%zu: no transaction", i);
		ok(strstr(err.text, bad[i].line) != NULL, "and the line is named: %s", err.text);
		ledger_release(&l);
	}
}

static void is_ledger(const struct store *s, const uint64_t *ids, size_t count, const char *what)
{
	struct ledger l;
	struct sym_err err;
	bool same = ledger_read(&s->admin, ADMIN_SERVER, &l, &err) == SYM_OK && l.count == count;

	for (size_t i = 0; i < count && same; i++)
		same = l.lines[i].id == ids[i];
	ok(same, "%s", what);
	ledger_release(&l);
}

static void test_reading(void)
{
	struct store s;
	struct ledger l;
	struct sym_err err;

	store_open(&s);
	is_ledger(&s, NULL, 0, "no server.txt: no transaction");
	scratch_file(s.admin.dir, ADMIN_SERVER, "");
	is_ledger(&s, NULL, 0, "an empty one, which the last removal leaves: none");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);
	scratch_file(s.admin.dir, ADMIN_SERVER, "\r\n");
	is_ledger(&s, NULL, 0, "a blank line: none");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);
	scratch_file(s.admin.dir, ADMIN_SERVER, LINE_1 LINE_2 "3,add,file");
	is_ledger(&s, (const uint64_t[]){1, 2, 3}, 3, "three lines, the last without its end");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);
	scratch_file(s.admin.dir, ADMIN_SERVER, LINE_1 "x");
	ok(ledger_read(&s.admin, ADMIN_SERVER, &l, &err) == SYM_MALFORMED, "a bad line is a fault of the file");
	is_str(err.text, "000Admin/server.txt: line 2 is no transaction", "both are named");
	ledger_release(&l);
	store_close(&s);
}

static bool is_2_or_4(void *ctx, uint64_t id)
{
	(void)ctx;
	return id == 2 || id == 4;
}

static void append(struct store *s, const struct ledger_line *line)
{
	struct buf text = BUF_MAX(4096);
	struct sym_err err;

	ledger_add(&text, line);
	must(ledger_append(&s->admin, ADMIN_SERVER, &text, &err), &err);
	buf_release(&text);
}

static void test_writing(void)
{
	static const struct ledger_line third = {.id = 3, .time_s = SEPTEMBER + 1411, .product = "peprods",
						 .version = "1.0.1", .label = ""},
					removal = {.id = 4, .removal = true, .of = 1};
	struct store s;
	struct sym_err err;

	store_open(&s);
	append(&s, &third);
	is_str(scratch_text(s.admin.dir, ADMIN_SERVER), LINE_3, "the first line, byte for byte symstore.exe's");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);
	scratch_file(s.admin.dir, ADMIN_SERVER, "1,add,file,,,a,,,");
	append(&s, &third);
	append(&s, &removal);
	is_str(scratch_text(s.admin.dir, ADMIN_SERVER), "1,add,file,,,a,,,\r\n" LINE_3 "0000000004,del,0000000001\r\n",
	       "behind a line without its end");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);

	scratch_file(s.admin.dir, ADMIN_SERVER,
		     "1,add, odd \n\r\n" LINE_2 LINE_3 "4,add,file,,,\"\xFF,\",,\r\n5,add,file");
	must(ledger_drop(&s.admin, is_2_or_4, NULL, &err), &err);
	is_str(scratch_text(s.admin.dir, ADMIN_SERVER), "1,add, odd \n\r\n" LINE_3 "5,add,file",
	       "lines that stay are as they were, to the byte");
	must(os_unlink(s.admin.dir, ADMIN_SERVER, &err), &err);
	scratch_file(s.admin.dir, ADMIN_SERVER, LINE_2);
	must(ledger_drop(&s.admin, is_2_or_4, NULL, &err), &err);
	is_str(scratch_text(s.admin.dir, ADMIN_SERVER), "", "the last line goes: an empty file is left");
	store_close(&s);
}

static void test_there_and_back(void)
{
	static const struct ledger_line lines[] = {
		{.id = 1, .time_s = SEPTEMBER, .product = "", .version = "", .label = ""},
		{.id = 9999999999, .time_s = 4102444799, .product = "a,b", .version = ",,", .label = "''`\\"},
		{.id = 8, .pointers = true, .time_s = DAY, .product = "Ψ", .version = " 1 ", .label = "add"}};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct buf text = BUF_MAX(4096);

		ledger_add(&text, &lines[i]);
		is_line(text.data, &lines[i], "what is written reads back");
		buf_release(&text);
	}
	struct ledger l = {.fields = BUF_MAX(4096)};
	struct sym_err err;
	int64_t now = os_time_s();

	ledger_add(&l.fields, &(struct ledger_line){.id = 1, .product = "", .version = "", .label = ""});
	must(ledger_parse(&l, &err), &err);
	ok(l.lines[0].time_s >= now && l.lines[0].time_s < now + 60, "a line without a time is of now");
	ledger_release(&l);
}

static void test_texts(void)
{
	static char longest[257];
	struct sym_err err;

	memset(longest, 'a', 255);
	ok(ledger_check_text("it", "", &err) == SYM_OK, "no text may be noted");
	ok(ledger_check_text("it", "a, b \\ 'c' \xC3\xA9", &err) == SYM_OK, "any other may");
	ok(ledger_check_text("it", longest, &err) == SYM_OK, "and one of 255 bytes");
	longest[255] = 'a';
	ok(ledger_check_text("it", longest, &err) == SYM_REFUSED, "but not one of 256");
	is_str(err.text, "it is longer than 255 bytes", "it is said why");
	ok(ledger_check_text("it", "a\"b", &err) == SYM_REFUSED, "a quotation mark is refused");
	for (const char *c = "\n\r\t\x1b\x7f"; *c; c++)
		ok(ledger_check_text("it", (char[]){'a', *c, '\0'}, &err) == SYM_REFUSED, "and a control character");
}

/* -------------------------------------------------------------------- refs -- */

static void is_ref(const char *text, uint64_t id, bool pointer, const char *path)
{
	struct buf buf = BUF_MAX(4096);
	struct refs_line line = {0};
	size_t at = 0;
	char got[256];

	buf_add_text(&buf, text);
	ok(refs_next(&buf, &at, &line), "a line: %s", text);
	is_u64(line.id, id, "of this transaction");
	ok(line.len == strlen(text) && memcmp(line.text, text, line.len) == 0, "as it stands");
	if (id) {
		ok(line.pointer == pointer, "a file, or a pointer to one");
		snprintf(got, sizeof got, "%.*s", (int)line.path_len, line.path);
		is_str(got, path, "with its path");
	}
	ok(!refs_next(&buf, &at, &line), "and no other");
	buf_release(&buf);
}

static void test_refs_lines(void)
{
	static const char *const nonsense[] = {
		"nonsense", "7", "7,file", "7,link,x", "x,file,\"y\"", ",file,\"y\"", "-7,file,\"y\"", "+7,file,\"y\"",
		" 7,file,\"y\"", "7 ,file,\"y\"", "0,file,\"y\"", "0x7,file,\"y\"", "00000000007,file,\"y\"",
		"99999999999999999999999,file,\"y\"", "7,files,\"y\"", "\"7\",file,\"y\"", ",", ",,,"};

	is_ref("0000000001,file,\"C:\\Users\\u\\symstore\\files\\bigage.pdb\",pub,,N,,", 1, false,
	       "C:\\Users\\u\\symstore\\files\\bigage.pdb");
	is_ref("0000000002,ptr,\"\\\\server\\a, b\\x.pdb\",pri,,N,,", 2, true, "\\\\server\\a, b\\x.pdb");
	is_ref("7,ptr,\\\\server\\x.pdb", 7, true, "\\\\server\\x.pdb");
	is_ref("7,file,c:\\x.pdb,more", 7, false, "c:\\x.pdb");
	is_ref("7,file,\"no end", 7, false, "no end");
	is_ref("7,file,", 7, false, "");
	is_ref("9999999999,file,x", 9999999999, false, "x");
	for (size_t i = 0; i < ARRAY_LEN(nonsense); i++)
		is_ref(nonsense[i], 0, false, NULL);
}

static void test_refs_texts(void)
{
	struct buf text = BUF_MAX(4096);
	struct refs_line line;
	size_t at = 0, n = 0;

	ok(!refs_next(&text, &at, &line) && !refs_has(&text, 1), "no text has no line");
	refs_add(&text, "1,file,x", 8);
	is_str(text.data, "1,file,x", "the first line has no end");
	refs_add(&text, "2,file,y", 8);
	is_str(text.data, "1,file,x\r\n2,file,y", "lines are joined by CR LF");
	ok(refs_has(&text, 1) && refs_has(&text, 2) && !refs_has(&text, 3), "and found");
	buf_clear(&text);
	buf_add_text(&text, "\r\n1,file,x\n\r\n  \r\n2,ptr,y\r\r\n");
	while (refs_next(&text, &at, &line))
		n++;
	is_u64(n, 3, "blank lines are none, but for one of blanks: it is nobody's");
	buf_release(&text);
}

/* -------------------------------------------------------------------- list -- */

static void test_entries(void)
{
	static const struct { const char *path, *entry; bool two_tier, folder; } rows[] = {
		{"app.pdb/AB1/app.pdb", "app.pdb\\AB1", false, true},
		{"ap/app.pdb/AB1/app.pdb", "app.pdb\\AB1", true, true},
		{"app.pdb/AB1/app.pd_", "app.pdb\\AB1", false, true},
		{"ap/app.pdb/AB1/app.pd_", "app.pdb\\AB1", true, true},
		{"app.pdb/AB1/app.sym", "app.pdb\\AB1\\app.sym", false, false},
		{"ap/app.pdb/AB1/app.sym", "app.pdb\\AB1\\app.sym", true, false},
		{"App.pdb/AB1/app.pdb", "App.pdb\\AB1\\app.pdb", false, false},
		{".build-id/ab/cd.debug", ".build-id\\ab\\cd.debug", false, false},
		{"_/.build-id/ab/cd.debug", "_\\.build-id\\ab\\cd.debug", true, false},
		{".b/.build-id/ab/cd.debug", ".build-id\\ab\\cd.debug", true, false},
		{".build-id/ab/cd.debug", ".build-id\\ab\\cd.debug", true, false},
		{"buildid/abcd/debuginfo", "buildid\\abcd\\debuginfo", false, false},
		{"ab/cd/ab", "ab\\cd", false, true},
		{"ab/ab/cd/ab", "ab\\cd", true, true},
		{"a/1/a", "a\\1", false, true},
		{"a/a/1/a", "a\\1", true, true},
		{"a/1/_", "a\\1", false, true},
		{"_/_.dwarf/mach-uuid-sym-1/_.dwarf", "_.dwarf\\mach-uuid-sym-1", true, true},
		{"ab/cdef/debuginfo", "ab\\cdef\\debuginfo", false, false},
		{"a/b/c/a", "a\\b\\c\\a", false, false},
		{"alone", "alone", false, false},
		{"a/a", "a\\a", false, false}};
	char entry[KEY_PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ok(list_entry_of(rows[i].path, rows[i].two_tier, entry) == rows[i].folder,
		   "%s in %d tiers: a folder, or not", rows[i].path, 1 + rows[i].two_tier);
		is_str(entry, rows[i].entry, "and its entry");
	}
}

static void test_paths(void)
{
	static const char *const refused[] = {
		"", "alone", "..\\x", "a\\..\\..\\x", "a/../x", "a\\.\\x", ".\\x", "\\x", "/x", "\\\\server\\x", "a\\",
		"a\\\\x", "C:\\x", "a\\C:x", "a\\x:stream", "000Admin\\0000000001", "000ADMIN\\server.txt",
		"a\\AB1\\refs.ptr", "a\\AB1\\REFS.PTR", "a\\AB1\\file.ptr", "pingme.txt\\x", ".symbol-upload\\x",
		"a\\index2.txt"};
	char path[KEY_PATH_MAX], longest[2 * KEY_PATH_MAX];
	struct sym_err err;

	ok(list_path_of("app.pdb\\AB1", path, &err) == SYM_OK, "symstore.exe's own entry");
	is_str(path, "app.pdb/AB1", "is the path of a folder");
	ok(list_path_of(".build-id\\ab\\c d..debug", path, &err) == SYM_OK, "and one that it does not write");
	is_str(path, ".build-id/ab/c d..debug", "is a path");
	ok(list_path_of("a/AB1", path, &err) == SYM_OK, "slashes may lean the other way");
	ok(list_path_of("app.pdb\\AB1\\app.pdb", path, &err) == SYM_OK, "a whole path of symstore.exe's shape");
	is_str(path, "app.pdb/AB1", "is that of its folder");
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		ok(list_path_of(refused[i], path, &err) == SYM_REFUSED && err.text[0], "\"%s\" is refused", refused[i]);
	memset(longest, 'a', sizeof longest);
	longest[1] = '\\';
	longest[KEY_PATH_MAX - 1] = '\0';
	ok(list_path_of(longest, path, &err) == SYM_OK, "the longest path");
	longest[KEY_PATH_MAX - 1] = 'a';
	longest[KEY_PATH_MAX] = '\0';
	ok(list_path_of(longest, path, &err) == SYM_REFUSED, "and one byte more");
}

struct entries {
	char text[512]; /* "entry|source;" each */
	unsigned stop_at;
	unsigned count;
};

static enum sym_status hear(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	struct entries *e = ctx;
	size_t len = strlen(e->text);

	snprintf(e->text + len, sizeof e->text - len, "%s|%s;", entry->text, entry->source);
	return ++e->count == e->stop_at ? err_set(err, SYM_CANCELLED, "enough") : SYM_OK;
}

static void is_list(const char *text, enum sym_status want, const char *entries, const char *what)
{
	struct entries heard = {.stop_at = 0};
	struct sym_err err = {.text = ""};

	is_u64(list_parse(text, strlen(text), hear, &heard, &err), want, "%s: %s", what, err.text);
	is_str(heard.text, entries, "%s: its entries", what);
}

static void test_lists(void)
{
	static char longest[70000];

	is_list("\"a.pdb\\1\",\"C:\\a.pdb\"\r\n\"b.pdb\\2\",\"C:\\b, c.pdb\"\r\n", SYM_OK,
		"a.pdb\\1|C:\\a.pdb;b.pdb\\2|C:\\b, c.pdb;", "as symstore.exe writes it");
	is_list("\"a\\1\",\"/x\n\"b\\2\",\"/y", SYM_OK, "a\\1|/x;b\\2|/y;", "without the last quotation mark");
	is_list("\"a\\1\"\r\n\"b\\2\",\r\n\"c\\3\",x\r\n", SYM_OK, "a\\1|;b\\2|;c\\3|;", "without a source");
	is_list("\r\n\n\"a\\1\",\"x\"\r\r\n", SYM_OK, "a\\1|x;", "blank lines around it");
	is_list("", SYM_OK, "", "empty");
	is_list("\xef\xbb\xbf\"a\\1\",\"x\"\r\n", SYM_OK, "a\\1|x;", "behind the mark that an editor sets");
	is_list("\xef\xbb\xbf\r\n\"a\\1\",\"x\"\r\n", SYM_OK, "a\\1|x;", "a line of that mark alone");
	is_list("\"a\\1\",\"x\"\r\n\r\na\\1,x\r\n", SYM_MALFORMED, "a\\1|x;", "unquoted");
	memset(longest, 'a', sizeof longest - 1);
	longest[0] = '"';
	is_list(longest, SYM_MALFORMED, "", "a line longer than any path");
}

static void test_list_files(void)
{
	struct entries heard = {.stop_at = 2};
	struct store s;
	struct sym_err err;

	store_open(&s);
	ok(list_read(&s.admin, 7, false, hear, &heard, &err) == SYM_NOT_FOUND, "no file: no list");
	scratch_file(s.admin.dir, "0000000007", "\"a\\1\",\"x\"\r\n\"b\\2\",\"y\"\r\n\"c\\3\",\"z\"\r\n");
	ok(list_read(&s.admin, 7, true, hear, &heard, &err) == SYM_NOT_FOUND, "nor is it one that was removed");
	ok(list_read(&s.admin, 7, false, hear, &heard, &err) == SYM_CANCELLED, "it is read");
	is_str(heard.text, "a\\1|x;b\\2|y;", "until it is enough");
	scratch_file(s.admin.dir, "0000000008.deleted", "\"a\\1\",\"x\"\r\nb");
	ok(list_read(&s.admin, 8, true, hear, &heard, &err) == SYM_MALFORMED, "one that was removed, with a bad line");
	is_str(err.text, "000Admin/0000000008.deleted: line 2 is no entry", "both are named");
	store_close(&s);
}

int main(void)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	test_lines();
	test_dates();
	test_bad_lines();
	test_reading();
	test_writing();
	test_there_and_back();
	test_texts();
	test_refs_lines();
	test_refs_texts();
	test_entries();
	test_paths();
	test_lists();
	test_list_files();
	return done();
}
