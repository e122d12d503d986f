/* SPDX-License-Identifier: MIT
 * What S3 and STS answer, read as rows: namespaces and blanks, empty and missing columns,
 * rows within rows, errors, and documents that are cut, too deep, or meant to harm. */
#include "target/s3/xml.h"

#include "tap.h"

#include <stdlib.h>

#define NAMESPACE "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static char got[2048];

static void keep(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	size_t used = strlen(got);

	(void)ctx;
	snprintf(got + used, sizeof got - used, "[%s|%s|%s]", values[0], values[1], values[2]);
}

static const struct xml_rows listing[] = {
	{"ListBucketResult/Contents", {"Key", "Size", "ETag"}, keep},
	{"ListBucketResult", {"IsTruncated", "NextContinuationToken"}, keep},
};

static enum sym_status read_text(const char *text)
{
	struct sym_err err;

	got[0] = '\0';
	return xml_read(text, strlen(text), listing, ARRAY_LEN(listing), NULL, &err);
}

static void rows(void)
{
	ok(read_text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult " NAMESPACE ">"
		     "<Name>b</Name><IsTruncated>true</IsTruncated>"
		     "<Contents><Key>a&amp;b &lt;1&gt;.pdb</Key><Owner><Key>not this</Key></Owner>"
		     "<ETag>&quot;0123&quot;</ETag><Size>5</Size></Contents>"
		     "<Contents><Key>gr\xc3\xb6\xc3\x9f" "e</Key><Size></Size></Contents>"
		     "<NextContinuationToken>t/+=</NextContinuationToken></ListBucketResult>") == SYM_OK,
	   "a listing is read");
	is_str(got, "[a&b <1>.pdb|5|\"0123\"][gr\xc3\xb6\xc3\x9f" "e||][true|t/+=|]",
	       "its rows in order, entities resolved, missing columns empty, grandchildren left out");
	ok(read_text("  \n \n<?xml version=\"1.0\"?><ListBucketResult/>") == SYM_OK,
	   "blanks before the document, as S3 sends them while it works");
	is_str(got, "[||]", "a document without children is a row without columns");
	ok(read_text("<Other><Contents><Key>x</Key></Contents></Other>") == SYM_OK && got[0] == '\0',
	   "rows of another document are none");
	ok(read_text("<ListBucketResult><ContentsX><Key>x</Key></ContentsX></ListBucketResult>") == SYM_OK,
	   "a name that only begins alike");
	is_str(got, "[||]", "is another");
}

static void refused(void)
{
	char deep[400] = "";
	char *large = malloc(100000);

	for (int i = 0; i < 20; i++)
		memcpy(deep + strlen(deep), "<a>", 4);
	ok(read_text("") == SYM_MALFORMED, "nothing");
	ok(read_text("<html><body>Bad gateway</html>") == SYM_MALFORMED, "what is no XML");
	ok(read_text("<ListBucketResult><Contents><Key>a</Key></Contents>") == SYM_MALFORMED, "a cut document");
	is_str(got, "[a||]", "whose whole rows were told");
	ok(read_text("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>") == SYM_MALFORMED,
	   "a document type");
	ok(read_text(deep) == SYM_MALFORMED, "a document that is too deep");
	if (!large)
		return;
	memset(large, 'x', 100000);
	memcpy(large, "<ListBucketResult><Contents><Key>", 33);
	memcpy(large + 100000 - 48, "</Key></Contents></ListBucketResult>", 37);
	ok(read_text(large) == SYM_MALFORMED, "a text that is too long");
	free(large);
}

static void errors(void)
{
	struct s3_error e;
	const char *aws = "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code>"
			  "<Message>the region "
			  "'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>";
	const char *ceph = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>NoSuchBucket</Code>"
			   "<Message></Message><BucketName>b</BucketName></Error>";
	const char *sts = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
			  "<Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message>"
			  "</Error></ErrorResponse>";
	const char *command = "<Error><Code>##vso[task.complete]</Code></Error>";

	ok(xml_read_error(aws, strlen(aws), &e), "an error of S3");
	is_str(e.code, "AuthorizationHeaderMalformed", "its code");
	is_str(e.region, "eu-west-1", "its region");
	ok(xml_read_error(ceph, strlen(ceph), &e) && strcmp(e.code, "NoSuchBucket") == 0,
	   "an error of Ceph");
	is_str(e.message, "", "which has no message");
	ok(xml_read_error(sts, strlen(sts), &e) && strcmp(e.code, "ExpiredToken") == 0, "an error of STS");
	ok(!xml_read_error("<ListBucketResult/>", 19, &e) && e.code[0] == '\0', "a listing is no error");
	ok(!xml_read_error("", 0, &e), "nor is nothing");
	ok(xml_read_error(command, strlen(command), &e) && !strstr(e.code, "##vso["),
	   "no command to a CI system is kept");
	ok(!xml_read_error("<Error><Code>A</Code>", 21, &e), "nor a cut one");
}

static void escaping(void)
{
	struct buf out = BUF_MAX(100);

	xml_escape(&out, "\"a&b<c>\"");
	is_str(out.data, "\"a&amp;b&lt;c&gt;\"", "text is escaped");
	buf_release(&out);
}

int main(void)
{
	rows();
	refused();
	errors();
	escaping();
	return done();
}
