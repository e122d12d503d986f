/* SPDX-License-Identifier: MIT
 * symbol-upload remove and prune: remove transactions, and the files that no other one needs. */
#include "cli/commands.h"

#include "base/err.h"
#include "cli/registries.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "pipeline/json/transactions.h"
#include "source/glob.h"
#include "target/admin/retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 64 << 10 };

struct remover {
	const struct options *o;
	struct retention rules;
	struct glob_set keep; /* --keep-label */
	uint64_t *numbers;    /* `remove` was given these */
	size_t number_count;
	const char *store;
	struct buf line;
	bool refused;         /* an entry could not be followed */
};

/* ---------------------------------------------------------- entry by entry -- */

static void tell_text(const struct remover *r, const struct removal_told *t)
{
	if (r->o->quiet || (!r->o->plan && !r->o->verbose))
		return;
	printf("%-9s ", removal_fate_word(t->fate, r->o->plan));
	say_shown(r->store);
	fputs(say_slash(r->store), stdout);
	say_shown(t->path);
	if (t->fate == FATE_NEEDED && t->by)
		printf("  (by %" PRIu64 ")", t->by);
	putchar('\n');
}

static void told(void *ctx, const struct removal_told *t)
{
	struct remover *r = ctx;

	if (t->fate == FATE_REFUSED || t->fate == FATE_FAILED) {
		say_issue(t->fate == FATE_FAILED, t->path, "%s", t->why->text);
		r->refused |= t->fate == FATE_REFUSED;
	}
	if (r->o->format == FORMAT_JSON) {
		json_removed(&r->line, r->store, t, r->o->plan);
		say_print(&r->line);
	} else {
		tell_text(r, t);
	}
}

static void waiting(void *ctx, const char *whom)
{
	(void)ctx;
	say_note("Waiting for %s.", whom);
}

/* --------------------------------------------------------------- the summary -- */

static void print_count(uint64_t n, const char *one, const char *many)
{
	char number[SAY_NUMBER_MAX];

	printf("%s %s", say_number(n, number), n == 1 ? one : many);
}

/* "2 transactions, 10 files (1.2 MiB) removed; 3 entries are needed by others" */
static void sum_up_text(const struct remover *r, const struct removal *removal)
{
	char bytes[SAY_BYTES_MAX];

	if (removal->gone == 0) {
		puts("There is no transaction to remove.");
		return;
	}
	print_count(removal->gone, "transaction, ", "transactions, ");
	print_count(removal->files, "file", "files");
	printf(" (%s) %s", say_bytes(removal->bytes, bytes), r->o->plan ? "would be removed" : "removed");
	if (removal->entries[FATE_NEEDED]) {
		fputs("; ", stdout);
		print_count(removal->entries[FATE_NEEDED], "is needed by another one", "are needed by others");
	}
	if (removal->entries[FATE_MISSING]) {
		fputs("; ", stdout);
		print_count(removal->entries[FATE_MISSING], "was not there any more", "were not there any more");
	}
	putchar('\n');
}

/* -------------------------------------------------------------------- the run -- */

static enum sym_status remove_these(struct remover *r, struct registry *registry, const uint64_t *ids, size_t count,
				    struct sym_err *err)
{
	struct removal removal = {.ids = ids, .count = count, .chosen = r->number_count == 0,
				  .plan = r->o->plan, .told = told, .waiting = waiting, .ctx = r};
	enum sym_status status = registry->kind->remove(registry, &removal, err);

	if (status != SYM_OK)
		return status;
	if (r->o->format == FORMAT_JSON) {
		json_removed_all(&r->line, &removal);
		say_print(&r->line);
	} else if (!r->o->quiet) {
		sum_up_text(r, &removal);
	}
	if (r->refused)
		return err_set(err, SYM_REFUSED, "entries that name no file of the store were left alone");
	return SYM_OK;
}

/* Removes those of the live transactions that the rules choose. */
static enum sym_status remove_chosen(struct remover *r, struct registry *registry, struct sym_err *err)
{
	struct ledger living = {0};
	char product[SHOWN_MAX], version[SHOWN_MAX];
	uint64_t *ids = NULL;
	size_t count = 0;
	enum sym_status status = registry->kind->living(registry, &living, err);

	if (status == SYM_OK)
		ids = calloc(living.count + 1, sizeof *ids);
	if (status == SYM_OK)
		status = ids ? retention_choose(&r->rules, &living, ids, &count, err)
			     : err_set(err, SYM_NOMEM, "out of memory");
	ledger_release(&living);
	if (status == SYM_OK && count == 0 && r->o->command == COMMAND_REMOVE)
		status = err_set(err, SYM_NOT_FOUND, "there is no live transaction of \"%s\" in version \"%s\"",
				 shown(product, r->o->application), shown(version, r->o->version));
	if (status == SYM_OK)
		status = remove_these(r, registry, ids, count, err);
	free(ids);
	return status;
}

static enum sym_status remove_from(void *ctx, const char *store, struct registry *registry, struct sym_err *err)
{
	struct remover *r = ctx;

	r->store = store;
	r->refused = false;
	return r->number_count > 0 ? remove_these(r, registry, r->numbers, r->number_count, err)
				   : remove_chosen(r, registry, err);
}

/* --------------------------------------------------------------- what is asked -- */

static bool keeps_label(void *ctx, const char *label)
{
	const struct remover *r = ctx;

	return glob_set_match(&r->keep, label, strlen(label)) != GLOB_NO;
}

static enum sym_status read_rules(struct remover *r, struct sym_err *err)
{
	const struct options *o = r->o;

	r->rules = (struct retention){.product = o->application,
				      .version = o->version,
				      .keep_last = o->keep_last,
				      .older_than_s = o->older_than_s,
				      .now_s = os_time_s(),
				      .ctx = r};
	if (o->keep_labels.count == 0)
		return SYM_OK;
	r->rules.keeps = keeps_label;
	return glob_set_init(&r->keep, (const char *const *)o->keep_labels.at, o->keep_labels.count,
			     GLOB_DOT | GLOB_WHOLE, err);
}

static enum sym_status read_numbers(struct remover *r, struct sym_err *err)
{
	const struct strings *words = &r->o->paths;
	char word[SHOWN_MAX];

	r->numbers = calloc(words->count + 1, sizeof *r->numbers);
	if (!r->numbers)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words->at[i];

		r->numbers[i] = admin_number(text, strlen(text));
		if (r->numbers[i] == 0)
			return err_set(err, SYM_USAGE, "%s is not the number of a transaction; "
				       "\"symbol-upload history\" lists them", shown(word, text));
		r->number_count++;
	}
	return SYM_OK;
}

static enum sym_status check_remove(const struct options *o, struct sym_err *err)
{
	bool named = o->application || o->version;

	if (o->paths.count > 0 && named)
		return err_set(err, SYM_USAGE, "remove takes either numbers, or -a and -v");
	if (o->paths.count == 0 && !(o->application && o->version))
		return err_set(err, SYM_USAGE, "no transaction is given: name numbers, or use -a and -v");
	return SYM_OK;
}

static enum sym_status check_prune(const struct options *o, struct sym_err *err)
{
	if (o->paths.count > 0)
		return err_set(err, SYM_USAGE, "prune takes no path and no number: use -l for the store, and "
					       "--keep-last or --older-than");
	if (!o->keep_last && !o->older_than_s)
		return err_set(err, SYM_USAGE, "no rule is given: use --keep-last, --older-than, or both");
	return SYM_OK;
}

static int run(const struct options *o, enum sym_status (*check)(const struct options *o, struct sym_err *err))
{
	struct remover r = {.o = o, .line = BUF_MAX(LINE_BYTES_MAX)};
	struct sym_err err;
	int exit_status = EXIT_USAGE;

	if (check(o, &err) == SYM_OK && read_numbers(&r, &err) == SYM_OK && read_rules(&r, &err) == SYM_OK)
		exit_status = registries_each(o, remove_from, &r);
	else
		say_error(NULL, &err);
	glob_set_release(&r.keep);
	buf_release(&r.line);
	free(r.numbers);
	return exit_status;
}

int command_remove(const struct options *o)
{
	return run(o, check_remove);
}

int command_prune(const struct options *o)
{
	return run(o, check_prune);
}
