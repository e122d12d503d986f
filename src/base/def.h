/* SPDX-License-Identifier: MIT
 * Small words that every file uses. */
#ifndef BASE_DEF_H
#define BASE_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Callers must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Checked like printf's arguments: `f` is the format's position, `a` the first value's. */
#if defined(__MINGW32__)
#define PRINTF_LIKE(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#endif

/* Is [off, off + len) inside `size` bytes? By subtraction: an addition could wrap. */
static inline bool range_ok(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

/* The smallest multiple of `unit` that holds `n`, counted in units. `unit` is not 0. */
static inline uint64_t units_of(uint64_t n, uint64_t unit)
{
	return n / unit + (n % unit != 0);
}

/* a + b, or UINT64_MAX where that would wrap: an offset that no file has. */
static inline uint64_t add_sat(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* a * b, or UINT64_MAX where that would wrap. */
static inline uint64_t mul_sat(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif
