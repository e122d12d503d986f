/* SPDX-License-Identifier: MIT
 * The tests find the line of each function, which is that of its opening
 * brace for compilers, by the comment beside the brace. */
#define ENGINE_BUILD
#include "engine.h"

__attribute__((noinline)) static int square(int n)
{ /* line of square */
	return n * n;
}

int engine_step(struct body *body)
{ /* line of engine_step */
	body->x += body->dx;
	body->y += body->dy;
	return square(body->x) + square(body->y);
}

void engine_poke(volatile int *where, int value)
{ /* line of engine_poke */
	*where = value;
}
