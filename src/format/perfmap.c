/* SPDX-License-Identifier: MIT
 * The map of a ready-to-run image (.r2rmap): lines of address, length and name, in
 * hex. The first ones have addresses that no code has:
 *
 *   FFFFFFFF 00 <32 digits>  signature; the image names it in its debug directory
 *   FFFFFFFE 00 <number>     version
 *   FFFFFFFD 00 <number>     operating system
 *   FFFFFFFC 00 <number>     architecture
 *   FFFFFFFB 00 <number>     ABI
 *
 * Layout: dotnet's "Ready to run PerfMap format". Its later versions keep these lines, and are
 * asked for by their own number (dotnet/symstore, PerfMapFile). */
#include "format/format.h"

#include "base/text.h"

#include <string.h>

enum { SIGNATURE_DIGITS = 32 };

struct perfmap {
	const char *text; /* borrowed: the head of the file */
	size_t size, pos;
};

/* The value of the next line, which must start with `address`; NULL where it does not. */
static const char *next_value(struct perfmap *map, const char *address, size_t *len)
{
	const char *line = map->text + map->pos;
	size_t left = map->size - map->pos;
	const char *newline = memchr(line, '\n', left);
	size_t line_len = newline ? (size_t)(newline - line) : left;
	const size_t prefix = strlen("FFFFFFFF 00 ");

	map->pos += line_len + (newline ? 1 : 0);
	if (line_len > 0 && line[line_len - 1] == '\r')
		line_len--;
	if (line_len < prefix || memcmp(line, address, 8) != 0 || memcmp(line + 8, " 00 ", 4) != 0)
		return NULL;
	*len = line_len - prefix;
	return line + prefix;
}

/* A decimal number of 32 bits; false for anything else. */
static bool next_number(struct perfmap *map, const char *address, uint32_t *out)
{
	size_t len;
	const char *digits = next_value(map, address, &len);
	uint64_t number = 0;

	if (!digits || len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(digits[i] - '0');
		if (number > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)number;
	return true;
}

/* PerfMapArchitectureToken */
static enum sym_arch arch_of(uint32_t token)
{
	static const enum sym_arch archs[] = {SYM_ARCH_UNKNOWN, SYM_ARCH_ARM, SYM_ARCH_ARM64,
					      SYM_ARCH_X86_64, SYM_ARCH_X86};

	return token < ARRAY_LEN(archs) ? archs[token] : SYM_ARCH_UNKNOWN;
}

static enum sym_status read_head(struct perfmap *map, struct sym_identity *id, struct sym_err *err)
{
	size_t len;
	const char *digits = next_value(map, "FFFFFFFF", &len);
	uint32_t system, arch = 0, abi;
	const struct {
		const char *address, *what;
		uint32_t *number;
	} rows[] = {
		{"FFFFFFFE", "version", &id->perfmap_version},
		{"FFFFFFFD", "operating system's", &system},
		{"FFFFFFFC", "architecture's", &arch},
		{"FFFFFFFB", "ABI's", &abi},
	};

	if (!digits || len != SIGNATURE_DIGITS || !text_hex_bytes(digits, id->debug.guid, 16))
		return err_at(err, SYM_MALFORMED, 12, "the signature is not %d hex digits",
			      SIGNATURE_DIGITS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t at = map->pos;

		if (!next_number(map, rows[i].address, rows[i].number))
			return err_at(err, SYM_MALFORMED, at, "the %s line is missing or damaged",
				      rows[i].what);
	}
	id->arch = arch_of(arch);
	if (identity_is_zero(id->debug.guid, sizeof id->debug.guid))
		return err_at(err, SYM_NO_KEY, 12, "the perfmap's signature is all zeros");
	return SYM_OK;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, PERFMAP_HEAD_BYTES);
	struct perfmap map = {.size = reader_left(&r)};
	struct sym_identity id;
	enum sym_status status;

	map.text = (const char *)reader_bytes(&r, map.size);
	if (!map.text || map.size < 12 || memcmp(map.text, "FFFFFFFF 00 ", 12) != 0)
		return SYM_NOT_MINE;
	identity_start(&id, SYM_PERFMAP, blob);
	status = read_head(&map, &id, err);
	if (status != SYM_OK)
		return status;
	if (format_has_zeros(blob, blob->size, 1))
		return err_at(err, SYM_MALFORMED, blob->size - 1, "the text ends in zeros: its end was never written");
	id.has = SYM_HAS_SYMBOLS;
	return sink->found(sink->ctx, &id);
}

const struct format perfmap_format = {.name = "perfmap", .title = "R2R perf map", .identify = identify};
