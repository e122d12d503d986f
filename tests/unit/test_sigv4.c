/* SPDX-License-Identifier: MIT
 * Signatures: AWS's published test suite (aws-sig-v4-test-suite: those of its cases that do
 * not normalise the path, which S3 never does), the examples of the S3 API reference, and keys
 * and queries that other signers get wrong, computed by an independent implementation. */
#include "target/s3/sigv4.h"

#include "tap.h"

#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct example {
	const char *name, *method, *path;
	struct sigv4_pair query[8];
	const char *headers[8];
	const char *payload; /* NULL: no body */
	const char *signature;
};

/* ----------------------------------------------------- AWS's test suite -- */

#define HOST "Host:example.amazonaws.com"
#define DATE "X-Amz-Date:20150830T123600Z"
#define FORM "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"

static const struct example suite[] = {
	{"get-vanilla", "GET", "/", {{0}}, {HOST, DATE}, NULL,
	 "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"post-vanilla", "POST", "/", {{0}}, {HOST, DATE}, NULL,
	 "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"get-header-key-duplicate", "GET", "/", {{0}},
	 {HOST, "My-Header1:value2", "My-Header1:value2", "My-Header1:value1", DATE}, NULL,
	 "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
	{"get-header-value-multiline", "GET", "/", {{0}},
	 {HOST, "My-Header1:value1\n  value2\n     value3", DATE}, NULL,
	 "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
	{"get-header-value-order", "GET", "/", {{0}},
	 {HOST, "My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2", DATE},
	 NULL, "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
	{"get-header-value-trim", "GET", "/", {{0}},
	 {HOST, "My-Header1: value1", "My-Header2: \"a   b   c\"", DATE}, NULL,
	 "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{"get-relative (as it is)", "GET", "/example/..", {{0}}, {HOST, DATE}, NULL,
	 "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282"},
	{"get-relative-relative (as it is)", "GET", "/example1/example2/../..", {{0}}, {HOST, DATE},
	 NULL, "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b"},
	{"get-slash-dot-slash (as it is)", "GET", "/./", {{0}}, {HOST, DATE}, NULL,
	 "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145"},
	{"get-slash-pointless-dot (as it is)", "GET", "/./example", {{0}}, {HOST, DATE}, NULL,
	 "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff"},
	{"get-slash (as it is)", "GET", "//", {{0}}, {HOST, DATE}, NULL,
	 "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e"},
	{"get-slashes (as it is)", "GET", "//example//", {{0}}, {HOST, DATE}, NULL,
	 "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5"},
	{"get-space", "GET", "/example space/", {{0}}, {HOST, DATE}, NULL,
	 "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{"get-unreserved", "GET", "/" UNRESERVED, {{0}}, {HOST, DATE}, NULL,
	 "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{"get-utf8", "GET", "/\xe1\x88\xb4", {{0}}, {HOST, DATE}, NULL,
	 "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{"get-vanilla-empty-query-key", "GET", "/", {{"Param1", "value1"}}, {HOST, DATE}, NULL,
	 "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{"get-vanilla-query-order-key-case", "GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}},
	 {HOST, DATE}, NULL, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{"get-vanilla-query-order-encoded", "GET", "/",
	 {{"Param-3", "Value3"}, {"Param", "Value2"}, {"\xe1\x88\xb4", "Value1"}}, {HOST, DATE}, NULL,
	 "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
	{"get-vanilla-query-unreserved", "GET", "/", {{UNRESERVED, UNRESERVED}}, {HOST, DATE}, NULL,
	 "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{"get-vanilla-utf8-query", "GET", "/", {{"\xe1\x88\xb4", "bar"}}, {HOST, DATE}, NULL,
	 "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{"get-vanilla-with-session-token", "GET", "/", {{0}},
	 {HOST, DATE,
	  "X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"},
	 NULL, "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
	{"post-header-key-sort", "POST", "/", {{0}}, {HOST, "My-Header1:value1", DATE}, NULL,
	 "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
	{"post-header-value-case", "POST", "/", {{0}}, {HOST, "My-Header1:VALUE1", DATE}, NULL,
	 "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
	{"post-sts-header-before", "POST", "/", {{0}},
	 {HOST, DATE,
	  "X-Amz-Security-Token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWL"
	  "WsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2w"
	  "UE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xV"
	  "qr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLx"
	  "BA=="},
	 NULL, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
	{"post-vanilla-query", "POST", "/", {{"Param1", "value1"}}, {HOST, DATE}, NULL,
	 "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{"post-x-www-form-urlencoded", "POST", "/", {{0}},
	 {"Content-Type:application/x-www-form-urlencoded", HOST, "Content-Length:13", DATE,
	  "x-amz-content-sha256:" FORM},
	 FORM, "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
	{"post-x-www-form-urlencoded-parameters", "POST", "/", {{0}},
	 {"Content-Type:application/x-www-form-urlencoded; charset=utf-8", HOST, "Content-Length:13",
	  DATE, "x-amz-content-sha256:" FORM},
	 FORM, "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"},
};

/* ------------------------------------------------ the S3 API reference -- */

#define S3_HOST "Host: examplebucket.s3.amazonaws.com"
#define S3_DATE "x-amz-date: 20130524T000000Z"
#define S3_NOTHING "x-amz-content-sha256: " NOTHING
#define WELCOME "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"

static const struct example s3[] = {
	{"GET of an object", "GET", "/test.txt", {{0}},
	 {S3_HOST, "Range: bytes=0-9", S3_NOTHING, S3_DATE}, NULL,
	 "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
	{"PUT of an object", "PUT", "/test$file.text", {{0}},
	 {S3_HOST, "Date: Fri, 24 May 2013 00:00:00 GMT", S3_DATE, "x-amz-storage-class: REDUCED_REDUNDANCY",
	  "x-amz-content-sha256: " WELCOME},
	 WELCOME, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
	{"a parameter without a value", "GET", "/", {{"lifecycle", ""}}, {S3_HOST, S3_DATE, S3_NOTHING},
	 NULL, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
	{"a listing", "GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}, {S3_HOST, S3_DATE, S3_NOTHING},
	 NULL, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

/* -------------------------------------------- keys and queries of ours -- */

#define OWN_HOST "Host: 127.0.0.1:8480"
#define OWN_PUT {{0}}, {OWN_HOST, S3_DATE, S3_NOTHING, "If-None-Match: *"}, NULL
#define OWN_GET {OWN_HOST, S3_DATE, S3_NOTHING}, NULL

static const struct example odd[] = {
	{"a plus", "PUT", "/b/a+b.pdb", OWN_PUT,
	 "25e144ff8e5e4aac8ab474eca468b5707d0a6cce1c22684cf9205e3cd535805d"},
	{"parentheses and brackets", "PUT", "/b/a(b) [c].dll", OWN_PUT,
	 "054bdd4df3534fc3f8c496ad5816dfaf74e9eee6a2aff4e59c1d2e2f618b34c2"},
	{"blanks", "PUT", "/b/a b/ 1 .pdb", OWN_PUT,
	 "f46eb357743908f6c36d618119f728da3e95dbd08ce4cc3238a96063aaab6c9d"},
	{"unicode", "PUT", "/b/gr\xc3\xb6\xc3\x9f" "e-\xe6\x97\xa5\xe6\x9c\xac-\xf0\x9f\x98\x80.pdb", OWN_PUT,
	 "a85d5752a76590a974ea9baff21ec6411d6dc313ef3142a48fcf127dcbf9cd7f"},
	{"all other signs", "PUT", "/b/!'*@&=$,;:?#%41~.so", OWN_PUT,
	 "6336bc102ebf59e554c463bd772953cb60c5301d2bf5bb94ed75f06d07df6644"},
	{"empty components", "PUT", "/b//x/./y/", OWN_PUT,
	 "4da7aa904f53647cbf932e087daa15664a4400aa11b42e85bf1bece650756058"},
	{"what looks escaped already", "PUT", "/b/a%2Fb", OWN_PUT,
	 "773326aa2f8eb9cbf4bad7f6142ff007791aaf17a124a8206950465421ff2f8e"},
	{"a sub-resource", "GET", "/b", {{"uploads", ""}}, OWN_GET,
	 "09d4aa22d114586d1d6fad71d468a0e4b700c1cea337663ee0b6e2de817f1278"},
	{"an unsorted listing", "GET", "/b",
	 {{"prefix", "a b/+(\xc3\xa9)"}, {"list-type", "2"}, {"continuation-token", "1/+="},
	  {"max-keys", "1000"}, {"encoding-type", "url"}},
	 OWN_GET, "ea48dd7f31f588487b7742a4600813e36926d066a31a1052b178d6a09f6d05eb"},
	{"names that begin alike", "GET", "/b",
	 {{"a-", "1"}, {"a", "3"}, {"a", "2"}, {"a.b", ""}, {"a~", "x"}, {"A", "1"}, {"a \xc3\xa9", ""}},
	 OWN_GET, "ab2cb4f8e1e6f116f44668291c87c0eaf7654865f5797ac053162a0ccf4dd6c1"},
};

/* ------------------------------------------------------------- the rest -- */

static const struct sigv4_signer suite_signer = {
	"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service",
	"20150830T123600Z",
};

static const struct sigv4_signer s3_signer = {
	"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3",
	"20130524T000000Z",
};

static struct sigv4_request request_of(const struct example *e)
{
	struct sigv4_request request = {.method = e->method,
					.path = e->path,
					.query = e->query,
					.headers = e->headers,
					.payload = e->payload ? e->payload : NOTHING};

	while (request.query_count < 8 && e->query[request.query_count].name)
		request.query_count++;
	return request;
}

static void check(const char *title, const struct example *examples, size_t count,
		  const struct sigv4_signer *by)
{
	for (size_t i = 0; i < count; i++) {
		struct sigv4_request request = request_of(&examples[i]);
		struct buf out = BUF_MAX(8192);
		struct sym_err err;
		const char *signature;

		if (sigv4_sign(&request, by, &out, &err) != SYM_OK) {
			ok(false, "%s: %s: %s", title, examples[i].name, err.text);
			continue;
		}
		signature = strstr(out.data, "Signature=");
		is_str(signature ? signature + 10 : NULL, examples[i].signature, "%s: %s", title,
		       examples[i].name);
		buf_release(&out);
	}
}

/* A kept key is used for what it was made for, and for nothing else. */
static void kept_key(void)
{
	struct sigv4_signer mine = suite_signer, other = s3_signer, plain = suite_signer;
	struct sigv4_request request = request_of(&suite[0]);
	struct sigv4_key kept = {0};
	struct buf a = BUF_MAX(8192), b = BUF_MAX(8192);
	struct sym_err err;

	mine.kept = other.kept = &kept;
	check("with a key to be kept", suite, 3, &mine);
	check("with one of another secret", odd, 3, &other);
	check("and back", suite, 3, &mine);
	mine.time = plain.time = "20150831T000000Z";
	ok(sigv4_sign(&request, &mine, &a, &err) == SYM_OK &&
		   sigv4_sign(&request, &plain, &b, &err) == SYM_OK,
	   "signs on the next day");
	is_str(a.data, b.data, "by that day's key");
	buf_release(&a);
	buf_release(&b);
}

static void whole_header(void)
{
	struct sigv4_request request = request_of(&suite[2]);
	struct buf out = BUF_MAX(8192);
	struct sym_err err;

	ok(sigv4_sign(&request, &suite_signer, &out, &err) == SYM_OK, "a header is made");
	is_str(out.data,
	       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
	       "SignedHeaders=host;my-header1;x-amz-date, "
	       "Signature=c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
	       "and names the key, the scope and each header once");
	buf_release(&out);
}

static void addresses(void)
{
	static const struct {
		size_t example;
		const char *want;
	} cases[] = {
		{0, "/b/a%2Bb.pdb"},
		{1, "/b/a%28b%29%20%5Bc%5D.dll"},
		{3, "/b/gr%C3%B6%C3%9Fe-%E6%97%A5%E6%9C%AC-%F0%9F%98%80.pdb"},
		{6, "/b/a%252Fb"},
		{7, "/b?uploads="},
		{8, "/b?continuation-token=1%2F%2B%3D&encoding-type=url&list-type=2&max-keys=1000&prefix="
		    "a%20b%2F%2B%28%C3%A9%29"},
		{9, "/b?A=1&a=2&a=3&a%20%C3%A9=&a-=1&a.b=&a~=x"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sigv4_request request = request_of(&odd[cases[i].example]);
		struct buf out = BUF_MAX(8192);

		sigv4_address(&request, &out);
		is_str(out.data, cases[i].want, "what is asked for is what was signed: %s",
		       odd[cases[i].example].name);
		buf_release(&out);
	}
}

static void limits(void)
{
	const char *headers[SIGV4_HEADERS_MAX + 2] = {HOST, DATE};
	struct sigv4_request request = request_of(&suite[0]);
	struct buf out = BUF_MAX(8192), little = BUF_MAX(16);
	struct sym_err err;

	for (size_t i = 2; i <= SIGV4_HEADERS_MAX; i++)
		headers[i] = "a: b";
	request.headers = headers;
	ok(sigv4_sign(&request, &suite_signer, &out, &err) == SYM_TOO_BIG, "too many headers are refused");
	request = request_of(&suite[0]);
	request.query_count = SIGV4_QUERY_MAX + 1;
	ok(sigv4_sign(&request, &suite_signer, &out, &err) == SYM_TOO_BIG, "too many parameters, too");
	request = request_of(&suite[0]);
	ok(sigv4_sign(&request, &suite_signer, &little, &err) == SYM_NOMEM, "no room for the header");
	buf_release(&out);
	buf_release(&little);
}

static void times(void)
{
	char text[SIGV4_TIME_MAX];

	sigv4_time(1440938160, text);
	is_str(text, "20150830T123600Z", "a time");
	sigv4_time(951827696, text);
	is_str(text, "20000229T123456Z", "a leap day");
}

int main(void)
{
	check("the suite", suite, ARRAY_LEN(suite), &suite_signer);
	check("S3's reference", s3, ARRAY_LEN(s3), &s3_signer);
	check("odd keys", odd, ARRAY_LEN(odd), &s3_signer);
	kept_key();
	whole_header();
	addresses();
	limits();
	times();
	return done();
}
