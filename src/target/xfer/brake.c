/* SPDX-License-Identifier: MIT */
#include "target/xfer/brake.h"

#include "target/xfer/retry.h"

enum {
	GAP_FIRST_MS = 8,
	GAP_LONGEST_MS = 256,          /* four requests a second: enough to see that it is better */
	MORE_A_SECOND = 2,             /* requests, for each good answer */
};

void brake_init(struct brake *b, unsigned most)
{
	*b = (struct brake){.most = most, .allowed = most};
}

uint64_t brake_opens(const struct brake *b, unsigned running, uint64_t now_ms)
{
	if (running > 0 && running + 1 > b->allowed)
		return UINT64_MAX;
	return b->open_ms > now_ms ? b->open_ms : now_ms;
}

void brake_started(struct brake *b, uint64_t now_ms)
{
	if (b->open_ms < now_ms + b->gap_ms)
		b->open_ms = now_ms + b->gap_ms;
}

static bool is_busy(long http)
{
	return http == 429 || (http >= 500 && retry_passes(http));
}

/* Half of what it was. */
static void tighten(struct brake *b)
{
	if (b->allowed > 1)
		b->allowed = b->allowed / 2 < 1 ? 1 : b->allowed / 2;
	else if (b->gap_ms == 0)
		b->gap_ms = GAP_FIRST_MS;
	else if (b->gap_ms < GAP_LONGEST_MS)
		b->gap_ms *= 2;
}

/* Step by step: each good answer allows a few more starts a second; when there is no gap
 * left, each round of them one more at once. */
static void loosen(struct brake *b)
{
	if (b->gap_ms >= GAP_FIRST_MS / 2)
		b->gap_ms = 1000 * b->gap_ms / (1000 + MORE_A_SECOND * b->gap_ms);
	else if (b->gap_ms > 0)
		b->gap_ms = 0;
	else
		b->allowed += 1 / b->allowed;
	if (b->allowed > b->most)
		b->allowed = b->most;
}

void brake_answered(struct brake *b, long http, uint64_t retry_after_ms, uint64_t started_ms,
		    uint64_t now_ms)
{
	if (!is_busy(http)) {
		loosen(b);
		return;
	}
	if (started_ms >= b->cut_ms) {
		tighten(b);
		b->cut_ms = now_ms + 1;
	}
	if (retry_after_ms > retry_default.longest_after_ms)
		return;
	if (b->open_ms < now_ms + retry_after_ms)
		b->open_ms = now_ms + retry_after_ms;
}
