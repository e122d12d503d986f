/* SPDX-License-Identifier: MIT
 * A whole delivery, in the order in which run.c goes through it:
 *
 *	found       source/walk.h hands over paths, and each becomes a record (record.h)
 *	identified  by a crew while the walk goes on: identify.h, probe.h, archived.h where it is an
 *	            archive, and dump.h where a .sym is made
 *	placed      each record's paths at each target (place.h), and who gets those that several
 *	            want (plan.h), but for what the journal knows (recall.h): prepare.c
 *	paired      which image goes without its debug information: pairs/pairs.h
 *	delivered   by a crew again, in batches: deliver.c
 *	reported    in the order of the walk, as soon as that is possible: tell.h, report.h */
#ifndef PIPELINE_RUN_H
#define PIPELINE_RUN_H

#include "pipeline/report.h"
#include "source/walk.h"

struct run_destination {
	const char *where;  /* as target_open takes it */
	unsigned readers;   /* bit i: key_readers[i] */
	enum existing existing;
	enum flush flush;
	const struct remote_options *remote; /* target/remote.h; borrowed; NULL for a folder */
	const struct transaction_title *transaction; /* of a store; borrowed; NULL: without a title */
};

/* How far the run is; read by the progress display. */
struct run_progress {
	enum { RUN_FINDING, RUN_READING, RUN_DUMPING, RUN_PAIRING, RUN_DELIVERING, RUN_VERIFYING } phase;
	uint64_t files, files_done; /* `files` is 0 while finding and verifying */
	uint64_t bytes, bytes_done;
	/* Of a batch: its files are written, then flushed to the disk, then each gets its name. Files and bytes
	 * are done once they are written. */
	enum run_step { RUN_WRITING, RUN_FLUSHING, RUN_PUBLISHING } step;
	uint64_t named, to_name; /* files of the batch, while RUN_PUBLISHING */
};

/* Threads that deliver where most of their time is waiting for servers: enough to fill a
 * line, few enough for a server. */
#define RUN_REMOTE_WORKERS 16

/* How many threads to start: as many as are asked for, 0: one a processor; but no more than may have
 * their files open at once. */
unsigned run_workers(unsigned asked);

/* All borrowed. */
struct run_options {
	const struct source_options *source;
	const struct run_destination *destinations;
	size_t destination_count;
	unsigned workers;   /* 0: one a processor, and more where a target is remote */
	bool dry_run;
	bool ask;           /* deliver nothing: ask whether everything is there */
	bool ask_deep;      /* and fetch and compare it */
	bool pairs;         /* tell of images without their debug information, and the like */
	bool require_pairs; /* ask targets for it also where the journal knows the image */
	bool fallback_age;
	bool want_sha256;
	const struct dumper *dumper; /* makes .sym files, which are delivered; NULL: none */
	bool keep_originals;       /* and what they are made of is delivered too */
	struct journal *journal;   /* pipeline/journal.h; or NULL */
	int64_t journal_age_s;     /* for so long it is believed of remote targets */
	uint64_t budget_ms;        /* no file is begun after so long; 0: no end */
	unsigned shard, shards;    /* of `shards` parts the one from 1; 0: all */
	const struct reporter *reporters;
	size_t reporter_count;
	void (*progress)(void *ctx, const struct run_progress *p); /* now and then, or NULL */
	void *progress_ctx;
};

/* What is wrong with the options, or with this machine, is not one target's matter. */
bool ends_the_run(enum sym_status status);

/* SYM_OK: the run went its way, and `tally` says how. SYM_CANCELLED: stopped; the tally
 * says how far it got. What source_find answers: it could not begin. Else none of its
 * targets can be used, and why was told to `lost` of the reporters. */
enum sym_status run_delivery(const struct run_options *options, struct tally *tally,
			     struct sym_err *err) MUST_CHECK;

#endif
