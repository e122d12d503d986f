/* SPDX-License-Identifier: MIT
 * Proves: which failures come again and when, how Retry-After is read, and how the brake
 * that all transfers to one server share tightens and loosens. The clock is a number. */
#include "target/xfer/brake.h"
#include "target/xfer/retry.h"
#include "tap.h"

#include <curl/curl.h>

static struct retry_decision decide(unsigned attempt, int curl, long http, const char *after)
{
	return retry_decide(&retry_default, attempt, curl, http, after, 1000000, 784111777, 0);
}

/* ---------------------------------------------------------------- which -- */

static void test_which(void)
{
	static const struct {
		int curl;
		long http;
		bool again;
		const char *what;
	} cases[] = {
		{CURLE_COULDNT_CONNECT, 0, true, "a connection that is refused"},
		{CURLE_COULDNT_RESOLVE_HOST, 0, true, "a name that is not known"},
		{CURLE_OPERATION_TIMEDOUT, 0, true, "a timeout"},
		{CURLE_SEND_ERROR, 0, true, "a connection lost while sending"},
		{CURLE_RECV_ERROR, 0, true, "a connection lost while receiving"},
		{CURLE_SSL_CONNECT_ERROR, 0, true, "a TLS reset"},
		{CURLE_HTTP2_STREAM, 0, true, "a stream that was reset"},
		{CURLE_GOT_NOTHING, 0, true, "no answer"},
		{CURLE_PARTIAL_FILE, 0, true, "half an answer"},
		{CURLE_PEER_FAILED_VERIFICATION, 0, false, "a certificate that is not trusted"},
		{CURLE_SSL_CERTPROBLEM, 0, false, "a client certificate that cannot be read"},
		{CURLE_URL_MALFORMAT, 0, false, "a malformed address"},
		{CURLE_PROXY, 0, false, "a proxy that refuses"},
		{0, 408, true, "408"},
		{0, 429, true, "429"},
		{0, 500, true, "500"},
		{0, 502, true, "502"},
		{0, 503, true, "503"},
		{0, 504, true, "504"},
		{0, 599, true, "a 5xx that nobody knows"},
		{0, 501, false, "501"},
		{0, 507, false, "507: a full disk"},
		{0, 200, false, "200"},
		{0, 307, false, "307"},
		{0, 400, false, "400"},
		{0, 401, false, "401"},
		{0, 403, false, "403"},
		{0, 404, false, "404"},
		{0, 409, false, "409"},
		{0, 412, false, "412"},
		{0, 413, false, "413"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct retry_decision d = decide(1, cases[i].curl, cases[i].http, NULL);

		ok(d.again == cases[i].again, "%s %s", cases[i].what,
		   cases[i].again ? "comes again" : "is final");
	}
	ok(decide(7, 0, 503, NULL).again, "the seventh attempt is not the last");
	ok(!decide(8, 0, 503, NULL).again, "the eighth is");
	ok(decide(2, CURLE_COULDNT_RESOLVE_HOST, 0, NULL).again &&
	   !decide(3, CURLE_COULDNT_RESOLVE_HOST, 0, NULL).again,
	   "a name that is not known is asked for three times");
}

/* ----------------------------------------------------------------- when -- */

static void test_when(void)
{
	static const uint64_t longest[] = {500, 1000, 2000, 4000, 8000, 16000, 30000};
	bool within = true;

	for (unsigned i = 0; i < ARRAY_LEN(longest); i++)
		is_u64(decide(i + 1, 0, 500, NULL).at_ms - 1000000, longest[i], "pause %u without jitter", i + 1);
	for (uint64_t random = 1; random < 100000; random += 977) {
		uint64_t at = retry_decide(&retry_default, 3, 0, 500, NULL, 0, 0, random).at_ms;

		within &= at >= 1000 && at <= 2000;
	}
	ok(within, "jitter stays in the upper half");
	is_u64(decide(1, 0, 429, "7").at_ms - 1000000, 7000, "Retry-After in seconds");
	is_u64(decide(1, 0, 429, "0").at_ms - 1000000, 500, "a Retry-After of 0 keeps the pause");
	is_u64(decide(1, 0, 503, "Sun, 06 Nov 1994 08:49:47 GMT").at_ms - 1000000, 10000,
	       "Retry-After as a date");
	is_u64(decide(1, 0, 503, "soon").at_ms - 1000000, 500, "a Retry-After that says nothing");
	ok(decide(1, 0, 429, "300").again, "five minutes are waited for");
	ok(!decide(1, 0, 429, "301").again, "more are not");
	is_u64(decide(8, 0, 429, "301").too_long_ms, 301000, "and that is told, at the last attempt, too");
	is_u64(decide(1, 0, 429, "300").too_long_ms, 0, "else it is not");
}

static void test_retry_after(void)
{
	static const struct {
		const char *text;
		bool read;
		uint64_t ms;
	} cases[] = {
		{"120", true, 120000},
		{"999999999", true, 999999999000},
		{"9999999999", false, 0},
		{"-1", false, 0},
		{"1.5", false, 0},
		{"", false, 0},
		{"Sun, 06 Nov 1994 08:49:37 GMT", true, 0},
		{"Sun, 06 Nov 1994 08:49:36 GMT", true, 0},
		{"Sun, 06 Nov 1994 09:49:37 GMT", true, 3600000},
		{"Mon, 06 Mar 1995 08:49:37 GMT", true, UINT64_C(120) * 86400000},
		{"Thu, 29 Feb 2024 00:00:00 GMT", true, UINT64_C(925053023000)},
		{"Sun, 06 Nox 1994 08:49:37 GMT", false, 0},
		{"Sunday, 06-Nov-94 08:49:47 GMT", true, 10000}, /* the forms of old: RFC 9110 5.6.7 */
		{"Sun Nov  6 08:49:47 1994", true, 10000},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t ms = 0;
		bool read = retry_after_wait(cases[i].text, 784111777, &ms);

		ok(read == cases[i].read && ms == cases[i].ms, "Retry-After: \"%s\" is %s (%llu ms)",
		   cases[i].text, read ? "read" : "not read", (unsigned long long)ms);
	}
}

/* ---------------------------------------------------------------- brake -- */

static void test_brake_tightens(void)
{
	struct brake b;

	brake_init(&b, 16);
	is_u64(brake_opens(&b, 15, 100), 100, "nothing is wrong: 16 at once");
	is_u64(brake_opens(&b, 16, 100), UINT64_MAX, "but no more");
	brake_started(&b, 100);
	is_u64(brake_opens(&b, 1, 100), 100, "and no pause");
	brake_answered(&b, 503, 0, 100, 110);
	ok(brake_opens(&b, 7, 110) == 110 && brake_opens(&b, 8, 110) == UINT64_MAX, "503: half of them");
	for (int i = 0; i < 15; i++)
		brake_answered(&b, 503, 0, 100, 110);
	ok(brake_opens(&b, 7, 110) == 110, "those that were under way with it do not count again");
	for (uint64_t t = 120; t < 150; t += 10)
		brake_answered(&b, 429, 0, t, t + 5);
	ok(brake_opens(&b, 0, 150) == 150 && brake_opens(&b, 1, 150) == UINT64_MAX, "in the end one alone");
	for (uint64_t t = 1000; t < 1100; t += 10)
		brake_answered(&b, 500, 0, t, t + 5);
	brake_started(&b, 2000);
	is_u64(brake_opens(&b, 0, 2000), 2256, "and then with pauses, a quarter of a second at most");
}

static void test_brake_loosens(void)
{
	struct brake b;
	unsigned answers = 0;

	brake_init(&b, 16);
	for (uint64_t t = 0; t < 1000; t += 10)
		brake_answered(&b, 503, 0, t, t + 5);
	for (; brake_opens(&b, 15, 5000) == UINT64_MAX && answers < 1000; answers++)
		brake_answered(&b, 201, 0, 5000, 5000);
	ok(answers > 100 && answers < 300, "good answers bring 16 at once back, step by step (%u)", answers);
	for (int i = 0; i < 1000; i++)
		brake_answered(&b, 404, 0, 5000, 5000);
	is_u64(brake_opens(&b, 16, 5000), UINT64_MAX, "never more than at first");
	brake_answered(&b, 501, 0, 5000, 5000);
	brake_answered(&b, 507, 0, 5000, 5000);
	is_u64(brake_opens(&b, 15, 5000), 5000, "501 is no sign of load, nor is a full disk");
}

static void test_brake_retry_after(void)
{
	struct brake b;

	brake_init(&b, 16);
	brake_answered(&b, 429, 3000, 0, 1000);
	is_u64(brake_opens(&b, 0, 1000), 4000, "Retry-After: no transfer starts before");
	brake_answered(&b, 200, 0, 900, 1100);
	is_u64(brake_opens(&b, 0, 1100), 4000, "a good answer does not end the wait");
	brake_answered(&b, 429, 1000, 900, 1200);
	is_u64(brake_opens(&b, 0, 1200), 4000, "a shorter one does not shorten it");
	is_u64(brake_opens(&b, 0, 4000), 4000, "then it is over");
	brake_answered(&b, 503, 300 * 1000, 4000, 4000);
	is_u64(brake_opens(&b, 0, 4000), 304000, "five minutes are waited for");
	brake_answered(&b, 503, UINT64_MAX, 304000, 304000);
	is_u64(brake_opens(&b, 0, 304000), 304000, "but nothing that is longer: no transfer would be tried again");
}

/* ----------------------------------------------------------- simulation -- */

/* A server that answers `capacity` requests a second with 200 and the rest with 503, each after
 * 5 ms; a client with 16 workers for ever. Requests in the second before `end`. */
struct server {
	uint64_t started[16];
	bool busy[16];
	uint64_t second, in_second;
};

static unsigned simulate(struct brake *b, struct server *s, uint64_t begin, uint64_t end,
			 unsigned capacity)
{
	unsigned in_last_second = 0;

	for (uint64_t t = begin; t < end; t++) {
		unsigned running = 0;

		for (int i = 0; i < 16; i++) {
			if (s->busy[i] && t - s->started[i] >= 5) {
				s->busy[i] = false;
				if (t / 1000 != s->second) {
					s->second = t / 1000;
					s->in_second = 0;
				}
				brake_answered(b, s->in_second++ < capacity ? 200 : 503, 0, s->started[i], t);
			}
			running += s->busy[i];
		}
		for (int i = 0; i < 16; i++) {
			if (s->busy[i] || brake_opens(b, running, t) > t)
				continue;
			s->busy[i] = true;
			s->started[i] = t;
			brake_started(b, t);
			running++;
			in_last_second += t + 1000 >= end;
		}
	}
	return in_last_second;
}

static void test_brake_with_server(void)
{
	struct server s = {.second = 0};
	struct brake b;
	unsigned before, during, after;

	brake_init(&b, 16);
	before = simulate(&b, &s, 0, 3000, 1000000);
	during = simulate(&b, &s, 3000, 8000, 20);
	after = simulate(&b, &s, 8000, 12000, 1000000);
	ok(before > 2500, "an idle server is asked as fast as it answers (%u a second)", before);
	ok(during > 5 && during < 60, "one that can do 20 a second is not driven into the ground (%u)", during);
	ok(after > 2500, "and when it can again, it is asked again (%u)", after);
}

/* -------------------------------------------------------------- giving up -- */

static void test_gives_up(void)
{
	ok(!retry_gives_up(CURLE_SEND_ERROR, 1000, 1010, 90000), "a server that answered meanwhile is there");
	ok(!retry_gives_up(CURLE_SEND_ERROR, 1000, 990, 1020), "one lost connection says nothing of a server");
	ok(retry_gives_up(CURLE_SEND_ERROR, 1000, 990, 2500), "silence through all tries does");
	ok(retry_gives_up(CURLE_COULDNT_RESOLVE_HOST, 1000, 0, 1700), "a name that nobody knows, too");
	ok(retry_gives_up(CURLE_PEER_FAILED_VERIFICATION, 1000, 0, 1001), "what does not pass needs no time");
}

int main(void)
{
	test_which();
	test_when();
	test_retry_after();
	test_brake_tightens();
	test_brake_loosens();
	test_brake_retry_after();
	test_brake_with_server();
	test_gives_up();
	return done();
}
