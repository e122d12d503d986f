/* SPDX-License-Identifier: MIT
 * A program that needs symbols: it crashes. See engine.c about the comments. */
#include "engine.h"

#include <stddef.h>

#ifdef FREESTANDING
#define START crashy_start
#else
#define START main
#endif

__attribute__((noinline)) static int simulate(int ticks)
{ /* line of simulate */
	struct body body = {0, 0, 1, 2};
	int distance = 0;

	for (int i = 0; i < ticks; i++)
		distance = engine_step(&body);
	return distance;
}

int START(void)
{ /* line of crashy_start */
	int distance = simulate(10);

	if (distance == 500)
		engine_poke(NULL, distance);
	return distance;
}
