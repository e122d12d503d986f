/* SPDX-License-Identifier: MIT
 * Goes through a store in a folder: does every file lie where a reader will ask for it, and is
 * it whole? Writes nothing. */
#ifndef PIPELINE_VERIFY_VERIFY_H
#define PIPELINE_VERIFY_VERIFY_H

#include "pipeline/run.h"
#include "pipeline/verify/judge.h"
#include "source/walk.h"

/* What is said of one file. Borrowed for the call. */
struct verified {
	const char *path;   /* to show and to open */
	const char *key;    /* below the root of the store */
	const struct judgement *judgement; /* NULL: `twin` is what it is about */
	const char *twin;   /* the path below the root of a file that some readers take for the same */
	const struct sym_err *why; /* a fault, or a warning; NULL: there is nothing to say */
};

struct verify_counts {
	uint64_t count[SYM_KIND_COUNT][VERDICT_COUNT];
	uint64_t warnings;     /* beside files that cannot be checked */
	/* Entries of the receipt, by their paths: */
	uint64_t elsewhere;    /* of other targets; `elsewhere_at` is the first of these */
	bool moved;            /* none: the receipt knows `elsewhere_at` alone, and it is taken for this store */
	uint64_t undelivered;  /* kept, failed, planned: the run did not bring these bytes */
	uint64_t milliseconds;
	char elsewhere_at[256];
};

uint64_t verified_of(const struct verify_counts *c, enum verdict verdict);

/* All borrowed. */
struct verify_options {
	const char *store;      /* the folder, as the user wrote it */
	const struct source_options *select; /* patterns, excludes, ignore_case; below the store */
	const char *receipt;    /* verify what this file says was delivered; NULL: the whole store */
	unsigned workers;
	unsigned readers;       /* bit i: key_readers[i] */
	bool fallback_age;
	/* Each file, in the order of the walk or of the receipt; then the twins. Of this and the next
	 * one call is made at a time, whichever thread makes it. */
	void (*told)(void *ctx, const struct verified *v);
	void (*progress)(void *ctx, const struct run_progress *p); /* now and then, or NULL */
	void *ctx;
};

/* SYM_OK: the counts say how the store is, also where nothing is in it. SYM_CANCELLED: stopped.
 * SYM_NOT_FOUND, SYM_IO: there is no such folder; what source_find and receipt_read answer. */
enum sym_status run_verify(const struct verify_options *options, struct verify_counts *counts,
			   struct sym_err *err) MUST_CHECK;

#endif
