/* SPDX-License-Identifier: MIT */
#include "pipeline/pairs/flaw.h"

#include "format/format.h"
#include "key/key.h"

static const struct {
	const char *word, *brief;
} rows[FLAW_COUNT] = {
	[FLAW_UNPAIRED] = {"unpaired", "debug information missing"},
	[FLAW_OTHER_AGE] = {"other-age", "only a PDB of another age"},
	[FLAW_OTHER_BUILD] = {"other-build", "only debug information of another build"},
	[FLAW_OTHER_NAME] = {"other-name", "the PDB under another name"},
	[FLAW_CRC] = {"crc32", "a companion of another CRC"},
	[FLAW_FASTLINK] = {"fastlink", "a fastlink PDB"},
	[FLAW_SPLIT_DWARF] = {"split-dwarf", "debug information in .dwo files"},
	[FLAW_SHARED_DWARF] = {"shared-dwarf", "debug information in a file of dwz --dwarf-5"},
	[FLAW_PUBLIC] = {"public", "a public PDB"},
	[FLAW_NO_DEBUG] = {"no-debug", "no debug information"},
	[FLAW_NO_UNWIND] = {"no-unwind", "no unwind information"},
	[FLAW_NO_CODE_ID] = {"no-code-id", "a .sym without CODE_ID"},
	[FLAW_TWO_IDS] = {"two-ids", "two build-ids"},
};

bool flaw_is_of_pair(enum flaw flaw)
{
	return flaw <= FLAW_OTHER_NAME;
}

const char *flaw_word(enum flaw flaw)
{
	return rows[flaw].word;
}

const char *flaw_brief(enum flaw flaw)
{
	return rows[flaw].brief;
}

/* Has it to be told that there is no debug information? An image that wants a file is told of
 * with its pair. */
static bool lacks_debug(const struct sym_identity *id, unsigned has)
{
	if (has & SYM_HAS_DEBUG || id->traits & (SYM_DATA_ONLY | SYM_PUBLIC))
		return false;
	switch (id->kind) {
	case SYM_PE:
	case SYM_ELF:
	case SYM_MACHO:
	case SYM_BREAKPAD:
	case SYM_PDB:
		return true;
	case SYM_WASM:
		return (id->traits & SYM_IMAGE) != 0;
	default:
		return false;
	}
}

/* PEs are left out: a .NET assembly has no unwind data and needs none, and that of a 32-bit
 * image is in its PDB. */
static bool lacks_unwind(const struct sym_identity *id, unsigned has)
{
	if (has & SYM_HAS_UNWIND || id->traits & SYM_DATA_ONLY)
		return false;
	if (id->kind == SYM_BREAKPAD)
		return true;
	return (id->kind == SYM_ELF || id->kind == SYM_MACHO) && id->traits & SYM_IMAGE;
}

static unsigned bit(bool is_set, unsigned number)
{
	return is_set ? 1u << number : 0;
}

unsigned flaws_of(const struct sym_identity *id, unsigned has)
{
	return bit(id->traits & SYM_FASTLINK, FLAW_FASTLINK) |
	       bit(id->traits & SYM_SPLIT_DWARF, FLAW_SPLIT_DWARF) |
	       bit(id->traits & SYM_SHARED_DWARF, FLAW_SHARED_DWARF) | bit(id->traits & SYM_PUBLIC, FLAW_PUBLIC) |
	       bit(lacks_debug(id, has), FLAW_NO_DEBUG) | bit(lacks_unwind(id, has), FLAW_NO_UNWIND) |
	       bit(id->traits & SYM_NO_CODE_ID, FLAW_NO_CODE_ID) | bit(id->traits & SYM_TWO_IDS, FLAW_TWO_IDS);
}

uint8_t roles_of(const struct record *r)
{
	struct slices slices = record_slices(r);
	struct sym_identity id;
	unsigned roles = 0;

	while (slices_next(&slices, &id)) {
		struct pairing p;

		roles |= bit(pairing_carries(&id), ROLE_CARRIES) |
			 bit(pairing_wanted(&id, r->name, &p), ROLE_WANTS) |
			 bit(flaws_of(&id, id.has) != 0, ROLE_FLAWED);
	}
	return (uint8_t)roles;
}

static const char *no_debug_text(const struct sym_identity *id)
{
	if (id->kind == SYM_BREAKPAD)
		return "a .sym without FUNC and FILE records: crashes get no lines";
	if (id->kind == SYM_PE)
		return "crashes in it will not symbolicate: it names no PDB and holds no debug information";
	if (id->traits & SYM_IMAGE)
		return "no debug information, and nothing that says where it is (compiled without -g, or stripped of "
		       "it by --strip-debug?): crashes get no lines";
	return "no debug information in a file that is made for it: crashes get no lines";
}

const char *flaw_text(enum flaw flaw, const struct sym_identity *id)
{
	switch (flaw) {
	case FLAW_FASTLINK:
		return "a fastlink PDB is of no use away from its object files: link with /DEBUG:FULL";
	case FLAW_SPLIT_DWARF:
		return "its debug information is in .dwo files, for which no reader asks a store: build without "
		       "-gsplit-dwarf";
	case FLAW_SHARED_DWARF:
		return "a part of its debug information is in a file for which no reader asks a store, and few "
		       "debuggers read the rest: use dwz without --dwarf-5";
	case FLAW_PUBLIC:
		return "a public PDB: crashes get the names of functions, and no lines";
	case FLAW_NO_DEBUG:
		return no_debug_text(id);
	case FLAW_NO_UNWIND:
		if (id->kind == SYM_BREAKPAD)
			return "a .sym without STACK records: stacks through this module are guessed";
		return "no unwind information: stacks through it are guessed";
	case FLAW_NO_CODE_ID:
		return "a .sym without INFO CODE_ID: readers that know the module by its code "
		       "identifier do not find it";
	case FLAW_TWO_IDS:
		return "two build-ids, of which gdb asks for the last, and other readers for the first: link no "
		       "object that has one of its own (ld -r --build-id=none)";
	default:
		return "";
	}
}

enum flaw flaw_of_pairing(const struct pairing *p)
{
	switch (p->state) {
	case PAIRING_OTHER_AGE:
		return FLAW_OTHER_AGE;
	case PAIRING_OTHER_BUILD:
	case PAIRING_SKIPPED:
		return FLAW_OTHER_BUILD;
	case PAIRING_OTHER_NAME:
		return FLAW_OTHER_NAME;
	default:
		return FLAW_UNPAIRED;
	}
}

/* ----------------------------------------------------------- of a pair -- */

/* The identifier that people compare: the PDB's, the build-id, the UUID. */
static void id_text(const struct sym_identity *id, char out[KEY_ID_MAX])
{
	if (id->code.form == SYM_CODE_BYTES)
		key_code_text(&id->code, out);
	else
		key_debug_text(&id->debug, out);
}

static const char *age_of_build(const struct sym_debug_id *found, const struct sym_debug_id *wanted)
{
	if (found->form != wanted->form)
		return "without its age";
	return found->age < wanted->age ? "an older build" : "a newer build";
}

static void add_found(struct buf *out, const struct pairing *p, const char *path)
{
	char id[KEY_ID_MAX];

	if (p->state == PAIRING_SKIPPED) {
		buf_printf(out, " (the one found was skipped: %s)", path);
		return;
	}
	id_text(&p->found_id, id);
	buf_printf(out, " (found %s, %s: %s)", id,
		   p->state == PAIRING_OTHER_AGE ? age_of_build(&p->found_id.debug, &p->wanted.debug)
						 : "another build",
		   path);
}

/* The symbol table of an ELF or wasm file still names functions; that of a Mach-O image tells nothing of
 * it, for what it imports is in there too. */
static const char *outlook(const struct pairing *p)
{
	bool names = p->wanted.kind == SYM_ELF || p->wanted.kind == SYM_WASM;

	return names && p->wanted.has & SYM_HAS_SYMBOLS ? "get no lines" : "will not symbolicate";
}

static void add_wanted(struct buf *out, const struct pairing *p, const char *image, bool fat)
{
	char id[KEY_ID_MAX];

	id_text(&p->wanted, id);
	if (p->wanted.kind == SYM_MACHO)
		buf_printf(out, "%s%sdSYM %s", fat ? arch_word(p->wanted.arch) : "", fat ? " " : "", id);
	else if (p->dwz)
		buf_printf(out, "dwz file %s of build-id %s", p->name, id);
	else if (p->wanted.kind == SYM_ELF && p->unnamed)
		buf_printf(out, "unstripped %s or %s of build-id %s", image, p->name, id);
	else
		buf_printf(out, "%s %s", p->name, id);
}

void flaw_add_pairing(struct buf *out, const struct pairing *p, const char *image, bool fat,
		      const char *where, const char *found)
{
	if (p->dwz)
		buf_printf(out, "debuggers get no lines from %s: its ", image);
	else
		buf_printf(out, "crashes in %s %s: its ", image, outlook(p));
	add_wanted(out, p, image, fat);
	if (p->state == PAIRING_OTHER_NAME) {
		buf_printf(out, " is in this upload under another name, and readers ask by name: %s", found);
		return;
	}
	buf_printf(out, " is not in this upload%s", where);
	if (p->state != PAIRING_ALONE && found)
		add_found(out, p, found);
}
