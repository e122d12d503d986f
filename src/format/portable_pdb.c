/* SPDX-License-Identifier: MIT
 * Portable PDB: the debug information of .NET, as CLI metadata.
 *
 *   0        "BSJB", u16 major, u16 minor, u32 reserved, u32 L, version text (L bytes)
 *   16 + L   u16 flags, u16 number of streams, then for each: u32 offset, u32 size,
 *            name with its NUL, padded to 4
 *   #Pdb     GUID (16), u32 stamp: the identifier; metadata without it is no PDB
 *   #GUID    16 bytes each, among them the kinds of custom debug information
 *
 * Layout: ECMA-335 II.24.2 and dotnet's "Portable PDB v1.0". Symbol servers are asked
 * with FFFFFFFF for the age; the stamp counts only for readers that know it. */
#include "format/format.h"

#include <string.h>

enum {
	STREAM_HEADER_BYTES_MAX = 8 + CLI_STREAM_NAME_MAX,
	STREAM_LIST_BYTES_MAX = 4 + CLI_STREAMS_MAX * STREAM_HEADER_BYTES_MAX,
	PDB_ID_BYTES = 20,
	GUID_BYTES_MAX = 4096, /* of #GUID, what is looked through */
	ZEROS_AT_END = 256,    /* more than scopes without code leave behind */
};

struct stream {
	uint64_t offset, size; /* bytes; size 0: there is none */
	uint64_t stated_at;    /* where its header stands, from the start of the file */
};

struct portable {
	struct blob *blob;
	struct stream pdb, guids;
	struct stream streams[CLI_STREAMS_MAX];
	unsigned count;
};

/* One stream header. */
static enum sym_status read_stream(struct portable *portable, struct reader *r, struct sym_err *err)
{
	struct stream stream = {.stated_at = r->origin + r->pos};
	char name[CLI_STREAM_NAME_MAX];
	size_t n = 0;

	stream.offset = reader_u32(r);
	stream.size = reader_u32(r);
	do {
		const uint8_t *four = reader_bytes(r, 4);

		if (!four)
			return blob_verdict(portable->blob, r, "the metadata's stream list", err);
		if (n == sizeof name)
			return err_at(err, SYM_MALFORMED, stream.stated_at,
				      "the name of a metadata stream does not end");
		memcpy(name + n, four, 4);
		n += 4;
	} while (!memchr(name, '\0', n));
	portable->streams[portable->count++] = stream;
	if (strcmp(name, "#Pdb") == 0)
		portable->pdb = stream;
	if (strcmp(name, "#GUID") == 0)
		portable->guids = stream;
	return SYM_OK;
}

static bool overlap(const struct stream *a, const struct stream *b)
{
	return a->size > 0 && b->size > 0 && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

/* Every stream must lie inside the file, behind the headers and apart from the others, the
 * wanted ones or not: a PDB that was cut short or overwritten is of no use to anybody. */
static enum sym_status check_places(const struct portable *portable, uint64_t headers_end,
				    struct sym_err *err)
{
	for (unsigned i = 0; i < portable->count; i++) {
		const struct stream *stream = &portable->streams[i];

		if (!range_ok(stream->offset, stream->size, portable->blob->size))
			return err_at(err, SYM_MALFORMED, stream->stated_at,
				      "a metadata stream, at %u, reaches beyond the end of the file",
				      (unsigned)stream->offset);
		if (stream->size > 0 && stream->offset < headers_end)
			return err_at(err, SYM_MALFORMED, stream->stated_at,
				      "a metadata stream, at %u, begins within the headers",
				      (unsigned)stream->offset);
		for (unsigned k = 0; k < i; k++)
			if (overlap(stream, &portable->streams[k]))
				return err_at(err, SYM_MALFORMED, stream->stated_at,
					      "a metadata stream, at %u, overlaps another",
					      (unsigned)stream->offset);
	}
	return SYM_OK;
}

static enum sym_status read_streams(struct portable *portable, uint64_t at, struct sym_err *err)
{
	struct reader r = blob_view_some(portable->blob, at, STREAM_LIST_BYTES_MAX);
	enum sym_status status = SYM_OK;
	uint16_t count;

	reader_skip(&r, 2); /* Flags */
	count = reader_u16(&r);
	if (r.bad)
		return blob_verdict(portable->blob, &r, "the metadata's stream list", err);
	if (count > CLI_STREAMS_MAX)
		return err_at(err, SYM_MALFORMED, at + 2,
			      "the metadata has %u streams, more than %u", (unsigned)count,
			      CLI_STREAMS_MAX);
	for (unsigned i = 0; i < count && status == SYM_OK; i++)
		status = read_stream(portable, &r, err);
	return status == SYM_OK ? check_places(portable, r.origin + r.pos, err) : status;
}

/* Embedded text or SourceLink shows in its kind's GUID: the heap would not hold it otherwise. */
static bool has_sources(struct portable *portable)
{
	static const uint8_t kinds[2][16] = {
		/* CC110556-A091-4D38-9FEC-25AB9A351A6A, SourceLink */
		{0x56, 0x05, 0x11, 0xCC, 0x91, 0xA0, 0x38, 0x4D, 0x9F, 0xEC, 0x25, 0xAB, 0x9A, 0x35,
		 0x1A, 0x6A},
		/* 0E8A571B-6926-466E-B4AD-8AB04611F5FE, embedded source */
		{0x1B, 0x57, 0x8A, 0x0E, 0x26, 0x69, 0x6E, 0x46, 0xB4, 0xAD, 0x8A, 0xB0, 0x46, 0x11,
		 0xF5, 0xFE},
	};
	struct reader r = blob_view_some(portable->blob, portable->guids.offset,
					 min_u64(portable->guids.size, GUID_BYTES_MAX));

	while (reader_left(&r) >= 16) {
		const uint8_t *guid = reader_bytes(&r, 16);

		if (!guid)
			break;
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (memcmp(guid, kinds[i], 16) == 0)
				return true;
	}
	return false;
}

static enum sym_status read_id(struct portable *portable, struct sym_debug_id *debug,
			       struct sym_err *err)
{
	const struct stream *pdb = &portable->pdb;
	struct reader r;

	if (pdb->size == 0)
		return err_set(err, SYM_UNSUPPORTED,
			       "CLI metadata without a #Pdb stream is no PDB");
	if (pdb->size < PDB_ID_BYTES)
		return err_at(err, SYM_MALFORMED, pdb->stated_at,
			      "the #Pdb stream has %u bytes, fewer than its identifier",
			      (unsigned)pdb->size);
	r = blob_view(portable->blob, pdb->offset, PDB_ID_BYTES);
	reader_guid(&r, debug->guid);
	debug->age = reader_u32(&r);
	debug->form = SYM_DEBUG_PORTABLE;
	if (r.bad)
		return blob_verdict(portable->blob, &r, "the #Pdb stream", err);
	if (identity_is_zero(debug->guid, sizeof debug->guid))
		return err_set(err, SYM_NO_KEY, "the portable PDB's identifier is all zeros");
	return SYM_OK;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct portable portable = {.blob = blob};
	struct reader r = blob_view_some(blob, 0, 16);
	const uint8_t *magic = reader_bytes(&r, 4);
	struct sym_identity id;
	uint32_t version_bytes;
	enum sym_status status;

	if (!magic || memcmp(magic, "BSJB", 4) != 0)
		return SYM_NOT_MINE;
	reader_skip(&r, 8); /* MajorVersion, MinorVersion, Reserved */
	version_bytes = reader_u32(&r);
	if (r.bad)
		return blob_verdict(blob, &r, "the metadata root", err);
	if (version_bytes == 0 || version_bytes > CLI_VERSION_BYTES_MAX)
		return err_at(err, SYM_MALFORMED, 12, "the metadata's version text has %u bytes",
			      (unsigned)version_bytes);
	identity_start(&id, SYM_PORTABLE_PDB, blob);
	status = read_streams(&portable, 16 + (uint64_t)version_bytes, err);
	if (status == SYM_OK)
		status = read_id(&portable, &id.debug, err);
	if (status != SYM_OK)
		return status;
	if (format_has_zeros(blob, blob->size, ZEROS_AT_END))
		return err_at(err, SYM_MALFORMED, blob->size - ZEROS_AT_END, "the end of the file is all zeros");
	id.has = SYM_HAS_DEBUG;
	if (has_sources(&portable))
		id.has |= SYM_HAS_SOURCES;
	return sink->found(sink->ctx, &id);
}

const struct format portable_pdb_format = {
	.name = "portable_pdb", .title = "portable PDB", .identify = identify};
