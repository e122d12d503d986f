/* SPDX-License-Identifier: MIT
 * The main command: find, identify, deliver, report. */
#include "cli/commands.h"

#include "cli/bugsplat.h"
#include "cli/ci.h"
#include "cli/config.h"
#include "cli/demands.h"
#include "cli/dump_syms.h"
#include "cli/paste.h"
#include "cli/registries.h"
#include "cli/remote.h"
#include "cli/report_lines.h"
#include "cli/report_text.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/signal.h"
#include "cli/sources.h"
#include "os/os.h"
#include "pipeline/journal.h"
#include "pipeline/replace.h"
#include "pipeline/run.h"
#include "target/admin/transaction.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 4 << 20, DAY_S = 86400 };

/* --------------------------------------------------------------- the run -- */

struct upload {
	const struct options *o;
	struct sources sources;
	struct run_destination *destinations;
	struct remote *remotes; /* one a destination */
	struct paste *pastes;   /* the same */
	struct reporter reporters[8];
	struct report_text text;
	struct buf line;
	struct receipt receipt;
	struct journal *journal;
	struct demands demands;
	struct ci_summary summary;
	unsigned warnings; /* before the run began */
	struct dumper dumper; /* of -m */
	struct transaction_title title;
};

static enum sym_status open_journal(struct upload *u, struct sym_err *err)
{
	bool damaged = false;
	enum sym_status status;

	if (!u->o->dry_run && replace_check(u->o->journal, err) != SYM_OK)
		return err_prefix(err, "cannot write the journal %s", u->o->journal);
	status = journal_open(u->o->journal, u->o->journal_age * (int64_t)DAY_S, os_time_s(), &u->journal,
			      &damaged, err);
	if (status == SYM_OK && damaged) {
		err_set(err, SYM_MALFORMED, "the journal is damaged, or of another version: it is begun anew");
		say_warning(u->o->journal, err);
		u->warnings++;
	}
	return status;
}

static enum sym_status add_destination(struct upload *u, size_t i, struct sym_err *err)
{
	const struct option_destination *to = &u->o->destinations[i];
	const char *where = is_bugsplat(to) ? BUGSPLAT_ADDRESS : to->to;
	bool remote = target_kind_of(where)->is_remote;

	u->destinations[i] = (struct run_destination){
		.where = where,
		/* BugSplat asks for each file under one path, whoever else reads the run's stores. */
		.readers = is_bugsplat(to) ? reader_mask("bugsplat") : readers_mask(&to->how->readers),
		.existing = (enum existing)to->how->existing,
		.flush = remote ? FLUSH_NONE : (enum flush)to->how->flush,
		.remote = remote ? &u->remotes[i].options : NULL,
		.transaction = &u->title};
	if (remote_init(&u->remotes[i], to, u->o->jobs, err) != SYM_OK)
		return err->status;
	u->warnings += u->remotes[i].warnings;
	if (is_bugsplat(to))
		bugsplat_fill(u->o, &u->remotes[i].options);
	return SYM_OK;
}

static struct transaction_title title_of(const struct options *o)
{
	return (struct transaction_title){.wanted = o->transaction || o->label,
					  .product = o->application ? o->application : "",
					  .version = o->version ? o->version : "",
					  .label = o->label ? o->label : ""};
}

static enum sym_status upload_init(struct upload *u, const struct options *o, struct sym_err *err)
{
	*u = (struct upload){.o = o, .line = BUF_MAX(LINE_BYTES_MAX)};
	ci_summary_init(&u->summary, "upload", o->destination_count > 1);
	u->text = (struct report_text){.verbose = o->verbose,
				       .list = o->dry_run,
				       .quiet = o->quiet,
				       .several = o->destination_count > 1,
				       .require_pairs = o->require_pairs,
				       .summary = o->format == FORMAT_TEXT};
	u->title = title_of(o);
	u->destinations = calloc(o->destination_count + 1, sizeof *u->destinations);
	u->remotes = calloc(o->destination_count + 1, sizeof *u->remotes);
	u->pastes = calloc(o->destination_count + 1, sizeof *u->pastes);
	if (!u->destinations || !u->remotes || !u->pastes)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (demands_init(&u->demands, o, &u->summary, err) != SYM_OK)
		return err->status;
	if (dump_syms_init(o, &u->dumper, err) != SYM_OK)
		return err->status;
	for (size_t i = 0; i < o->destination_count; i++)
		if (add_destination(u, i, err) != SYM_OK)
			return err->status;
	if (o->receipt && !o->dry_run && receipt_open(&u->receipt, o->receipt, err) != SYM_OK)
		return err->status;
	if (o->journal && open_journal(u, err) != SYM_OK)
		return err->status;
	return sources_init(&u->sources, o, err);
}

static size_t upload_reporters(struct upload *u)
{
	size_t n = 0;

	u->reporters[n++] = report_text(&u->text);
	u->reporters[n++] = demands_reporter(&u->demands);
	u->reporters[n++] = paste_reporter(u->pastes);
	if (u->o->format == FORMAT_JSON)
		u->reporters[n++] = report_json(&u->line);
	if (bugsplat_logs(u->o))
		u->reporters[n++] = bugsplat_reporter();
	if (u->receipt.path)
		u->reporters[n++] = receipt_reporter(&u->receipt);
	u->reporters[n++] = ci_summary_reporter(&u->summary);
	return n;
}

static void upload_release(struct upload *u)
{
	struct sym_err ignored;

	(void)!journal_close(u->journal, false, &ignored);
	(void)!receipt_close(&u->receipt, false, &ignored);
	sources_release(&u->sources);
	dumper_release(&u->dumper);
	ci_summary_release(&u->summary);
	buf_release(&u->line);
	for (size_t i = 0; u->remotes && i < u->o->destination_count; i++)
		remote_release(&u->remotes[i]);
	free(u->remotes);
	free(u->pastes);
	free(u->destinations);
	demands_release(&u->demands);
}

/* Writes the receipt, if the run came to its end, and the journal, which holds true entries however
 * the run ended. Prints which cannot be written; answers whether both were. */
static bool close_records(struct upload *u, enum sym_status run)
{
	struct sym_err err;
	bool written = true;

	if (receipt_close(&u->receipt, run == SYM_OK, &err) != SYM_OK) {
		ci_summary_error(&u->summary, &err);
		written = false;
	}
	if (journal_close(u->journal, run != SYM_USAGE && !u->o->dry_run, &err) != SYM_OK) {
		ci_summary_error(&u->summary, &err);
		written = false;
	}
	u->journal = NULL;
	return written;
}

static int upload_run(struct upload *u, struct sym_err *err)
{
	struct run_options run = {
		.source = &u->sources.options,
		.destinations = u->destinations,
		.destination_count = u->o->destination_count,
		.workers = u->o->jobs,
		.dry_run = u->o->dry_run,
		.pairs = !u->o->no_pairs && u->o->shard.count <= 1,
		.require_pairs = u->o->require_pairs,
		.fallback_age = u->o->fallback_age == FALLBACK_AGE_INFO,
		.want_sha256 = u->receipt.path != NULL,
		.dumper = u->o->dump_syms ? &u->dumper : NULL,
		.keep_originals = u->o->keep_originals,
		.journal = u->journal,
		.journal_age_s = u->o->journal_age * (int64_t)DAY_S,
		.budget_ms = u->o->budget_s * (uint64_t)1000,
		.shard = u->o->shard.index,
		.shards = u->o->shard.count,
		.reporters = u->reporters,
		.reporter_count = upload_reporters(u),
		.progress = bugsplat_logs(u->o) ? NULL : say_progress, /* the log is one */
	};
	struct tally tally;
	enum sym_status status = run_delivery(&run, &tally, err);
	bool written;

	if (status != SYM_OK && !signal_status() && (tally.lost == 0 || ends_the_run(status)))
		ci_summary_error(&u->summary, err);
	written = close_records(u, status);
	if (signal_status())
		return signal_status();
	if (status != SYM_OK || !written)
		return status == SYM_OK ? EXIT_FAILED : exit_status_for(status);
	if (u->text.summary && !u->o->quiet && !u->o->dry_run && delivered_count(&tally) > 0)
		for (size_t i = 0; i < run.destination_count; i++)
			paste_print(u->o, &u->destinations[i], &u->pastes[i]);
	tally.warnings += u->warnings;
	return demands_exit_status(&u->demands, &tally);
}

static enum sym_status refuse_without_target(const struct options *o, struct sym_err *err)
{
	char word[SHOWN_MAX];

	if (o->paths.count > 0 && is_no_file(o->paths.at[0])) /* it may be another program's verb */
		return err_set(err, SYM_USAGE, "there is neither a file nor a command %s; --help lists the commands",
			       shown(word, o->paths.at[0]));
	if (is_no_file(config_name(o)) && !is_no_file("symbol-upload.yml"))
		return err_set(err, SYM_USAGE, "no target is given, and symbol-upload.yml is not read: it has to be "
					       "called %s", config_name(o));
	return err_set(err, SYM_USAGE, "no target is given: use -l DIR, --to TARGET, or %s",
		       options_from(o, "clientId") == FROM_ENVIRONMENT
			       ? "--to bugsplat: the environment alone uploads nothing"
			       : "-b, -a and -v for BugSplat; --help lists all options");
}

/* Refuses options that make no run. */
static enum sym_status check_demands(const struct options *o, struct sym_err *err)
{
	struct transaction_title title = title_of(o);
	char word[SHOWN_MAX], end[HINT_MAX];

	if (o->meant) /* whoever meant `check` shall not find that files were stored */
		return err_set(err, SYM_USAGE, "there is no file %s%s", shown(word, o->paths.at[0]),
			       command_hint(end, o));
	if (o->destination_count == 0)
		return refuse_without_target(o, err);
	if (title.wanted && !registries_any(o))
		return err_set(err, SYM_USAGE, "--%s: only a store in a folder or in S3 keeps transactions",
			       o->label ? "label" : "transaction");
	if (title.wanted && transaction_check(&title, err) != SYM_OK)
		return err->status;
	if (o->receipt && o->journal && strcmp(o->receipt, o->journal) == 0)
		return err_set(err, SYM_USAGE, "--receipt and --journal name the same file");
	for (size_t i = 0; i < o->expect.count; i++)
		if (strchr(o->expect.at[i], '/'))
			return err_set(err, SYM_USAGE, "--expect takes a name without folders, not \"%s\"",
				       shown(word, o->expect.at[i]));
	return sources_check(o, err);
}

/* -r: BugSplat's symbols of this version go, and that is all. */
static int remove_version(const struct options *o)
{
	const struct option_destination *to = bugsplat_destination(o);
	struct remote remote = {0};
	struct sym_err err;
	enum sym_status status = remote_init(&remote, to, 1, &err);

	bugsplat_fill(o, &remote.options);
	if (status == SYM_OK && o->journal)
		say_note("The journal still says that this version's files are there: remove it, or they "
			 "are not uploaded again.");
	if (status == SYM_OK)
		status = bugsplat_remove(&remote.options, &err);
	remote_release(&remote);
	if (signal_status())
		return signal_status();
	if (status != SYM_OK)
		say_error(NULL, &err);
	return exit_status_for(status);
}

int command_upload(const struct options *o)
{
	struct upload u;
	struct sym_err err;
	int exit_status;

	if (check_demands(o, &err) != SYM_OK) {
		say_error(NULL, &err);
		return EXIT_USAGE;
	}
	signal_stops();
	if (!bugsplat_destination(o) && bugsplat_is_meant(o))
		say_note("Nothing is uploaded to BugSplat: -l and --to come before -b, as -l did in "
			 "version 11; \"--to bugsplat\" beside them does both.");
	if (bugsplat_logs(o))
		bugsplat_say_folders(o);
	if (bugsplat_destination(o) && o->remove && o->dry_run) {
		say_note("The symbols of this version would be removed from BugSplat.");
		return EXIT_GOOD;
	}
	if (bugsplat_destination(o) && o->remove)
		return remove_version(o);
	if (o->remove)
		say_note("-r is BugSplat's, and does nothing here.");
	ci_begin("upload");
	if (upload_init(&u, o, &err) == SYM_OK) {
		exit_status = upload_run(&u, &err);
	} else {
		ci_summary_error(&u.summary, &err);
		exit_status = exit_status_for(err.status);
	}
	ci_summary_write(&u.summary);
	upload_release(&u);
	ci_end();
	return exit_status;
}
