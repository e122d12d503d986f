/* SPDX-License-Identifier: MIT
 * Facts, offsets, prefixes; texts that are too long are cut and never overflow. */
#include "base/err.h"

#include "base/text.h"
#include "tap.h"

#include <errno.h>

static void facts(void)
{
	struct sym_err err;

	memset(&err, 0xff, sizeof err);
	is_u64(err_set(&err, SYM_REFUSED, "the name \"%s\" is taken", "x"), SYM_REFUSED,
	       "err_set answers its status");
	is_str(err.text, "the name \"x\" is taken", "and keeps the fact");
	ok(err.status == SYM_REFUSED && err.sys == 0 && !err.has_offset,
	   "and forgets what was there");

	is_u64(err_at(&err, SYM_MALFORMED, UINT64_MAX, "the table is cut short"), SYM_MALFORMED,
	       "err_at");
	ok(err.has_offset && err.offset == UINT64_MAX, "keeps the offset");

	is_u64(err_sys(&err, SYM_IO, ENOSPC, "cannot write"), SYM_IO, "err_sys");
	ok(err.sys == ENOSPC, "keeps errno");
	ok(strncmp(err.text, "cannot write: ", 14) == 0 && strlen(err.text) > 14,
	   "and says it in words");
}

static void prefixes(void)
{
	struct sym_err err;

	err_at(&err, SYM_TOO_BIG, 12, "its directory is too big");
	is_u64(err_prefix(&err, "stream %d", 3), SYM_TOO_BIG, "err_prefix answers the status");
	is_str(err.text, "stream 3: its directory is too big", "context comes first");
	ok(err.has_offset && err.offset == 12, "the offset stays");
}

static void long_texts(void)
{
	char text[400];
	struct sym_err err;

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_set(&err, SYM_REFUSED, "%s", text);
	is_u64(strlen(err.text), sizeof err.text - 1, "a long fact is cut");
	err_prefix(&err, "here");
	ok(strncmp(err.text, "here: xxx", 9) == 0, "a prefix on it");
	is_u64(strlen(err.text), sizeof err.text - 1, "is cut again");
	err_prefix(&err, "%s", text);
	is_u64(strlen(err.text), sizeof err.text - 1,
	       "a long prefix leaves no room, and does no harm");
	err_sys(&err, SYM_IO, EIO, "%s", text);
	is_u64(strlen(err.text), sizeof err.text - 1, "nor does a long fact with errno");
}

/* What is cut is cut between letters: 239 bytes are no whole number of those with two. */
static void long_letters(void)
{
	char text[401];
	struct sym_err err;

	for (size_t i = 0; i < sizeof text - 1; i += 2)
		memcpy(text + i, "é", 3);
	err_set(&err, SYM_REFUSED, "%s", text);
	ok(text_is_utf8(err.text, strlen(err.text)), "a long fact");
	is_u64(strlen(err.text), sizeof err.text - 2, "loses the whole letter");
	err_prefix(&err, "here");
	ok(text_is_utf8(err.text, strlen(err.text)), "and so with a prefix");
	err_prefix(&err, "%s", text);
	ok(text_is_utf8(err.text, strlen(err.text)), "however long");
}

/* A path may be as long as it likes: why it cannot be had is said. */
static void reasons_stay(void)
{
	char path[2000] = "store/";
	struct sym_err err;

	memset(path + 6, 'n', sizeof path - 7);
	memcpy(path + sizeof path - 9, "/app.pdb", 9);
	err_set(&err, SYM_EXISTS, "other bytes stand there");
	err_prefix(&err, "kept %s", path);
	ok(strncmp(err.text, "kept store/nnn", 14) == 0 && strstr(err.text, "nnn...nnn"),
	   "of a long path the middle is left out");
	ok(strstr(err.text, "nnn/app.pdb: other bytes stand there"), "and neither its end nor the reason");
	is_u64(strlen(err.text), sizeof err.text - 1, "what there is room for is said");
	err_sys(&err, SYM_IO, EIO, "cannot open %s", path);
	ok(strncmp(err.text, "cannot open store/", 18) == 0 && strstr(err.text, strerror(EIO)),
	   "and so is what the system said");

	memset(path, 0, sizeof path);
	for (size_t i = 0; i + 2 < sizeof path; i += 2)
		memcpy(path + i, "\u00fc", 2);
	err_set(&err, SYM_EXISTS, "taken");
	err_prefix(&err, "a%s", path);
	ok(text_is_utf8(err.text, strlen(err.text)), "no character is cut in two");
}

static void words(void)
{
	bool all = true;

	for (int s = SYM_OK; s <= SYM_CANCELLED; s++)
		all = all && strcmp(status_word((enum sym_status)s), "unknown") != 0;
	ok(all, "each status has a word");
	is_str(status_word(SYM_NO_KEY), "no-key", "no-key");
	is_str(status_word((enum sym_status)99), "unknown", "a number that is none has one too");
}

int main(void)
{
	facts();
	prefixes();
	long_texts();
	long_letters();
	reasons_stay();
	words();
	return done();
}
