/* SPDX-License-Identifier: MIT
 * The doors of the transfers, for the threads that want some. */
#include "target/xfer/xfer.h"

#include "base/err.h"
#include "os/os.h"
#include "target/xfer/job.h"

#include <stdlib.h>
#include <string.h>

enum {
	TRANSFERS = 16,
	CONNECT_TIMEOUT_S = 30,
	STALL_TIMEOUT_S = 60,
	KEPT_BYTES = 1 << 20, /* libcurl's buffers are less: it frees them after every transfer */
};

/* ------------------------------------------------------ opening and closing -- */

static enum sym_status begin(struct xfer *x, struct sym_err *err)
{
	unsigned n = x->options.transfers;

	os_keep_memory(KEPT_BYTES);
	x->spare = calloc(n, sizeof *x->spare);
	x->runs = calloc(n, sizeof *x->runs);
	x->multi = curl_multi_init();
	if (!x->spare || !x->runs || !x->multi)
		return err_set(err, SYM_NOMEM, "out of memory");
	curl_multi_setopt(x->multi, CURLMOPT_MAXCONNECTS, (long)n);
	if (pthread_create(&x->thread, NULL, xfer_drive, x) != 0)
		return err_set(err, SYM_NOMEM, "cannot start a thread");
	return SYM_OK;
}

static void release(struct xfer *x)
{
	for (unsigned i = 0; i < x->spare_count; i++)
		curl_easy_cleanup(x->spare[i]);
	if (x->multi)
		curl_multi_cleanup(x->multi);
	while (x->hosts) {
		struct xfer_host *next = x->hosts->next;

		free(x->hosts);
		x->hosts = next;
	}
	while (x->idle) {
		struct xfer_job *next = x->idle->next;

		pthread_cond_destroy(&x->idle->ended);
		free(x->idle);
		x->idle = next;
	}
	pthread_mutex_destroy(&x->lock);
	free(x->spare);
	free(x->runs);
	free(x);
	curl_global_cleanup();
}

/* A libcurl that was built for one distribution knows the place; one built for all does not. */
static bool curl_knows_ca_file(void)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

	return curl->cainfo || curl->capath;
}

/* curl's own program reads these variables; the library does not. */
static const char *ca_file_of(const struct xfer_options *options)
{
	const char *ca = options->ca_file;

	if (!ca)
		ca = getenv("CURL_CA_BUNDLE");
	if (!ca)
		ca = getenv("SSL_CERT_FILE");
	if (ca && *ca)
		return ca;
	return curl_knows_ca_file() ? NULL : os_ca_file();
}

enum sym_status xfer_open(const struct xfer_options *options, struct xfer **out,
			  struct sym_err *err)
{
	struct xfer *x;
	enum sym_status status;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, SYM_NET, "the network library does not start");
	x = calloc(1, sizeof *x);
	if (!x) {
		curl_global_cleanup();
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	x->options = *options;
	if (x->options.transfers == 0)
		x->options.transfers = TRANSFERS;
	if (x->options.connect_timeout_s == 0)
		x->options.connect_timeout_s = CONNECT_TIMEOUT_S;
	if (x->options.stall_timeout_s == 0)
		x->options.stall_timeout_s = STALL_TIMEOUT_S;
	x->options.ca_file = ca_file_of(options);
	x->bucket.rate = options->limit_rate;
	x->inbox_end = &x->inbox;
	x->waiting_end = &x->waiting;
	x->paused_end = &x->paused;
	pthread_mutex_init(&x->lock, NULL);
	status = begin(x, err);
	if (status != SYM_OK) {
		release(x);
		return status;
	}
	*out = x;
	return SYM_OK;
}

void xfer_close(struct xfer *x)
{
	if (!x)
		return;
	pthread_mutex_lock(&x->lock);
	x->closing = true;
	pthread_mutex_unlock(&x->lock);
	curl_multi_wakeup(x->multi);
	pthread_join(x->thread, NULL);
	release(x);
}

/* --------------------------------------------------------------------- jobs -- */

/* A job as new, but for what it waits by. */
static struct xfer_job *job_take(struct xfer *x)
{
	struct xfer_job *job;

	pthread_mutex_lock(&x->lock);
	job = x->idle;
	if (job)
		x->idle = job->next;
	pthread_mutex_unlock(&x->lock);
	if (job) {
		memset(job, 0, offsetof(struct xfer_job, ended));
	} else {
		job = calloc(1, sizeof *job);
		if (job)
			pthread_cond_init(&job->ended, NULL);
	}
	if (job)
		job->x = x;
	return job;
}

enum sym_status xfer_start(struct xfer *x, const struct xfer_request *request,
			   struct xfer_job **out, struct sym_err *err)
{
	struct xfer_job *job = job_take(x);
	bool wake;

	if (!job)
		return err_set(err, SYM_NOMEM, "out of memory");
	job->request = *request;
	job->response.headers.max = XFER_HEADERS_MAX;
	buf_reserve(&job->response.headers, XFER_HEADERS_USUAL);
	job->response.body.max = request->body_max;
	pthread_mutex_lock(&x->lock);
	job_add(&x->inbox_end, job);
	wake = x->asleep;
	x->asleep = false; /* one wake-up is enough */
	pthread_mutex_unlock(&x->lock);
	if (wake)
		curl_multi_wakeup(x->multi);
	*out = job;
	return SYM_OK;
}

void xfer_wait(struct xfer *x, struct xfer_job *job, struct xfer_response *out)
{
	pthread_mutex_lock(&x->lock);
	while (!job->done)
		pthread_cond_wait(&job->ended, &x->lock);
	*out = job->response;
	free(job->url);
	job->next = x->idle;
	x->idle = job;
	pthread_mutex_unlock(&x->lock);
}

void xfer_perform(struct xfer *x, const struct xfer_request *request, struct xfer_response *out)
{
	struct xfer_job *job;
	struct sym_err err;

	if (xfer_start(x, request, &job, &err) == SYM_OK) {
		xfer_wait(x, job, out);
		return;
	}
	memset(out, 0, sizeof *out);
	out->status = err.status;
	out->err = err;
}
