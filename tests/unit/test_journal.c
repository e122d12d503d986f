/* SPDX-License-Identifier: MIT
 * The journal gives back what was noted, keeps what a run had nothing to do with until it
 * is too old, stays as it was where a run dies, and is never believed where it is damaged. */
#include "pipeline/journal.h"

#include "os/os.h"
#include "scratch.h"
#include "tap.h"

enum { DAY = 86400, NOW = 1700000000 };

static char name[64]; /* of the journal */

static struct journal *open_at(int64_t now, bool *damaged)
{
	struct journal *j;
	struct sym_err err;

	must(journal_open(name, 7 * DAY, now, &j, damaged, &err), &err);
	return j;
}

static struct journal *open_good(int64_t now)
{
	bool damaged;
	struct journal *j = open_at(now, &damaged);

	ok(!damaged, "the journal is whole");
	return j;
}

static void close_it(struct journal *j, bool keep)
{
	struct sym_err err;

	must(journal_close(j, keep, &err), &err);
}

static struct journal_entry entry(unsigned i)
{
	static const enum journal_state states[] = {JOURNAL_THERE, JOURNAL_KEPT, JOURNAL_WARNED};
	struct journal_entry e = {.state = states[i % 3],
				  .when_s = NOW,
				  .device = 1,
				  .inode = UINT64_MAX - i % 2,
				  .size = i,
				  .mtime_ns = -1 - (int64_t)i,
				  .ctime_ns = INT64_MAX / 2,
				  .slice_offset = 4096,
				  .slice_size = i,
				  .target_inode = 3 * i,
				  .target_size = i,
				  .target_ctime_ns = 1700000000123456789,
				  .has_sha256 = i % 3 != 0};

	for (size_t b = 0; b < 32 && e.has_sha256; b++)
		e.sha256[b] = (uint8_t)(b * 7 + i);
	return e;
}

static bool same(const struct journal_entry *a, const struct journal_entry *b)
{
	return a->state == b->state && a->when_s == b->when_s && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
	       a->slice_offset == b->slice_offset && a->slice_size == b->slice_size &&
	       a->target_inode == b->target_inode && a->target_size == b->target_size &&
	       a->target_ctime_ns == b->target_ctime_ns && a->has_sha256 == b->has_sha256 &&
	       memcmp(a->sha256, b->sha256, 32) == 0;
}

static const char *path_of(unsigned i)
{
	static char path[64];

	snprintf(path, sizeof path, "module %u.pdb/%08X1/module %u.pdb", i, i * 2654435761u, i);
	return path;
}

static void note(struct journal *j, const char *place, unsigned i)
{
	struct journal_entry e = entry(i);

	journal_note(j, place, path_of(i), &e);
}

static bool finds(struct journal *j, const char *place, unsigned i)
{
	struct journal_entry want = entry(i), got;

	return journal_find(j, place, path_of(i), &got) && same(&got, &want);
}

/* All of the file, NUL-terminated, to free. */
static char *journal_text(size_t *size)
{
	struct os_stat st;
	struct sym_err err;
	os_file file;
	char *text;

	must(os_open(NULL, name, OS_NOFOLLOW, &file, &st, &err), &err);
	text = calloc(1, (size_t)st.size + 1);
	must(os_read_at(file, 0, text, (size_t)st.size, size, &err), &err);
	os_close_quietly(file);
	return text;
}

static void put_journal(const char *text, size_t size)
{
	struct sym_err err;
	os_file file;

	(void)!os_unlink(NULL, name, &err);
	must(os_create(NULL, name, &file, &err), &err);
	must(os_write(file, text, size, &err), &err);
	must(os_close(file, &err), &err);
}

static void test_there_and_back(void)
{
	enum { COUNT = 5000 };
	struct journal *j = open_good(NOW);
	struct journal_entry e;
	unsigned found = 0, elsewhere = 0;

	ok(!journal_find(j, "s3://b", path_of(1), &e), "a missing journal knows nothing");
	for (unsigned i = 0; i < COUNT; i++)
		note(j, i % 2 ? "s3://b/prefix" : "/srv/symbols", i);
	ok(!journal_find(j, "/srv/symbols", path_of(0), &e), "what this run notes is for the next");
	close_it(j, true);

	j = open_good(NOW + DAY);
	for (unsigned i = 0; i < COUNT; i++) {
		found += finds(j, i % 2 ? "s3://b/prefix" : "/srv/symbols", i);
		elsewhere += journal_find(j, i % 2 ? "/srv/symbols" : "s3://b/prefix", path_of(i), &e);
	}
	is_u64(found, COUNT, "all comes back, to the bit");
	for (unsigned i = COUNT; i > COUNT - 300; i--)
		found += finds(j, (i - 1) % 2 ? "s3://b/prefix" : "/srv/symbols", i - 1);
	is_u64(found, COUNT + 300, "in any order");
	is_u64(elsewhere, 0, "and each for its own target only");
	close_it(j, false);
}

static void test_other_runs(void)
{
	struct journal *j = open_good(NOW + DAY);
	struct journal_entry e;
	char *before, *after;
	size_t size, again;

	note(j, "https://h/", 7);
	journal_forget(j, "s3://b/prefix", path_of(1));
	close_it(j, true);
	j = open_good(NOW + DAY);
	ok(finds(j, "https://h/", 7) && finds(j, "s3://b/prefix", 3) && finds(j, "/srv/symbols", 2),
	   "what another run noted stays");
	ok(!journal_find(j, "s3://b/prefix", path_of(1), &e), "what a run forgets is gone");
	close_it(j, true);
	before = journal_text(&size);
	close_it(open_good(NOW + DAY), true);
	after = journal_text(&again);
	ok(size == again && memcmp(before, after, size) == 0, "a run without news leaves the same bytes");
	free(before);
	free(after);

	j = open_good(NOW + 8 * DAY);
	e = entry(7);
	e.when_s = NOW + 8 * DAY;
	journal_note(j, "https://h/", path_of(7), &e);
	close_it(j, true);
	j = open_good(NOW + 8 * DAY);
	ok(journal_find(j, "https://h/", path_of(7), &e), "what is noted again stays");
	ok(!journal_find(j, "s3://b/prefix", path_of(3), &e), "what is too old is dropped");
	close_it(j, false);
}

/* Folders may be called anything. */
static void test_newline(void)
{
	struct journal *j = open_good(NOW);

	note(j, "/srv/two\nlines", 1);
	note(j, "/srv/symbols", 2);
	close_it(j, true);
	j = open_good(NOW);
	ok(finds(j, "/srv/symbols", 2), "a target that is no line is left out of the journal, and harms no other");
	close_it(j, false);
}

static void test_death(void)
{
	char *before, *after;
	size_t size, again;
	struct journal *j;
	struct sym_err err;

	before = journal_text(&size);
	j = open_good(NOW + 8 * DAY);
	for (unsigned i = 0; i < 3000; i++)
		note(j, "https://other/", i);
	close_it(j, false); /* nothing it wrote has a name, as after a kill */
	after = journal_text(&again);
	ok(size == again && memcmp(before, after, size) == 0, "a run that dies leaves the old journal");
	free(before);
	free(after);

	j = open_good(NOW + 8 * DAY);
	must(os_unlink(NULL, name, &err), &err);
	must(os_mkdirs(name, &err), &err);
	ok(journal_close(j, true, &err) != SYM_OK, "a journal that cannot be written is told");
	ok(strstr(err.text, name) != NULL, "by its name: %s", err.text);
	must(os_rmdir(NULL, name, &err), &err);
}

static void test_damage(void)
{
	static const char *const texts[] = {
		"",
		"symbol-upl",
		"symbol-upload journal 2\n",
		"symbol-upload journal 1",
		"symbol-upload journal 1\nx\n",
		"symbol-upload journal 1\ntarget 1 x\n",
		"symbol-upload journal 1\n0 1 2 3 4 5 6 7 8 9 10 11 + - path\n",
		"symbol-upload journal 1\ntarget 0 x\n0 1 2 3 4 5 6 7 8 9 10 + - path\n",
		"symbol-upload journal 1\ntarget 0 x\n0 1 2 3 4 5 6 7 8 9 10 11 + abcd path\n",
		"symbol-upload journal 1\ntarget 0 x\n0 1 2 3 4 5 6 7 8 9 10 99999999999999999999 + - path\n",
		"symbol-upload journal 1\ntarget 0 x\n0 1 2 3 4 5 6 7 8 9 10 11 ? - path\n",
		"symbol-upload journal 1\ntarget 0 x\n0 1 2 3 4 5 6 7 8 9 10 11 + - path",
	};
	struct journal_entry e;
	struct journal *j;
	bool damaged;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		put_journal(texts[i], strlen(texts[i]));
		j = open_at(NOW, &damaged);
		ok(damaged && !journal_find(j, "x", "path", &e), "damage is seen: case %zu", i);
		note(j, "x", 1);
		close_it(j, true);
		j = open_good(NOW);
		ok(finds(j, "x", 1), "and the journal begun anew");
		close_it(j, false);
	}
}

/* Cut anywhere or with any byte changed it is read or refused, never more. */
static void test_hostile(void)
{
	char *text;
	size_t size;
	struct journal_entry e;
	struct sym_err err;
	bool damaged;

	text = journal_text(&size);
	for (size_t i = 0; i < size; i++) {
		struct journal *j;
		char was = text[i];

		put_journal(text, i);
		j = open_at(NOW, &damaged);
		(void)journal_find(j, "x", path_of(1), &e);
		close_it(j, false);
		text[i] = (char)(was + 1 + (char)(i % 200));
		put_journal(text, size);
		if (i < strlen("symbol-upload journal ")) {
			is_u64(journal_open(name, DAY, NOW, &j, &damaged, &err), SYM_USAGE,
			       "a file of another kind is refused");
		} else {
			j = open_at(NOW, &damaged);
			(void)journal_find(j, "x", path_of(1), &e);
			close_it(j, true);
		}
		text[i] = was;
	}
	ok(true, "%zu cuts and %zu changed bytes are survived", size, size);
	free(text);
}

int main(void)
{
	char folder[32];
	struct os_dir *dir = scratch_open(folder);

	snprintf(name, sizeof name, "%s/journal", folder);
	test_there_and_back();
	test_other_runs();
	test_newline();
	test_death();
	test_damage();
	test_hostile();
	scratch_close(dir, folder);
	return done();
}
