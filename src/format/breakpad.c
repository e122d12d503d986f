/* SPDX-License-Identifier: MIT
 * Breakpad's .sym, a text made by dump_syms:
 *
 *   MODULE <os> <architecture> <identifier> <name: the rest of the line>
 *   INFO CODE_ID <digits> [name of the image]
 *   FILE … FUNC … PUBLIC … STACK …
 *
 * Images of Apple's systems have no code identifier beside the UUID, which is in the
 * MODULE line; for all others dump_syms can write it.
 *
 * Format: Breakpad's docs/symbol_files.md. The identifier is a GUID and an age, both
 * in hex: 32 digits and 1 to 8. Lines end with LF or CRLF, the last perhaps not at all.
 *
 * What the file has is told by its first 8 and last 4 KiB alone. That is enough:
 * FILE lines come first and stand for functions and lines, STACK lines come last. */
#include "format/format.h"

#include "base/text.h"

#include <string.h>

enum {
	WORD_BYTES = 10, /* MODULE, a blank, and the mark that may stand before */
	TAIL_BYTES = 4096,
	GUID_DIGITS = 32,
};

/* Text of the file, taken apart from its front. */
struct text {
	const char *at; /* borrowed */
	size_t len;
	uint64_t offset; /* of `at`, bytes from the start of the file */
};

/* Takes what stands before `end`, which is passed over; all where `end` is missing. */
static struct text take_until(struct text *text, char end)
{
	struct text taken = *text;
	const char *stop = memchr(text->at, end, text->len);
	size_t n;

	if (stop)
		taken.len = (size_t)(stop - text->at);
	n = taken.len + (stop ? 1 : 0);
	text->at += n;
	text->len -= n;
	text->offset += n;
	return taken;
}

/* Takes a line without its LF or CRLF. */
static struct text take_line(struct text *text)
{
	struct text line = take_until(text, '\n');

	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Takes `prefix` where the text starts with it. */
static bool take_prefix(struct text *text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (text->len < n || memcmp(text->at, prefix, n) != 0)
		return false;
	text->at += n;
	text->len -= n;
	text->offset += n;
	return true;
}

static struct text text_of(struct reader *r)
{
	struct text text = {.offset = r->origin, .len = reader_left(r)};

	text.at = (const char *)reader_bytes(r, text.len);
	if (!text.at)
		text = (struct text){.at = "", .offset = r->origin};
	return text;
}

static enum sym_arch arch_of(struct text word)
{
	static const struct {
		const char *word;
		enum sym_arch arch;
	} others[] = {
		{"i386", SYM_ARCH_X86},      {"i686", SYM_ARCH_X86},
		{"amd64", SYM_ARCH_X86_64},  {"aarch64", SYM_ARCH_ARM64},
		{"riscv", SYM_ARCH_RISCV32}, {"wasm", SYM_ARCH_WASM32},
	};

	for (int arch = SYM_ARCH_UNKNOWN + 1; arch < SYM_ARCH_COUNT; arch++)
		if (text_is(word.at, word.len, arch_word((enum sym_arch)arch)))
			return (enum sym_arch)arch;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (text_is(word.at, word.len, others[i].word))
			return others[i].arch;
	return SYM_ARCH_UNKNOWN;
}

static size_t count_hex_digits(struct text text)
{
	size_t n = 0;

	while (n < text.len && text_hex_value(text.at[n]) >= 0)
		n++;
	return n;
}

static enum sym_status read_id(struct text digits, struct sym_identity *id, struct sym_err *err)
{
	size_t hex = count_hex_digits(digits);

	if (hex < digits.len)
		return err_at(err, SYM_MALFORMED, digits.offset + hex,
			      "the identifier holds something that is no hex digit");
	if (hex <= GUID_DIGITS || hex > SYM_WRITTEN_ID_MAX)
		return err_at(err, SYM_MALFORMED, digits.offset,
			      "the identifier has %zu digits, not 33 to 40", hex);
	memcpy(id->written_id, digits.at, hex);
	id->written_id[hex] = '\0';
	id->debug.form = SYM_DEBUG_AGE;
	(void)text_hex_bytes(digits.at, id->debug.guid, 16); /* all digits are known to be hex */
	for (size_t i = GUID_DIGITS; i < hex; i++)
		id->debug.age = id->debug.age << 4 | (uint32_t)text_hex_value(digits.at[i]);
	if (identity_is_zero(id->debug.guid, sizeof id->debug.guid))
		return err_at(err, SYM_NO_KEY, digits.offset,
			      "the module's identifier is all zeros");
	return SYM_OK;
}

/* The name may be a path of the machine that built it; the last component counts. */
static enum sym_status read_name(struct text name, struct sym_identity *id, struct sym_err *err)
{
	if (name.len > 0 && memchr(name.at, '\0', name.len))
		return err_at(err, SYM_MALFORMED, name.offset, "the module's name holds a NUL");
	identity_set_name(id->name, name.at, name.len);
	if (id->name[0] == '\0')
		return err_at(err, SYM_MALFORMED, name.offset,
			      name.len > SYM_NAME_MAX ? "the module's name is longer than 255 bytes"
						      : "the MODULE line names no module");
	return SYM_OK;
}

/* "mac" or "ios", and what begins so, in any letter case: the makers of .sym files differ. */
static bool is_apple(struct text system)
{
	char word[] = "   ";

	if (system.len < 3)
		return false;
	memcpy(word, system.at, 3);
	return text_same_nocase(word, "mac") || text_same_nocase(word, "ios");
}

/* Leaves SYM_NO_CODE_ID set, for INFO CODE_ID to clear. */
static enum sym_status read_module(struct text line, struct sym_identity *id, struct sym_err *err)
{
	enum sym_status status;
	struct text system = take_until(&line, ' '), arch = take_until(&line, ' ');

	if (system.len == 0 || arch.len == 0)
		return err_at(err, SYM_MALFORMED, system.len == 0 ? system.offset : arch.offset,
			      "the MODULE line names no %s", system.len == 0 ? "system" : "architecture");
	if (!is_apple(system))
		id->traits |= SYM_NO_CODE_ID;
	id->arch = arch_of(arch);
	status = read_id(take_until(&line, ' '), id, err);
	return status == SYM_OK ? read_name(line, id, err) : status;
}

static void read_code_id(struct text line, struct sym_identity *id)
{
	struct sym_code_id *code = &id->code;
	struct text digits = take_until(&line, ' ');

	if (digits.len == 0 || digits.len > SYM_CODE_MAX || count_hex_digits(digits) < digits.len)
		return;
	code->form = SYM_CODE_TEXT;
	code->len = (uint8_t)digits.len;
	memcpy(code->bytes, digits.at, digits.len);
	id->traits &= ~(unsigned)SYM_NO_CODE_ID;
}

/* `has`, and what the records whose beginnings stand in `text` add to it. */
static unsigned has_of(struct text text, unsigned has)
{
	const unsigned all = SYM_HAS_SYMBOLS | SYM_HAS_DEBUG | SYM_HAS_UNWIND;
	static const struct {
		const char *word;
		unsigned has;
	} records[] = {
		{"FILE ", SYM_HAS_SYMBOLS | SYM_HAS_DEBUG},
		{"FUNC ", SYM_HAS_SYMBOLS | SYM_HAS_DEBUG},
		{"PUBLIC ", SYM_HAS_SYMBOLS},
		{"STACK ", SYM_HAS_UNWIND},
	};

	while (text.len > 0 && has != all) {
		struct text line = take_line(&text);

		for (size_t i = 0; i < ARRAY_LEN(records); i++)
			if (take_prefix(&line, records[i].word))
				has |= records[i].has;
	}
	return has;
}

/* The records at the end of a file that is longer than its head. */
static unsigned has_of_tail(struct blob *blob)
{
	struct reader r;
	struct text text;

	if (blob->size <= SYM_LINE_MAX)
		return 0;
	r = blob_view(blob, blob->size - TAIL_BYTES, TAIL_BYTES);
	text = text_of(&r);
	take_line(&text); /* begun before */
	return has_of(text, 0);
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, WORD_BYTES);
	struct text text = text_of(&r), line;
	struct sym_identity id;
	enum sym_status status;

	if (take_prefix(&text, "\xEF\xBB\xBFMODULE "))
		return err_at(err, SYM_MALFORMED, 0,
			      "a byte order mark stands before the MODULE line: "
			      "no reader of .sym files takes that");
	if (!take_prefix(&text, "MODULE "))
		return SYM_NOT_MINE;
	r = blob_view_some(blob, 0, SYM_LINE_MAX);
	text = text_of(&r);
	if (blob->size > SYM_LINE_MAX && !memchr(text.at, '\n', text.len))
		return err_at(err, SYM_TOO_BIG, 0, "the MODULE line is longer than %u bytes",
			      SYM_LINE_MAX);
	line = take_line(&text);
	take_prefix(&line, "MODULE ");
	identity_start(&id, SYM_BREAKPAD, blob);
	status = read_module(line, &id, err);
	if (status != SYM_OK)
		return status;
	id.has = has_of(text, has_of_tail(blob));
	if (format_has_zeros(blob, blob->size, 1))
		return err_at(err, SYM_MALFORMED, blob->size - 1, "the text ends in zeros: its end was never written");
	/* A line without end may have been cut within its digits. */
	while (!id.code.form && take_prefix(&text, "INFO ") && memchr(text.at, '\n', text.len)) {
		line = take_line(&text);
		if (take_prefix(&line, "CODE_ID "))
			read_code_id(line, &id);
	}
	return sink->found(sink->ctx, &id);
}

const struct format breakpad_format = {.name = "breakpad", .title = "Breakpad .sym", .identify = identify};
