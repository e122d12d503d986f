/* SPDX-License-Identifier: MIT
 * The library of the sample program. */
#ifndef ENGINE_H
#define ENGINE_H

#if defined(_WIN32) && defined(ENGINE_BUILD)
#define ENGINE_API __declspec(dllexport)
#elif defined(_WIN32)
#define ENGINE_API __declspec(dllimport)
#else
#define ENGINE_API __attribute__((visibility("default")))
#endif

struct body {
	int x, y;
	int dx, dy;
};

/* Moves a body by one tick; answers its distance from the origin, squared. */
ENGINE_API int engine_step(struct body *body);

/* Writes through `where`: with NULL, the crash that gives the sample its name. */
ENGINE_API void engine_poke(volatile int *where, int value);

#endif
