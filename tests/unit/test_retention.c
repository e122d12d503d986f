/* SPDX-License-Identifier: MIT
 * Which transactions may go: those that every rule lets go, from the oldest to the newest. */
#include "target/admin/retention.h"

#include "scratch.h"
#include "tap.h"

enum { DAY = 86400 };

#define NOW INT64_C(1500000000)
#define ADD(number, days, who, which, what)                                                     \
	{.id = (number), .time_s = (days) == -1 ? 0 : NOW - (days) * INT64_C(86400), .product = (who), \
	 .version = (which), .label = (what)}

/* Not in the order of their numbers: runs end as they will. */
static struct ledger_line kept[] = {
	ADD(1, 50, "app", "1", "release"), ADD(3, 40, "app", "2", ""),
	ADD(2, 45, "tool", "1", ""),	   {.id = 4, .removal = true, .of = 9},
	ADD(5, 30, "app", "3", "nightly"), ADD(7, -1, "app", "4", ""),
	ADD(6, 20, "tool", "2", ""),	   ADD(8, 1, "app", "4", "release"),
	ADD(10, -30, "tool", "3", ""),	   ADD(9, 10, "", "", "")};

static bool is_release(void *ctx, const char *label)
{
	(void)ctx;
	return strcmp(label, "release") == 0;
}

/* The numbers of `server` that go, as "1 2 3 ". */
static void goes_of(struct ledger server, struct retention rules, const char *want, const char *what)
{
	uint64_t ids[ARRAY_LEN(kept)];
	char got[100] = "";
	size_t count;
	struct sym_err err;

	rules.now_s = NOW;
	must(retention_choose(&rules, &server, ids, &count, &err), &err);
	for (size_t i = 0; i < count; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%d ", (int)ids[i]);
	is_str(got, want, "%s", what);
}

static void goes(struct retention rules, const char *want, const char *what)
{
	goes_of((struct ledger){.lines = kept, .count = ARRAY_LEN(kept)}, rules, want, what);
}

/* A machine's clock was set back, one's was ahead, and two machines without a lock gave a number twice. */
static void test_oddities(void)
{
	static struct ledger_line lines[] = {
		ADD(1, 50, "app", "1", ""), ADD(2, 5, "app", "2", ""),	  ADD(3, 9000, "app", "3", ""),
		ADD(4, -40, "app", "4", ""), ADD(5, 40, "app", "5", ""), ADD(5, 1, "tool", "1", "release"),
	};
	const struct ledger server = {.lines = lines, .count = ARRAY_LEN(lines)};

	goes_of(server, (struct retention){.older_than_s = 30 * DAY}, "1 ", "none is older than one before it");
	goes_of(server, (struct retention){.older_than_s = 4 * DAY}, "1 2 3 ", "but no younger, for one of the future");
	goes_of(server, (struct retention){.keeps = is_release}, "1 2 3 4 ", "a number goes where all its lines may");
	goes_of(server, (struct retention){0}, "1 2 3 4 5 ", "and is told once");
}

static void test_retention(void)
{
	static const struct ledger none = {.lines = NULL};
	size_t count = 1;
	struct sym_err err;

	goes((struct retention){0}, "1 2 3 5 6 7 8 9 10 ", "no rule keeps: all go, from the oldest, but for removals");
	goes((struct retention){.keep_last = 2}, "1 2 3 5 ", "of each product the newest two stay, by number");
	goes((struct retention){.keep_last = 100}, "", "there are not so many");
	goes((struct retention){.older_than_s = 25 * DAY}, "1 2 3 5 ", "what is younger stays, or has no date");
	goes((struct retention){.older_than_s = 30 * DAY}, "1 2 3 ", "to the second");
	goes((struct retention){.older_than_s = 30 * DAY - 1}, "1 2 3 5 ", "to the second");
	goes((struct retention){.older_than_s = 1}, "1 2 3 5 6 8 9 ", "and what is of the future");
	goes((struct retention){.keep_last = 3, .older_than_s = 15 * DAY}, "1 3 ", "both rules keep");
	goes((struct retention){.keep_last = 1, .older_than_s = 15 * DAY}, "1 2 3 5 6 ", "the one more than the other");
	goes((struct retention){.keep_last = 1, .keeps = is_release}, "2 3 5 6 7 ", "labels keep");
	goes((struct retention){.keep_last = 3, .keeps = is_release}, "3 ",
	     "and those that they keep count among the newest");
	goes((struct retention){.keep_last = 1, .product = "tool"}, "2 6 ", "of one product");
	goes((struct retention){.keep_last = 1, .product = ""}, "", "also of the one without a name");
	goes((struct retention){.keep_last = 1, .version = "1"}, "1 2 ", "of a version");
	goes((struct retention){.keep_last = 1, .product = "app", .version = "4"}, "7 ", "of both");
	goes((struct retention){.keep_last = 1, .product = "App"}, "", "letter case counts");
	ok(retention_choose(&(struct retention){0}, &none, NULL, &count, &err) == SYM_OK && count == 0,
	   "of none none goes");
}

static void test_begun(void)
{
	static struct ledger_line lines[] = {
		ADD(1, 3, "app", "1", ""), ADD(2, 2, "app", "2", ""), ADD(3, 1, "app", "3", "")};
	const struct ledger server = {.lines = lines, .count = ARRAY_LEN(lines)};
	uint64_t ids[ARRAY_LEN(lines)];
	size_t count = 0;
	struct sym_err err;

	lines[2].begun = true;
	must(retention_choose(&(struct retention){.keep_last = 1}, &server, ids, &count, &err), &err);
	ok(count == 1 && ids[0] == 1, "one of which a removal was begun is none of the newest");
	must(retention_choose(&(struct retention){.version = "3"}, &server, ids, &count, &err), &err);
	ok(count == 1 && ids[0] == 3, "it is found by its version");
}

int main(void)
{
	test_retention();
	test_oddities();
	test_begun();
	return done();
}
