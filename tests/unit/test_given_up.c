/* SPDX-License-Identifier: MIT
 * Proves: a server that takes nothing is given up after many failures, or after a few that take
 * long, and one that takes something is not. The clock is a number. */
#include "target/target.h"
#include "tap.h"

static struct target target;

/* `count` paths that are heard of, `each_ms` after one another; answers whether it is given up then. */
static bool hear(unsigned count, enum action action, enum sym_status status, uint64_t each_ms)
{
	static uint64_t now_ms = 1000;
	struct parcel_path at = {.action = action, .why = {.status = status, .text = "no"}};
	struct sym_err why;

	for (unsigned i = 0; i < count; i++)
		target_hear(&target, &at, now_ms += each_ms);
	return target_given_up(&target, &why);
}

static void anew(void)
{
	target = (struct target){0};
}

static void test_many(void)
{
	struct sym_err why;

	anew();
	ok(!hear(31, ACTION_FAILED, SYM_AUTH, 1), "some refusals are no reason");
	ok(hear(1, ACTION_FAILED, SYM_AUTH, 1), "many are");
	(void)target_given_up(&target, &why);
	is_str(why.text, "32 paths failed and none was taken, so that no more is sent: no", "and that is said");
	anew();
	ok(!hear(1, ACTION_STORED, SYM_OK, 1) && !hear(99, ACTION_FAILED, SYM_AUTH, 1), "not where a path was taken");
	anew();
	ok(!hear(99, ACTION_FAILED, SYM_TOO_BIG, 1) && !hear(99, ACTION_FAILED, SYM_CHANGED, 60000),
	   "nor for what is wrong with the files");
}

static void test_slow(void)
{
	anew();
	ok(!hear(3, ACTION_FAILED, SYM_NET, 540000), "two further failures may pass, however long they take");
	ok(hear(1, ACTION_FAILED, SYM_NET, 540000), "a third does not");
	anew();
	ok(!hear(4, ACTION_FAILED, SYM_NET, 39000), "if they take two minutes");
	ok(hear(1, ACTION_FAILED, SYM_NET, 39000), "in all");
	anew();
	for (int i = 0; i < 5; i++)
		ok(!hear(3, ACTION_FAILED, SYM_NET, 540000) && !hear(1, ACTION_PRESENT, SYM_OK, 1),
		   "failures that are no row say nothing");
	ok(!hear(1, ACTION_STORED, SYM_OK, 1) && !hear(9, ACTION_FAILED, SYM_NET, 540000),
	   "nor any where a path was taken");
}

int main(void)
{
	test_many();
	test_slow();
	return done();
}
