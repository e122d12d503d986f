/* SPDX-License-Identifier: MIT
 * AWS's shared files and the environment as AWS's tools read them, times and addresses, and
 * when keys are renewed. What services answer is tested with servers. */
#include "target/s3/credentials.h"

#include "base/err.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static struct sym_err err;

static enum sym_status read_ini(struct ini *ini, const char *text, enum ini_kind kind)
{
	return ini_read(ini, text, strlen(text), kind, &err);
}

static void shared_files(void)
{
	struct ini ini = {0};

	ok(read_ini(&ini,
		    "\xef\xbb\xbf# a comment\r\n"
		    "; another\r\n"
		    "[default]\r\n"
		    "region = eu-west-1 \r\n"
		    "  \r\n"
		    "[profile \"by hand\"]\n"
		    "Region=us-east-2\n"
		    "s3 =\n"
		    "    addressing_style = path\n"
		    "    # within\n"
		    "\tendpoint_url=http://localhost:1\n"
		    "credential_process = sh -c \"echo '#;='\"\n"
		    "[services ours]\n"
		    "s3 =\n"
		    "  endpoint_url = https://s3.example.com\n"
		    "sts =\n"
		    "  endpoint_url = https://sts.example.com\n"
		    "[sso-session one]\n"
		    "sso_region = eu-north-1\n"
		    "[profile empty]",
		    INI_CONFIG) == SYM_OK,
	   "a config file is read");
	is_str(ini_get(&ini, "profile", "default", "region"), "eu-west-1", "its default profile");
	is_str(ini_get(&ini, "profile", "by hand", "region"), "us-east-2", "a name in quotes, a key in capitals");
	is_str(ini_get(&ini, "profile", "by hand", "s3.addressing_style"), "path", "a key below a key");
	is_str(ini_get(&ini, "profile", "by hand", "s3.endpoint_url"), "http://localhost:1",
	       "another, behind a comment");
	is_str(ini_get(&ini, "profile", "by hand", "credential_process"), "sh -c \"echo '#;='\"",
	       "a value with the signs of comments");
	is_str(ini_get(&ini, "services", "ours", "sts.endpoint_url"), "https://sts.example.com", "services");
	is_str(ini_get(&ini, "sso-session", "one", "sso_region"), "eu-north-1", "a session");
	ok(ini_has(&ini, "profile", "empty") && !ini_has(&ini, "profile", "one"),
	   "an empty profile is there, a session is no profile");
	ok(!ini_get(&ini, "profile", "default", "s3.addressing_style"), "profiles do not mix");

	ok(read_ini(&ini, "[by hand]\naws_access_key_id=A\nregion = x\n[profile odd]\nregion=y\n",
		    INI_CREDENTIALS) == SYM_OK,
	   "a credentials file is added");
	is_str(ini_get(&ini, "profile", "by hand", "aws_access_key_id"), "A", "to the profile of that name");
	is_str(ini_get(&ini, "profile", "by hand", "region"), "x", "whose values it outdoes");
	is_str(ini_get(&ini, "profile", "profile odd", "region"), "y", "there, names have no word before them");
	ini_release(&ini);
}

static void broken_files(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"[default]\nregion\n", "line 2: neither a section nor key = value"},
		{"region = x\n", "line 1: a value before the first section"},
		{"\n\n[default\n", "line 3: a section without its ]"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ini ini = {0};

		ok(read_ini(&ini, cases[i].text, INI_CONFIG) == SYM_MALFORMED, "a broken file is refused");
		is_str(err.text, cases[i].why, "and where it is broken is said");
		ini_release(&ini);
	}
}

static void times(void)
{
	ok(aws_time_read("2026-01-31T12:00:00Z") == 1769860800, "a time in UTC");
	ok(aws_time_read("2026-01-31T12:00:00.123Z") == 1769860800, "with a fraction");
	ok(aws_time_read("2026-01-31T14:00:00+02:00") == 1769860800, "east of Greenwich");
	ok(aws_time_read("2026-01-31T08:30:00-0330") == 1769860800, "west of it");
	ok(aws_time_read("1769860800000") == 1769860800, "in milliseconds");
	ok(aws_time_read("") == 0 && aws_time_read("soon") == 0 && aws_time_read("2026-01-31") == 0,
	   "what is no time");

	ok(aws_renew_at(1000, 4600) == 4300, "keys for an hour are renewed five minutes before their end");
	ok(aws_renew_at(1000, 1400) == 1300, "keys for less than that when a quarter is left");
	ok(aws_renew_at(1000, 0) == INT64_MAX, "keys for ever never");
	ok(aws_renew_at(1000, 900) <= 1000, "keys that have expired at once");
}

static void addresses(void)
{
	static const struct {
		const char *url, *scheme, *host, *base;
	} good[] = {
		{"https://s3.example.com", "https", "s3.example.com", ""},
		{"http://127.0.0.1:9000/", "http", "127.0.0.1:9000", ""},
		{"https://Host:443/proxy/s3//", "https", "host", "/proxy/s3"},
		{"http://[::1]:80", "http", "[::1]", ""},
		{"https://host:80", "https", "host:80", ""},
	};
	static const char *const bad[] = {"", "s3.example.com", "ftp://x", "https://", "https://u:p@host",
					  "https://host/?a=b", "https://host#x"};
	struct aws_site site;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ok(aws_site_read(good[i].url, &site, &err) == SYM_OK, "%s is an address", good[i].url);
		is_str(site.scheme, good[i].scheme, "its scheme");
		is_str(site.host, good[i].host, "its host as in the Host header");
		is_str(site.base, good[i].base, "its base");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(aws_site_read(bad[i], &site, &err) == SYM_USAGE, "\"%s\" is none", bad[i]);
}

/* ---------------------------------------------------------- environment -- */

static const char *const variables[] = {
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
	"AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_WEB_IDENTITY_TOKEN_FILE",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"};

static void clean_environment(void)
{
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static void endpoints(void)
{
	struct aws_settings s;

	ok(aws_settings_load("ours", &s, &err) == SYM_OK, "a profile is loaded");
	is_str(aws_endpoint(&s, "s3"), "https://s3.ours", "the profile's services name the endpoint");
	is_str(aws_endpoint(&s, "sts"), "https://all.ours", "or the profile itself does");
	setenv("AWS_ENDPOINT_URL", "https://all.env", 1);
	is_str(aws_endpoint(&s, "s3"), "https://all.env", "the environment goes before it");
	setenv("AWS_ENDPOINT_URL_S3", "https://s3.env", 1);
	is_str(aws_endpoint(&s, "s3"), "https://s3.env", "and its word for S3 before that");
	is_str(aws_endpoint(&s, "sts"), "https://all.env", "but not for STS");
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	ok(!aws_endpoint(&s, "s3"), "all are ignored where the user says so");
	clean_environment();
	aws_settings_release(&s);
}

/* Gets keys and answers their id, or the failure's status as a word. */
static const char *id_of(const char *profile)
{
	static char id[64];
	struct aws_settings s;
	struct aws_credentials *c;
	struct aws_keys keys;

	snprintf(id, sizeof id, "settings");
	if (aws_settings_load(profile, &s, &err) != SYM_OK)
		return id;
	c = aws_credentials_new(&s, NULL, "us-east-1");
	if (aws_credentials_get(c, &keys, &err) == SYM_OK) {
		snprintf(id, sizeof id, "%s/%s", keys.id, keys.token ? keys.token : "-");
		aws_keys_release(&keys);
	} else {
		snprintf(id, sizeof id, "%s", status_word(err.status));
	}
	aws_credentials_free(c);
	aws_settings_release(&s);
	return id;
}

static void places(void)
{
	is_str(id_of(NULL), "DEFAULT/-", "the default profile's keys");
	is_str(id_of("ours"), "OURS/ours-token", "a named profile's, with a session");
	setenv("AWS_PROFILE", "ours", 1);
	is_str(id_of(NULL), "OURS/ours-token", "a profile that the environment names");
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	is_str(id_of("process"), "PROCESS/t", "a process");
	is_str(id_of("half"), "usage", "a profile with half of what it needs");
	is_str(err.text,
	       "AWS profile \"half\": it has one of aws_access_key_id and aws_secret_access_key, and not the other",
	       "is named");
	is_str(id_of("loop"), "usage", "profiles in a circle");
	is_str(id_of("mfa"), "usage", "a role that asks for a code");
	is_str(id_of("noise"), "auth", "a process that prints nonsense");
	is_str(id_of("nobody"), "settings", "a profile that is nowhere");
	clean_environment();
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	is_str(id_of(NULL), "usage", "half of what is needed in the environment");
	setenv("AWS_SECRET_ACCESS_KEY", "S", 1);
	is_str(id_of(NULL), "ENV/-", "the environment goes before the default profile");
	setenv("AWS_SESSION_TOKEN", "token", 1);
	is_str(id_of(NULL), "ENV/token", "with its session");
	is_str(id_of("ours"), "OURS/ours-token", "but not before a profile that is named");
	clean_environment();
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/keys", 1);
	is_str(id_of("empty"), "refused", "keys are asked of no strange host in the clear");
	clean_environment();
	is_str(id_of("empty"), "not-found", "no keys anywhere");
}

int main(void)
{
	char folder[] = "/tmp/symbol-upload-XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	clean_environment();
	write_file("config",
		   "[default]\naws_access_key_id = CONFIG\n[profile ours]\nservices = ours\nendpoint_url = "
		   "https://all.ours\n[services ours]\ns3 =\n  endpoint_url = https://s3.ours\n"
		   "[profile process]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"PROCESS\","
		   "\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}'\n"
		   "[profile half]\naws_access_key_id = HALF\n[profile empty]\n"
		   "[profile loop]\nrole_arn = a\nsource_profile = pool\n"
		   "[profile pool]\nrole_arn = b\nsource_profile = loop\n"
		   "[profile mfa]\nrole_arn = a\nsource_profile = default\nmfa_serial = x\n"
		   "[profile noise]\ncredential_process = echo nonsense\n");
	write_file("credentials", "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n"
				  "[ours]\naws_access_key_id = OURS\naws_secret_access_key = s\n"
				  "aws_session_token = ours-token\n");
	setenv("AWS_CONFIG_FILE", "config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "credentials", 1);
	shared_files();
	broken_files();
	times();
	addresses();
	endpoints();
	places();
	unlink("config");
	unlink("credentials");
	rmdir(folder);
	return done();
}
