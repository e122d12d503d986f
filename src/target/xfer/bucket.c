/* SPDX-License-Identifier: MIT
 * A rate over all transfers: a bucket that fills with time, and that none may empty alone. */
#include "target/xfer/job.h"

void bucket_fill(struct xfer_bucket *b, uint64_t now_ms)
{
	uint64_t most = b->rate / 4 > 0 ? b->rate / 4 : 1; /* a quarter of a second in one burst */
	uint64_t fresh = mul_sat(b->rate, now_ms - b->at_ms) / 1000;

	if (b->at_ms == 0)
		fresh = most;
	else if (fresh == 0)
		return; /* `at_ms` stays, so that slow rates add up */
	b->bytes = min_u64(add_sat(b->bytes, fresh), most);
	b->at_ms = now_ms;
}

size_t bucket_take(struct xfer_bucket *b, size_t wanted)
{
	size_t n;

	if (b->rate == 0)
		return wanted;
	n = (size_t)min_u64(min_u64(wanted, CURL_MAX_WRITE_SIZE), b->bytes);
	b->bytes -= n;
	return n;
}
