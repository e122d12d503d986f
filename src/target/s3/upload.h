/* SPDX-License-Identifier: MIT
 * A multipart upload: what multipart.c and resume.c share. */
#ifndef TARGET_S3_UPLOAD_H
#define TARGET_S3_UPLOAD_H

#include "target/s3/s3.h"

#define S3_UPLOAD_ID_MAX 1100 /* bytes with the NUL; AWS's have some 130, R2's some 300 */

/* One that this run began, or took over, and has not ended. In s3.uploads, under its lock. */
struct s3_upload {
	struct s3_upload *next;
	char key[S3_KEY_MAX + 1];
	char id[S3_UPLOAD_ID_MAX];
};

/* One on its way. */
struct multi {
	struct s3 *s;
	struct s3_cargo *c;
	const char *key;
	uint64_t part_bytes; /* of every part but the last */
	unsigned count;      /* of parts; the most that there can be, until a streaming body has ended */
	char **etags;        /* as the server gave them; NULL: the part is not there yet */
	struct s3_upload *upload;
	bool others;         /* there may be some more of this key */
};

/* The bytes of part `n` (from 0), and their SHA-256 where it is known, else "": a slice of
 * the body, or, of one that streams, what packing puts into its hand. */
enum sym_status multi_part(struct multi *m, unsigned n, struct s3_body *out,
			   struct sym_err *err) MUST_CHECK;

/* Notes the upload as one of this run. SYM_NOMEM; SYM_NET for an id that is too long. */
enum sym_status multi_register(struct multi *m, const char *id, struct sym_err *err) MUST_CHECK;

/* Ends an upload without an object. Failures are not worth a word: the bucket's life-cycle
 * rules, or the next run, remove what is left. */
void s3_abort_upload(struct s3 *s, const char *key, const char *id);

/* Looks for uploads of this key that a killed run left, and takes over the one of which most
 * is there, if all its parts are ours: m->upload and the parts' ETags. */
void multi_resume(struct multi *m);

/* After success: ends the other uploads of this key that hold nothing else. */
void multi_sweep(struct multi *m);

#endif
