/* SPDX-License-Identifier: MIT */
#include "target/gauge.h"

void gauge_init(struct gauge *g, _Atomic uint64_t *total, uint64_t size, unsigned laps)
{
	*g = (struct gauge){.total = total, .size = size, .laps = laps};
}

void gauge_begin(struct gauge *g, unsigned lap, uint64_t offset, uint64_t most)
{
	uint64_t inside = min_u64(offset, g->size);

	g->from = lap * g->size + inside;
	g->most = min_u64(most, g->size - inside);
	atomic_store(&g->moved, 0);
}

/* Several threads may be here at once: the one that gets furthest counts. */
static void count_up_to(struct gauge *g, uint64_t bytes)
{
	uint64_t counted = atomic_load(&g->counted);

	while (bytes > counted)
		if (atomic_compare_exchange_weak(&g->counted, &counted, bytes)) {
			atomic_fetch_add(g->total, bytes - counted);
			return;
		}
}

void gauge_move(struct gauge *g, int64_t bytes)
{
	int64_t moved;

	if (!g)
		return;
	moved = atomic_fetch_add(&g->moved, bytes) + bytes;
	if (moved > 0)
		count_up_to(g, (g->from + min_u64((uint64_t)moved, g->most)) / g->laps);
}

void gauge_end(struct gauge *g)
{
	count_up_to(g, g->size);
}

uint64_t gauge_share(uint64_t part, uint64_t whole, uint64_t plain)
{
	return whole == 0 ? 0 : (uint64_t)((double)part / (double)whole * (double)plain);
}
