/* SPDX-License-Identifier: MIT
 * Of the paths to which a file could belong, which one is told; what a receipt's action means. */
#include "pipeline/verify/judge.h"

#include "base/def.h"
#include "pipeline/verify/receipt.h"
#include "tap.h"

#define MORE_THAN(place, one, other) \
	ok(place_likeness(place, one) > place_likeness(place, other), "%s: rather %s than %s", place, one, other)

static void likeness(void)
{
	MORE_THAN("app.pdb/12345678901/app.pdb", "app.pdb/99999999999/app.pdb", "99/999999999/debuginfo");
	MORE_THAN("app.pdb/abcdef0011/app.pdb", "app.pdb/fedcba0022/app.pdb", "app.pdb/FEDCBA0022/app.pdb");
	MORE_THAN("app.pdb/ABCDEF0011/app.pdb", "app.pdb/FEDCBA0022/app.pdb", "app.pdb/fedcba0022/app.pdb");
	MORE_THAN(".build-id/0a/cb01", ".build-id/1b/dc02", "cb01/1bdc02/cb01");
	MORE_THAN(".build-id/0a/cb01.debug", ".build-id/1b/dc02.debug", ".build-id/1b/dc02");
	MORE_THAN("buildid/0acb01/debuginfo", "buildid/1bdc02/debuginfo", "buildid/1bdc02/executable");
	MORE_THAN("0a/cb01/executable", "1b/dc02/executable", "executable/1bdc02/executable");
	MORE_THAN("_.debug/elf-buildid-sym-0acb/_.debug", "_.debug/elf-buildid-sym-1bdc/_.debug",
		  "_.debug/elf-buildid-1bdc/_.debug");
	MORE_THAN("1111/2222/3333/4444/5555/666666666666.app", "aaaa/bbbb/cccc/dddd/eeee/ffffffffffff.app",
		  "aa/aabbbbccccddddeeeeffffffffffff/executable");
	is_u64(place_likeness("readme", "app.exe/65F0C0DE3000/app.exe"), 0, "nothing in common");
}

static void faults(void)
{
	static const enum verdict faults[] = {VERDICT_MISPLACED, VERDICT_DAMAGED, VERDICT_MISSING,
					      VERDICT_CHANGED, VERDICT_UNREADABLE};
	size_t count = 0;

	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		count += verdict_is_fault(i);
	is_u64(count, ARRAY_LEN(faults), "so many verdicts are faults");
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		ok(verdict_is_fault(faults[i]), "%s is one", verdict_word(faults[i]));
}

static void actions(void)
{
	static const char *const words[] = {"stored", "present", "replaced", "kept", "failed", "planned", "lost", ""};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct receipt_path p = {.action = words[i]};

		ok(receipt_is_delivered(&p) == (i < 3), "\"%s\" is %sdelivered", words[i], i < 3 ? "" : "not ");
	}
}

int main(void)
{
	likeness();
	faults();
	actions();
	return done();
}
