/* SPDX-License-Identifier: MIT
 * Proves: addresses are shown without secrets and compared by their server, headers are
 * read as they come, and the rate's bucket neither leaks nor overflows. */
#include "target/xfer/job.h"
#include "tap.h"

static void test_shown(void)
{
	static const struct {
		const char *url, *shown, *origin;
	} cases[] = {
		{"https://host/a/b", "https://host/a/b", "https://host"},
		{"https://user:pass@host:8443/a", "https://host:8443/a", "https://host:8443"},
		{"https://us%40er:p@ss@host/a@b", "https://host/a@b", "https://host"},
		{"https://host/a?sig=secret", "https://host/a", "https://host"},
		{"https://host?sig=secret", "https://host", "https://host"},
		{"https://host/a#b?c", "https://host/a", "https://host"},
		{"https://user:secret@HOST", "https://HOST", "https://host"},
		{"https://user:pa/s?s@host/a", "https://host/a", "https://host"},
		{"https://host:80/a@b/c", "https://host:80/a@b/c", "https://host:80"},
		{"https://[::1]/a@b", "https://[::1]/a@b", "https://[::1]"},
		{"http://[::1]:80/\x1b[2J", "http://[::1]:80/\\x1b[2J", "http://[::1]:80"},
	};
	char text[XFER_ORIGIN_MAX];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		xfer_shown_url(cases[i].url, text, sizeof text);
		is_str(text, cases[i].shown, "shown address %zu has no secret", i);
		url_origin(cases[i].url, text);
		is_str(text, cases[i].origin, "its server");
	}
}

static void test_headers(void)
{
	struct xfer_response r = {.headers = BUF_MAX(4096)};
	char text[16];

	ok(!xfer_header(&r, "ETag", text, sizeof text), "no headers, no value");
	buf_add_text(&r.headers, "etag: \"1\"\r\nX-Empty:\r\nWWW-Authenticate: Basic\r\n"
				 "www-authenticate:\tDigest  \r\nLong: 0123456789abcdef\r\nEnd: x");
	is_str(xfer_header(&r, "ETag", text, sizeof text), "\"1\"", "whatever the letter case");
	is_str(xfer_header(&r, "x-empty", text, sizeof text), "", "an empty value");
	is_str(xfer_header_nth(&r, "WWW-Authenticate", 1, text, sizeof text), "Digest", "the second of two");
	ok(!xfer_header_nth(&r, "WWW-Authenticate", 2, text, sizeof text), "there is no third");
	ok(!xfer_header(&r, "ETa", text, sizeof text), "part of a name is no name");
	ok(!xfer_header(&r, "Long", text, sizeof text), "a value that does not fit is none");
	ok(!xfer_header(&r, "End", text, sizeof text), "a line that is cut short is none");
	xfer_response_release(&r);
}

static void test_foreign_headers(void)
{
	ok(header_describes_body("content-type: text/plain"), "Content-Type goes along");
	ok(header_describes_body("If-None-Match: *"), "so does a condition");
	ok(!header_describes_body("Authorization: Bearer x"), "Authorization does not");
	ok(!header_describes_body("Cookie: x"), "nor a cookie");
	ok(!header_describes_body("X-JFrog-Art-Api: x"), "nor what nobody knows");
	ok(!header_describes_body("Content-Type-Key: x"), "nor what only begins alike");
}

static void test_bucket(void)
{
	struct xfer_bucket none = {.rate = 0}, b = {.rate = 100000}, slow = {.rate = 10};
	size_t sent = 0;

	is_u64(bucket_take(&none, 12345), 12345, "without a rate all is taken");
	bucket_fill(&b, 1000);
	is_u64(bucket_take(&b, 1 << 20), CURL_MAX_WRITE_SIZE, "nobody empties the bucket alone");
	while (bucket_take(&b, 1 << 20) > 0)
		;
	for (uint64_t now = 1001; now <= 3000; now++) {
		bucket_fill(&b, now);
		sent += bucket_take(&b, 1 << 20);
	}
	is_u64(sent, 200000, "two seconds fill it twice");
	bucket_fill(&b, 1000000);
	sent = 0;
	for (size_t n; (n = bucket_take(&b, 1 << 20)) > 0;)
		sent += n;
	is_u64(sent, 25000, "after a pause there is no flood");
	bucket_fill(&slow, 1);
	sent = bucket_take(&slow, 1 << 20);
	for (uint64_t now = 2; now <= 10001; now++) {
		bucket_fill(&slow, now);
		sent += bucket_take(&slow, 1 << 20);
	}
	ok(sent >= 100 && sent <= 103, "ten bytes a second are ten bytes a second (%zu)", sent);
}

int main(void)
{
	test_shown();
	test_headers();
	test_foreign_headers();
	test_bucket();
	return done();
}
