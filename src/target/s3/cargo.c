/* SPDX-License-Identifier: MIT
 * The bytes of a parcel as they are sent: as they are, packed before, or packed on the way. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "target/body.h"
#include "target/digest.h"

#include <string.h>

enum sym_status s3_body_hash(struct s3_body *b, struct sym_err *err)
{
	uint8_t hash[32];
	enum sym_status status = SYM_OK;

	if (b->bytes.file == OS_NO_FILE)
		digest_sha256((const char *)b->bytes.memory + b->bytes.offset, (size_t)b->bytes.size, hash);
	else
		status = digest_file(b->bytes.file, b->bytes.offset, b->bytes.size, hash, err);
	text_hex_lower(b->sha256, hash, sizeof hash);
	return status;
}

struct s3_body s3_body_of(const void *bytes, size_t size)
{
	struct s3_body body = {.bytes = {.file = OS_NO_FILE, .memory = bytes, .size = size}};
	struct sym_err ignored;

	(void)!s3_body_hash(&body, &ignored);
	return body;
}

void s3_cargo_init(struct s3_cargo *c, const struct parcel *p)
{
	*c = (struct s3_cargo){.p = p};
	c->packed.file = OS_NO_FILE;
	s3_has_words(p->id->has, c->has);
}

enum sym_status s3_cargo_hash(struct s3_cargo *c, struct sym_err *err)
{
	const struct parcel *p = c->p;
	enum sym_status status = SYM_OK;

	if (c->sha256[0])
		return SYM_OK;
	if (p->sha256)
		memcpy(c->hash, p->sha256, sizeof c->hash);
	else
		status = digest_file(p->source, p->id->slice_offset, p->id->slice_size, c->hash, err);
	if (status == SYM_OK)
		text_hex_lower(c->sha256, c->hash, sizeof c->hash);
	return status;
}

void s3_cargo_release(struct s3_cargo *c)
{
	gzipped_release(&c->packed);
	s3_packing_release(&c->packing);
}

static void use_plain(struct s3_cargo *c)
{
	c->body = (struct s3_body){.bytes = body_plain(c->p)};
	memcpy(c->body.sha256, c->sha256, sizeof c->sha256);
}

static void use_packed(struct s3_cargo *c)
{
	c->gzip = true;
	c->body = (struct s3_body){.bytes = body_packed(c->p, &c->packed)};
	text_hex_lower(c->body.sha256, c->packed.sha256, 32);
}

static void use_stream(struct s3_cargo *c)
{
	c->gzip = c->streams = true;
	c->body = (struct s3_body){.bytes = {.file = OS_NO_FILE, .size = c->packing.size_max}};
}

static enum sym_status pack_whole(struct s3_cargo *c, const struct gzip_source *from,
				  struct sym_err *err)
{
	enum sym_status status = gzip_slice(from, &c->packed, err);

	if (status == SYM_OK)
		use_packed(c);
	return status == SYM_TOO_BIG ? SYM_OK : status; /* no smaller: it goes as it is */
}

/* The first part may be all. If not, it tells whether packing gains anything; where it does
 * not, only the end of the whole tells. */
static enum sym_status pack_in_parts(struct s3_cargo *c, const struct gzip_source *from,
				     struct sym_err *err)
{
	struct s3_packing *packing = &c->packing;
	bool unclear = false;
	enum sym_status status;

	s3_packing_init(packing, from);
	status = s3_packing_seek(packing, 0, err);
	if (status != SYM_OK)
		return status;
	if (s3_packing_ended(packing)) {
		c->packed = s3_packing_take(packing);
		use_packed(c);
	} else if (gzip_gains(packing->stream)) {
		use_stream(c);
	} else {
		unclear = true;
	}
	if (!c->streams)
		s3_packing_release(packing);
	return unclear ? pack_whole(c, from, err) : SYM_OK;
}

enum sym_status s3_cargo_load(const struct s3 *s, struct s3_cargo *c, bool whole, struct sym_err *err)
{
	const struct gzip_source from = {.file = c->p->source,
					 .offset = c->p->id->slice_offset,
					 .size = c->p->id->slice_size,
					 .sha256 = c->hash};

	if (c->loaded && !(whole && c->streams))
		return SYM_OK;
	if (s3_cargo_hash(c, err) != SYM_OK)
		return err->status;
	s3_packing_release(&c->packing);
	c->loaded = true;
	c->streams = c->gzip = false;
	use_plain(c);
	if (!s->remote.gzip)
		return SYM_OK;
	if (whole || from.size < S3_MULTIPART_BYTES)
		return pack_whole(c, &from, err);
	return pack_in_parts(c, &from, err);
}
