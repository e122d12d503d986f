/* SPDX-License-Identifier: MIT
 * What S3 and STS answer: XML, read as rows and columns. The only use of expat. */
#ifndef TARGET_S3_XML_H
#define TARGET_S3_XML_H

#include "base/buf.h"
#include "sym.h"

#define XML_COLUMNS_MAX 8

/* The rows to look for: every element that stands at `row`, with the texts of its children. */
struct xml_rows {
	const char *row;                         /* "ListBucketResult/Contents", from the root */
	const char *columns[XML_COLUMNS_MAX];    /* "Key", "Size", …; NULL where there are fewer */
	/* One row, borrowed for the call; "" where a column is missing. */
	void (*each)(void *ctx, const char *const values[XML_COLUMNS_MAX]);
};

/* Reads a document and calls each row's function as the row ends. SYM_MALFORMED: not whole,
 * not XML, nested too deeply, or with a document type (no answer of S3 has one, and entities
 * are a way to attack); rows before the fault were called. SYM_NOMEM. */
enum sym_status xml_read(const void *bytes, size_t size, const struct xml_rows *rows, size_t count,
			 void *ctx, struct sym_err *err) MUST_CHECK;

/* The error that a document tells, code and message by text_shown(). Empty texts where it tells none:
 * Ceph leaves the message empty. */
struct s3_error {
	char code[64];     /* "NoSuchBucket" */
	char message[200];
	char region[64];   /* the one in which the bucket is, where the code speaks of regions */
};

/* False where the document is no error of S3 or STS. */
bool xml_read_error(const void *bytes, size_t size, struct s3_error *out);

/* Adds text with &, < and > escaped. */
void xml_escape(struct buf *out, const char *text);

#endif
