/* SPDX-License-Identifier: MIT
 * A body that is packed as it is sent: while one part travels the next one is made. */
#include "target/s3/s3.h"

#include "base/err.h"

void s3_packing_init(struct s3_packing *p, const struct gzip_source *from)
{
	*p = (struct s3_packing){.from = *from, .part.file = OS_NO_FILE};
	p->from.even_larger = true; /* parts that were sent are not taken back for a few bytes */
	p->size_max = add_sat(from->size, from->size / 1024); /* zlib adds less to what it cannot pack */
	p->part_bytes = s3_part_size(p->size_max, S3_PACKED_PART_BYTES);
}

void s3_packing_release(struct s3_packing *p)
{
	if (p->in_hand)
		gzipped_release(&p->part);
	p->in_hand = false;
	gzip_close(p->stream);
	p->stream = NULL;
}

bool s3_packing_ended(const struct s3_packing *p)
{
	return gzip_ended(p->stream);
}

static enum sym_status next_part(struct s3_packing *p, struct sym_err *err)
{
	enum sym_status status;

	if (p->in_hand)
		gzipped_release(&p->part);
	p->in_hand = false;
	if (gzip_ended(p->stream))
		return err_set(err, SYM_NOT_FOUND, "the packed file has only %u parts", p->next);
	status = gzip_next(p->stream, p->part_bytes, &p->part, err);
	if (status != SYM_OK)
		return status;
	p->in_hand = true;
	p->size = p->next++ * p->part_bytes + p->part.size;
	return SYM_OK;
}

enum sym_status s3_packing_seek(struct s3_packing *p, unsigned n, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (p->in_hand && p->next == n + 1)
		return SYM_OK;
	if (p->stream && p->next > n)
		s3_packing_release(p);
	if (!p->stream) {
		p->stream = gzip_open(&p->from);
		p->next = 0;
	}
	if (!p->stream)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (status == SYM_OK && p->next <= n)
		status = next_part(p, err);
	if (status != SYM_OK)
		s3_packing_release(p);
	return status;
}

struct gzipped s3_packing_take(struct s3_packing *p)
{
	p->in_hand = false;
	return p->part;
}
