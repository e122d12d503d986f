/* SPDX-License-Identifier: MIT
 * The transfers' thread: it takes jobs from the inbox, starts those whose time has come
 * and whose server may be asked, and gives each its answer. It never sleeps for a job:
 * what must wait stands in a list with a time. */
#include "target/xfer/job.h"

#include "base/err.h"
#include "base/stop.h"
#include "target/xfer/retry.h"

#include <stdlib.h>
#include <string.h>

enum {
	LONGEST_POLL_MS = 10000,
	GRACE_MS = 10000,    /* how long after a stop goes on what outlives it */
	STOP_POLL_MS = 200,  /* so soon after it the user sees that a stop was heard */
	LATE_PAUSE_MS = 500, /* how long what is begun in a run without time may wait */
	RATE_POLL_MS = 20,   /* how often the bucket is filled */
};

/* --------------------------------------------------------------- lists -- */

void job_add(struct xfer_job ***end, struct xfer_job *job)
{
	job->next = NULL;
	**end = job;
	*end = &job->next;
}

/* Takes the job that `*at` points to out of its list. */
static struct xfer_job *list_take(struct xfer_job **at, struct xfer_job ***end)
{
	struct xfer_job *job = *at;

	*at = job->next;
	if (*end == &job->next)
		*end = at;
	return job;
}

/* ----------------------------------------------------------------- jobs -- */

static struct xfer_host *host_of(struct xfer *x, const char *url)
{
	char origin[XFER_ORIGIN_MAX];
	struct xfer_host *host;

	url_origin(url, origin);
	for (host = x->hosts; host; host = host->next)
		if (strcmp(host->origin, origin) == 0)
			return host;
	host = calloc(1, sizeof *host);
	if (!host)
		return NULL;
	memcpy(host->origin, origin, sizeof origin);
	brake_init(&host->brake, x->options.transfers);
	host->next = x->hosts;
	x->hosts = host;
	return host;
}

/* The job's answer is there: its maker may take it, and this thread must not touch it again but
 * for the signal. Under the lock that would wake somebody who has to wait for the lock; after it
 * the job may be another one already, which the signal does not harm. */
static void complete(struct xfer *x, struct xfer_job *job)
{
	pthread_mutex_lock(&x->lock);
	job->done = true;
	pthread_mutex_unlock(&x->lock);
	pthread_cond_signal(&job->ended);
}

static void fail(struct xfer *x, struct xfer_job *job, const struct sym_err *err)
{
	job->response.status = err->status;
	job->response.err = *err;
	complete(x, job);
}

static void cancel(struct xfer *x, struct xfer_job *job)
{
	struct sym_err err;

	err_set(&err, SYM_CANCELLED, "stopped");
	fail(x, job, &err);
}

/* Takes the job's handle back. */
static void detach(struct xfer *x, struct xfer_job *job)
{
	for (struct xfer_job **at = &x->paused; job->paused; at = &(*at)->next)
		if (*at == job) {
			list_take(at, &x->paused_end);
			job->paused = false;
			break;
		}
	curl_multi_remove_handle(x->multi, job->easy);
	x->spare[x->spare_count++] = job->easy;
	job->easy = NULL;
	free(job->headers);
	job->headers = NULL;
	job->host->running--;
	x->running--;
	for (unsigned i = 0; i <= x->running; i++)
		if (x->runs[i] == job)
			x->runs[i] = x->runs[x->running];
}

static enum sym_status attach(struct xfer *x, struct xfer_job *job, struct sym_err *err)
{
	enum sym_status status;

	job->easy = x->spare_count > 0 ? x->spare[--x->spare_count] : curl_easy_init();
	if (!job->easy)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = job_configure(job, err);
	if (status == SYM_OK && curl_multi_add_handle(x->multi, job->easy) != CURLM_OK)
		status = err_set(err, SYM_NOMEM, "out of memory");
	if (status != SYM_OK) {
		free(job->headers);
		job->headers = NULL;
		x->spare[x->spare_count++] = job->easy;
	}
	return status;
}

static void start(struct xfer *x, struct xfer_job *job, uint64_t now)
{
	struct sym_err err;

	if (job->request.begins)
		job->request.begins(job->request.begins_ctx, &job->request);
	if (attach(x, job, &err) != SYM_OK) {
		fail(x, job, &err);
		return;
	}
	x->runs[x->running++] = job;
	job->started_ms = now;
	job->host->running++;
	brake_started(&job->host->brake, now);
}

/* When the job may start: at most `now` = at once. */
static uint64_t opens(struct xfer *x, struct xfer_job *job, uint64_t now)
{
	uint64_t at;

	if (!job->host)
		job->host = host_of(x, job_url(job));
	if (!job->host)
		return now; /* it fails at its start, for want of memory */
	at = brake_opens(&job->host->brake, job->host->running, now);
	return at > job->request.not_before_ms ? at : job->request.not_before_ms;
}

/* Starts what may start. The time at which it is worth to try again. */
static uint64_t start_waiting(struct xfer *x)
{
	uint64_t now = os_now_ms(), next = UINT64_MAX;
	struct xfer_job **at = &x->waiting;
	struct sym_err err;

	while (*at && x->running < x->options.transfers) {
		uint64_t when = opens(x, *at, now);

		if (when > now) {
			next = min_u64(next, when);
			at = &(*at)->next;
		} else {
			struct xfer_job *job = list_take(at, &x->waiting_end);

			if (job->host) {
				start(x, job, now);
			} else {
				err_set(&err, SYM_NOMEM, "out of memory");
				fail(x, job, &err);
			}
		}
	}
	return next;
}

/* The run's time is over: nothing is tried again, and no server's pauses are waited for. Waiting behind
 * other transfers is allowed: the parts of one file do. */
static void cancel_late(struct xfer *x, uint64_t now)
{
	for (struct xfer_job **at = &x->waiting; *at;) {
		uint64_t when = opens(x, *at, now);

		if ((*at)->request.not_before_ms > 0 || (when != UINT64_MAX && when > now + LATE_PAUSE_MS))
			cancel(x, list_take(at, &x->waiting_end));
		else
			at = &(*at)->next;
	}
}

/* A transfer has ended: its brake hears of it, and its maker, unless it goes on elsewhere. */
static void end(struct xfer *x, struct xfer_job *job, CURLcode code)
{
	char after[64];
	uint64_t wait = 0;

	job_harvest(job, code);
	detach(x, job);
	if (job->response.http > 0) {
		if (xfer_header(&job->response, "Retry-After", after, sizeof after))
			(void)!retry_after_wait(after, os_time_s(), &wait);
		brake_answered(&job->host->brake, job->response.http, wait, job->started_ms, os_now_ms());
	}
	if (job_redirected(job)) {
		job->host = NULL;
		job_add(&x->waiting_end, job);
	} else {
		complete(x, job);
	}
}

/* Answers whether anything ended. */
static bool end_finished(struct xfer *x)
{
	bool any = false;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(x->multi, &left))) {
		CURLcode code = message->data.result;
		char *job = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &job);
		end(x, (struct xfer_job *)(void *)job, code); /* `message` is gone after this */
		any = true;
	}
	return any;
}

/* With grace: but for what outlives a stop. */
static void give_up_all(struct xfer *x, bool grace)
{
	for (unsigned i = 0; i < x->running;) {
		struct xfer_job *job = x->runs[i];

		if (grace && job->request.outlives_stop) {
			i++;
			continue;
		}
		detach(x, job); /* and another one is in its place */
		cancel(x, job);
	}
	while (x->waiting)
		cancel(x, list_take(&x->waiting, &x->waiting_end));
}

/* --------------------------------------------------------------- thread -- */

/* Moves the inbox to those that wait. False: the end has come. */
static bool take_inbox(struct xfer *x)
{
	bool closing;

	pthread_mutex_lock(&x->lock);
	x->asleep = false;
	closing = x->closing;
	if (x->inbox) {
		*x->waiting_end = x->inbox;
		x->waiting_end = x->inbox_end;
		x->inbox = NULL;
		x->inbox_end = &x->inbox;
	}
	pthread_mutex_unlock(&x->lock);
	return !closing;
}

/* Lets transfers go on that found the bucket empty, the longest waiting first. */
static void resume_paused(struct xfer *x)
{
	bucket_fill(&x->bucket, os_now_ms());
	for (uint64_t left = x->bucket.bytes; left > 0 && x->paused;) {
		struct xfer_job *job = list_take(&x->paused, &x->paused_end);

		job->paused = false;
		curl_easy_pause(job->easy, CURLPAUSE_CONT);
		left -= min_u64(left, CURL_MAX_WRITE_SIZE);
	}
}

static int poll_ms(const struct xfer *x, uint64_t next)
{
	uint64_t now = os_now_ms(), wait = next > now ? next - now : 0;

	wait = min_u64(wait, LONGEST_POLL_MS);
	if (!x->options.deaf && (x->running > 0 || x->waiting))
		wait = min_u64(wait, STOP_POLL_MS);
	return (int)(x->paused ? min_u64(wait, RATE_POLL_MS) : wait);
}

/* Waits for the network, the inbox or a time. */
static void wait_for_more(struct xfer *x, uint64_t next)
{
	bool wait;

	pthread_mutex_lock(&x->lock);
	wait = !x->inbox && !x->closing;
	x->asleep = wait;
	pthread_mutex_unlock(&x->lock);
	if (wait)
		curl_multi_poll(x->multi, NULL, 0, poll_ms(x, next), NULL);
}

void *xfer_drive(void *arg)
{
	struct xfer *x = arg;

	while (take_inbox(x)) {
		uint64_t next;
		int running;

		if (!x->options.deaf && stop_asked()) {
			x->stopped_ms = x->stopped_ms ? x->stopped_ms : os_now_ms();
			give_up_all(x, os_now_ms() - x->stopped_ms < GRACE_MS);
		}
		if (!x->options.deaf && stop_is_due(os_now_ms()))
			cancel_late(x, os_now_ms());
		if (x->bucket.rate)
			resume_paused(x);
		next = start_waiting(x);
		curl_multi_perform(x->multi, &running);
		if (!end_finished(x))
			wait_for_more(x, next);
	}
	give_up_all(x, false);
	return NULL;
}
