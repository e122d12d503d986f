/* SPDX-License-Identifier: MIT
 * What the files of xfer share. Nobody else includes it. */
#ifndef TARGET_XFER_JOB_H
#define TARGET_XFER_JOB_H

#include "target/xfer/brake.h"
#include "target/xfer/xfer.h"

#include <curl/curl.h>
#include <pthread.h>

#define XFER_ORIGIN_MAX 300        /* bytes: scheme, host and port of an address */
#define XFER_HEADERS_MAX (64u << 10)
#define XFER_HEADERS_USUAL 400u
#define XFER_REDIRECTS_MAX 8u
#define XFER_SURPLUS_MAX (1u << 20) /* of a body that nobody wants: read, to keep the connection */

/* One server: scheme, host and port. */
struct xfer_host {
	struct xfer_host *next;
	char origin[XFER_ORIGIN_MAX]; /* "https://host:port" */
	unsigned running;
	struct brake brake;
};

/* The bytes that may be sent now, where a rate is set. */
struct xfer_bucket {
	uint64_t rate;    /* bytes a second; 0 = none is set */
	uint64_t bytes;   /* left */
	uint64_t at_ms;   /* when it was last filled */
};

struct xfer_job {
	struct xfer_job *next;        /* in the list it stands in */
	struct xfer *x;
	struct xfer_request request;  /* what it points to is its maker's */
	struct xfer_response response;
	struct xfer_host *host;
	char *url;                    /* after a redirect; else NULL */
	bool foreign;                 /* a redirect left the first server: no credentials */
	unsigned redirects;
	uint64_t started_ms;
	CURL *easy;                   /* while it runs */
	struct curl_slist *headers;   /* an array: the texts are its maker's */
	uint64_t read_at;             /* of the body, bytes handed to libcurl */
	struct sym_err body_err;      /* why a body could not be read or taken */
	bool headers_whole;           /* of the last answer */
	bool full;                    /* the answer's body was more than anybody wants */
	bool paused;                  /* it runs, and waits for the bucket */
	char error[CURL_ERROR_SIZE];
	bool done;                    /* under xfer.lock */
	pthread_cond_t ended;         /* stays while the job is none, and is used again; last */
};

struct xfer {
	struct xfer_options options;
	uint64_t stopped_ms; /* os_now_ms at which a stop was heard; 0: none was */
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;         /* over the fields below it, and jobs' `done` */
	struct xfer_job *inbox, **inbox_end;
	struct xfer_job *idle;        /* taken by their makers, to be used again */
	bool asleep, closing;

	/* The transfers' thread alone. */
	struct xfer_job *waiting, **waiting_end; /* in the order they came */
	struct xfer_job *paused, **paused_end;
	struct xfer_host *hosts;
	struct xfer_bucket bucket;
	unsigned running;
	unsigned spare_count;
	CURL **spare;                 /* handles without a job: each keeps its buffers */
	struct xfer_job **runs;       /* the jobs that run */
};

/* thread.c: the thread of `x`, until it is closing. */
void *xfer_drive(void *x);

/* thread.c: puts a job, which stands in no list, at the end of one. */
void job_add(struct xfer_job ***end, struct xfer_job *job);

/* easy.c: gives the job's handle all that is asked. */
enum sym_status job_configure(struct xfer_job *job, struct sym_err *err) MUST_CHECK;

/* easy.c: takes the answer, or the reason why there is none, from the handle. */
void job_harvest(struct xfer_job *job, CURLcode code);

const char *job_url(const struct xfer_job *job);

/* follow.c: does the answer send the job elsewhere? Then its address is the new one.
 * Turns the response into a failure where it must not be followed. */
bool job_redirected(struct xfer_job *job);

void url_origin(const char *url, char to[XFER_ORIGIN_MAX]);

/* error.c: what a code means for the user, with the host's name. */
void job_explain(struct xfer_job *job, CURLcode code);

/* bucket.c */
void bucket_fill(struct xfer_bucket *b, uint64_t now_ms);
size_t bucket_take(struct xfer_bucket *b, size_t wanted);

#endif
