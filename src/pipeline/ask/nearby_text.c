/* SPDX-License-Identifier: MIT
 * What a near file is, and what to do about it: one sentence for each way to be near. */
#include "pipeline/ask/nearby.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { POINTER_BYTES_MAX = 120 };

struct talk {
	const struct nearby *n;
	const struct key_asked *mine, *theirs;
	struct why_near *near;
};

typedef void talk_fn(const struct talk *t);

PRINTF_LIKE(2, 3) static void say(const struct talk *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->near->text, sizeof t->near->text, format, args);
	va_end(args);
}

/* The first reader of a mask. */
static const char *reader_of(unsigned readers)
{
	for (size_t i = 0; i < key_reader_count; i++)
		if (readers & 1u << i)
			return key_readers[i].name;
	return NULL;
}

/* How to have the path that was asked for: " with --for windbg", or "". */
static const char *with_reader(const struct talk *t, char to[40])
{
	const char *name = reader_of(t->n->at->readers);

	snprintf(to, 40, "%s%s", name ? " with --for " : "", name ? name : "");
	return to;
}

/* Is it the file's own name that differs? All but symproxy, which is lower case, ask for it as spelled. */
static bool is_misnamed(const struct talk *t)
{
	char lower[KEY_PATH_MAX];

	text_put(lower, lower + sizeof lower, t->n->at->path);
	text_lower_all(lower);
	return strcmp(t->mine->file, t->theirs->file) != 0 && strcmp(lower, t->n->at->path) != 0;
}

static void talk_spelling(const struct talk *t)
{
	char with[40];

	if (is_misnamed(t))
		say(t, "it is there in other letters, and this store tells capitals apart: deliver the file under "
		       "the name that is asked for");
	else if (text_same_nocase(t->n->at->path, t->near->path))
		say(t, "it is there in other letters, and this store tells capitals apart: deliver the file "
		       "again%s", with_reader(t, with));
	else
		say(t, "the same key is there, but written with other letters or zeros: deliver the file again%s",
		    with_reader(t, with));
}

static void talk_tier(const struct talk *t)
{
	if (t->n->target->two_tier)
		say(t, "it lies where a store of one tier has it, but index2.txt in the root makes this one of "
		       "two: deliver the file again");
	else if (t->n->root || t->n->target->kind->meet) /* it was looked for */
		say(t, "it lies where a store of two tiers has it, but no index2.txt in the root says that this "
		       "is one: deliver the file again, or put index2.txt there");
	else
		say(t, "it lies where a store of two tiers has it: deliver the file again");
}

static void talk_twin(const struct talk *t)
{
	say(t, "the compressed file is there, which SymSrv's readers alone unpack: deliver the file itself");
}

/* The first line of a file.ptr; "" where it cannot be read. */
static void read_pointer(const struct talk *t, char to[POINTER_BYTES_MAX])
{
	struct os_stat st;
	os_file file;
	size_t got = 0;
	struct sym_err ignored;

	*to = '\0';
	if (!t->n->root || os_open(t->n->root, t->near->path, OS_NOFOLLOW, &file, &st, &ignored) != SYM_OK)
		return;
	if (os_read_at(file, 0, to, POINTER_BYTES_MAX - 1, &got, &ignored) != SYM_OK)
		got = 0;
	to[got] = '\0';
	to[strcspn(to, "\r\n")] = '\0';
	os_close_quietly(file);
}

static void talk_pointer(const struct talk *t)
{
	char where[POINTER_BYTES_MAX];

	read_pointer(t, where);
	say(t, "only a pointer is there, which sends SymSrv's readers to %s: if they cannot reach that, deliver "
	       "the file itself", where[0] ? where : "the path in it");
}

static void talk_reader(const struct talk *t)
{
	const char *there = reader_of(nearby_readers(&t->n->question->asked, t->near->path));
	char with[40];

	say(t, "it lies where %s asks for it: deliver the file%s as well", there ? there : "another reader",
	    with_reader(t, with));
}

static void talk_age(const struct talk *t)
{
	if (t->mine->id.kind == SYM_BREAKPAD)
		say(t, "age %" PRIx32 " is there, and %" PRIx32 " was asked for: it was made of the PDB of another "
		       "link; deliver a .sym of the one that was written with this image",
		    t->theirs->id.debug.age, t->mine->id.debug.age);
	else
		say(t, "age %" PRIx32 " is there, and %" PRIx32 " was asked for: it is the PDB of another link; "
		       "deliver the one that was written with this image",
		    t->theirs->id.debug.age, t->mine->id.debug.age);
}

static void talk_no_age(const struct talk *t)
{
	if (t->mine->id.debug.form == SYM_DEBUG_GUID)
		say(t, "the same GUID is there with age %" PRIx32 ", and was asked for without",
		    t->theirs->id.debug.age);
	else
		say(t, "the same GUID is there without an age, as a PDB without a DBI stream has it, a compiler's: "
		       "deliver the one that the linker wrote, or this one with --fallback-age info");
}

static void talk_portable(const struct talk *t)
{
	char with[40];

	if (t->mine->id.kind == SYM_PORTABLE_PDB)
		say(t, "the same GUID is there as a Windows PDB, or a portable one where BugSplat asks for it: "
		       "deliver the portable PDB%s", with_reader(t, with));
	else
		say(t, "the same GUID is there as a portable PDB, and a Windows PDB was asked for: deliver that");
}

static void talk_cut(const struct talk *t)
{
	say(t, "an identifier of %u bytes is there that begins the same, and %u bytes were asked for: one of the "
	       "two was cut; deliver the file again",
	    (unsigned)t->theirs->id.code.len, (unsigned)t->mine->id.code.len);
}

static void talk_dump(const struct talk *t)
{
	if (t->mine->id.kind == SYM_BREAKPAD)
		say(t, "its PDB is there, which this reader cannot read: deliver it with -m --for breakpad");
	else
		say(t, "a .sym of it is there, which debuggers do not read: deliver the PDB itself");
}

static void talk_part(const struct talk *t)
{
	if (t->mine->id.traits & SYM_COMPANION)
		say(t, "the image is there, and its debug information is not: deliver the file with it, the "
		       "unstripped one or its .debug or dSYM");
	else
		say(t, "the debug information is there, and the image is not: deliver that too");
}

static void talk_size(const struct talk *t)
{
	say(t, "an image of the same time stamp is there, 0x%" PRIx32 " bytes when loaded and not 0x%" PRIx32
	       ": one of the two was changed after the link; deliver the one that ran",
	    t->theirs->id.code.image_size, t->mine->id.code.image_size);
}

static void talk_build(const struct talk *t)
{
	say(t, "another build");
}

static talk_fn *const talks[KEY_NEAR_COUNT] = {
	[KEY_NEAR_SPELLING] = talk_spelling, [KEY_NEAR_TIER] = talk_tier,
	[KEY_NEAR_TWIN] = talk_twin,	     [KEY_NEAR_POINTER] = talk_pointer,
	[KEY_NEAR_READER] = talk_reader,     [KEY_NEAR_AGE] = talk_age,
	[KEY_NEAR_NO_AGE] = talk_no_age,     [KEY_NEAR_PORTABLE] = talk_portable,
	[KEY_NEAR_CUT] = talk_cut,	     [KEY_NEAR_DUMP] = talk_dump,
	[KEY_NEAR_PART] = talk_part,	     [KEY_NEAR_SIZE] = talk_size,
	[KEY_NEAR_BUILD] = talk_build,
};

void nearby_explain(const struct nearby *n, struct why_near *near)
{
	struct key_asked theirs = {0};
	const struct talk t = {.n = n, .mine = &n->asked, .theirs = &theirs, .near = near};

	(void)key_asked_path(near->path, &theirs);
	if (near->misplaced)
		say(&t, "it carries the very key that was asked for, and lies under another: so do tools that "
			"take the age of a PDB's info stream; deliver it again");
	else
		talks[near->near](&t);
}
