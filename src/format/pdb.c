/* SPDX-License-Identifier: MIT
 * PDB 7, the debug information of Microsoft's tools: streams in an MSF file.
 *
 *   stream 1, info   u32 version, signature, age; GUID (16); the names of streams:
 *                    u32 bytes, text, hash table; then u32 features
 *   stream 2, TPI    the types, behind a header of 56 bytes
 *   stream 3, DBI    i32 -1, u32 version, u32 age; at 12 u16 stream of the globals,
 *                    at 16 of the publics, at 24 u32 bytes of the module list,
 *                    at 56 u16 flags, at 58 u16 machine
 *
 * Layout: Microsoft's microsoft-pdb sources and LLVM's "The PDB File Format".
 *
 * The age of the identifier is the one in the DBI stream: it is what the linker wrote
 * into the image, while every later writer of the PDB bumps the one beside the GUID.
 * A PDB without a DBI stream (a compiler's vc140.pdb) goes by its GUID alone, which is
 * how symstore.exe files it.
 *
 * What the PDB has: symbols where DBI names a stream of them, debug where there are
 * types or modules and nothing was stripped, sources where a stream of source server
 * or SourceLink data is named. Unwind data (FPO, .pdata) is listed at the far end of
 * the DBI stream; it is in the private and in the public PDB of a build, so that
 * reading it would tell nothing, and it is never claimed. */
#include "format/coff.h"
#include "format/format.h"
#include "format/msf.h"

#include "base/text.h"

#include <string.h>

enum {
	STREAM_INFO = 1,
	STREAM_TYPES = 2,
	STREAM_DBI = 3,
	STREAM_NONE = 0xFFFF,
	INFO_BYTES = 28,
	INFO_BYTES_WITHOUT_GUID = 12,
	TYPES_HEADER_BYTES = 56,
	DBI_BYTES_WITH_AGE = 12,
	DBI_BYTES = 64,
	DBI_STRIPPED = 2, /* of the flags */
};

#define VERSION_WITH_GUID 19990604u /* VC7 */
#define FEATURE_VC110 20091201u     /* the last one where it stands */
#define FEATURE_MINIMAL 0x494E494Du /* "MINI": /DEBUG:FASTLINK */

static const char info_name[] = "the info stream";

struct pdb {
	struct msf msf;
	struct msf_stream info, types, dbi;
	struct sym_identity id;
};

/* All versions that there were, from VC 2 to VC 14 (PdbRaw_ImplVer of LLVM's RawConstants.h). With
 * any other this is not the info stream, but what a damaged directory says is: no GUID follows. */
static bool is_info_version(uint32_t version)
{
	static const uint32_t versions[] = {19941610, 19950623, 19950814, 19960307, 19970604,
					    19990604, 20000404, 20030901, 20091201, 20140508};

	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (versions[i] == version)
			return true;
	return false;
}

/* Version, signature, age, GUID. The form of the identifier stays open for the DBI stream. */
static enum sym_status read_info(struct pdb *pdb, struct sym_err *err)
{
	struct sym_debug_id *debug = &pdb->id.debug;
	uint8_t head[INFO_BYTES];
	struct reader r = reader_over(head, sizeof head, 0);
	uint32_t version;
	uint64_t at;
	enum sym_status status =
		msf_read(&pdb->msf, &pdb->info, info_name, 0, head, INFO_BYTES_WITHOUT_GUID, err);

	if (status == SYM_OK)
		status = msf_locate(&pdb->msf, &pdb->info, info_name, 0, &at, err);
	if (status != SYM_OK)
		return status;
	version = reader_u32(&r);
	if (!is_info_version(version))
		return err_at(err, SYM_MALFORMED, at, "the info stream's version is %u, which no compiler writes",
			      (unsigned)version);
	if (version < VERSION_WITH_GUID) {
		debug->form = SYM_DEBUG_NB10;
		for (int i = 3; i >= 0; i--)
			debug->guid[i] = reader_u8(&r);
		debug->age = reader_u32(&r);
		return SYM_OK;
	}
	status =
		msf_read(&pdb->msf, &pdb->info, info_name, INFO_BYTES_WITHOUT_GUID,
			 head + INFO_BYTES_WITHOUT_GUID, INFO_BYTES - INFO_BYTES_WITHOUT_GUID, err);
	if (status != SYM_OK)
		return status;
	debug->form = SYM_DEBUG_GUID;
	reader_skip(&r, 4); /* Signature */
	debug->age = reader_u32(&r);
	reader_guid(&r, debug->guid);
	return SYM_OK;
}

static bool is_stream_of_symbols(const struct pdb *pdb, uint16_t number)
{
	return number > STREAM_DBI && number != STREAM_NONE && number < pdb->msf.streams;
}

/* The header behind the age: the machine, and what the PDB has. One that is cut says nothing. */
static void read_dbi_contents(struct pdb *pdb, struct reader *r)
{
	struct sym_identity *id = &pdb->id;
	uint16_t globals = reader_u16(r), publics, flags;
	uint32_t modules;

	reader_skip(r, 2); /* BuildNumber */
	publics = reader_u16(r);
	reader_seek(r, 24);
	modules = reader_u32(r);
	reader_seek(r, 56);
	flags = reader_u16(r);
	id->arch = coff_arch(reader_u16(r));
	if (r->bad)
		return;
	if (is_stream_of_symbols(pdb, globals) || is_stream_of_symbols(pdb, publics))
		id->has |= SYM_HAS_SYMBOLS;
	if (modules > 0)
		id->has |= SYM_HAS_DEBUG;
	if (flags & DBI_STRIPPED) {
		id->has &= ~(unsigned)SYM_HAS_DEBUG;
		id->traits |= SYM_PUBLIC;
	}
}

/* The age. A header that does not begin with -1 is of the old form, which has none. */
static enum sym_status read_dbi(struct pdb *pdb, struct sym_err *err)
{
	struct sym_debug_id *debug = &pdb->id.debug;
	uint8_t head[DBI_BYTES];
	size_t n = (size_t)min_u64(pdb->dbi.size, sizeof head);
	struct reader r = reader_over(head, n, 0);
	enum sym_status status;

	if (pdb->types.size > TYPES_HEADER_BYTES)
		pdb->id.has |= SYM_HAS_DEBUG;
	if (n < DBI_BYTES_WITH_AGE)
		return SYM_OK;
	status = msf_read(&pdb->msf, &pdb->dbi, "the DBI stream", 0, head, n, err);
	if (status != SYM_OK)
		return status;
	if (reader_u32(&r) != 0xFFFFFFFFu)
		return SYM_OK;
	reader_skip(&r, 4); /* VersionHeader */
	debug->age = reader_u32(&r);
	if (debug->form == SYM_DEBUG_GUID)
		debug->form = SYM_DEBUG_AGE;
	read_dbi_contents(pdb, &r);
	return SYM_OK;
}

/* A walk through the info stream behind its head. What stands there is worth a warning or a flag,
 * never the key: damage ends the walk without an error. */
struct walk {
	struct pdb *pdb;
	uint64_t at; /* from the start of the stream */
	bool ended;
};

static bool walk_read(struct walk *walk, void *to, size_t n)
{
	struct sym_err ignored;

	if (!walk->ended && msf_read(&walk->pdb->msf, &walk->pdb->info, info_name, walk->at, to, n,
				     &ignored) != SYM_OK)
		walk->ended = true;
	walk->at += n;
	return !walk->ended;
}

static uint32_t walk_u32(struct walk *walk)
{
	uint8_t bytes[4] = {0};
	struct reader r = reader_over(bytes, sizeof bytes, 0);

	return walk_read(walk, bytes, sizeof bytes) ? reader_u32(&r) : 0;
}

/* pdbstr's "srcsrv" and the linker's "sourcelink…" say where the sources are. */
static void look_for_sources(struct walk *walk, uint32_t size)
{
	char names[PDB_NAMES_BYTES_MAX];
	struct walk ahead = *walk;
	struct reader r = reader_over(names, (size_t)min_u64(size, sizeof names), 0);

	if (!walk_read(&ahead, names, r.size))
		return;
	while (reader_left(&r) > 0) {
		size_t len;
		const char *name = reader_text(&r, &len);

		if (text_is(name, len, "srcsrv") ||
		    (len >= 10 && memcmp(name, "sourcelink", 10) == 0))
			walk->pdb->id.has |= SYM_HAS_SOURCES;
	}
}

/* The names of streams, then the features. */
static void read_names_and_features(struct pdb *pdb)
{
	struct walk walk = {.pdb = pdb, .at = INFO_BYTES};
	uint32_t text = walk_u32(&walk), entries;

	look_for_sources(&walk, text);
	walk.at += text;
	entries = walk_u32(&walk);
	walk_u32(&walk);                          /* capacity */
	walk.at += 4 * (uint64_t)walk_u32(&walk); /* bits: slots in use */
	walk.at += 4 * (uint64_t)walk_u32(&walk); /* bits: slots that were */
	walk.at += 8 * (uint64_t)entries;
	for (unsigned i = 0; i < PDB_FEATURES_MAX && !walk.ended; i++) {
		uint32_t feature = walk_u32(&walk);

		if (feature == FEATURE_MINIMAL)
			pdb->id.traits |= SYM_FASTLINK;
		if (feature == FEATURE_VC110)
			break;
	}
}

static enum sym_status open_streams(struct pdb *pdb, struct blob *blob, struct sym_err *err)
{
	enum sym_status status = msf_open(&pdb->msf, blob, err);

	if (status == SYM_OK)
		status = msf_find_stream(&pdb->msf, STREAM_INFO, &pdb->info, err);
	if (status == SYM_OK)
		status = msf_find_stream(&pdb->msf, STREAM_TYPES, &pdb->types, err);
	if (status == SYM_OK)
		status = msf_find_stream(&pdb->msf, STREAM_DBI, &pdb->dbi, err);
	return status;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct pdb pdb;
	enum sym_status status = open_streams(&pdb, blob, err);

	if (status != SYM_OK)
		return status;
	identity_start(&pdb.id, SYM_PDB, blob);
	status = read_info(&pdb, err);
	if (status != SYM_OK)
		return status;
	if (identity_is_zero(pdb.id.debug.guid, sizeof pdb.id.debug.guid))
		return err_set(err, SYM_NO_KEY, "the PDB's identifier is all zeros");
	/* Before DBI: the windows still hold the info stream. */
	if (pdb.id.debug.form != SYM_DEBUG_NB10)
		read_names_and_features(&pdb);
	status = read_dbi(&pdb, err);
	if (status != SYM_OK)
		return status;
	if (blob->error.status != SYM_OK) {
		*err = blob->error;
		return err->status;
	}
	return sink->found(sink->ctx, &pdb.id);
}

const struct format pdb_format = {.name = "pdb", .title = "PDB", .identify = identify};
