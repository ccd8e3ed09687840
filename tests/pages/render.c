/*
 * Pages without a service: render KIND FORMAT ANSWER [REQUESTS] writes to
 * stdout what `ninety report KIND --format FORMAT` would make of that answer, a
 * JSON file; render bundle html DATA the page of an access bundle. So tests
 * draw what no instance of theirs holds: ten thousand rows, or none.
 */
#include <locale.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "ninety/report.h"
#include "request/page.h"
#include "wire/schema.h"

#define FILE_BYTES_MAX ((size_t)256 << 20)

static int
answer_read(const char *path, struct arena *a, struct value *out)
{
	FILE *from = fopen(path, "re");
	char part[65536];
	struct buf text;
	size_t n;
	int rc = from == NULL ? EX_NOINPUT : 0;

	buf_init(&text, FILE_BYTES_MAX);
	while (rc == 0 && (n = fread(part, 1, sizeof(part), from)) > 0) {
		rc = buf_put(&text, part, n);
	}
	if (rc == 0) {
		rc = schema_value_decode(buf_bytes(&text), a, out);
	}
	buf_clear(&text);
	if (from != NULL) {
		(void)fclose(from);
	}
	return rc == 0 ? 0 : say(EX_DATAERR, "%s: no answer", path);
}

static int
bundle_write(const struct value *data)
{
	struct buf page;
	int rc;

	buf_init(&page, FILE_BYTES_MAX);
	rc = page_make(data, &page);
	if (rc == 0) {
		(void)fwrite(page.data, 1, page.len, stdout);
	}
	buf_clear(&page);
	return rc == 0 ? 0 : say(EX_SOFTWARE, "the page cannot be made");
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new((size_t)1 << 30);
	struct report r = {0};
	struct value answer;
	struct value requests;
	int format = argc < 4 ? -1 : report_format_of(argv[2]);
	int rc = a == NULL || format < 0
			 ? say(EX_USAGE, "render KIND FORMAT ANSWER [REQUESTS]")
			 : answer_read(argv[3], a, &answer);

	(void)setlocale(LC_CTYPE, "");
	if (rc == 0 && argc > 4) {
		rc = answer_read(argv[4], a, &requests);
		r.requests = &requests;
	}
	if (rc == 0 && strcmp(argv[1], "bundle") == 0) {
		rc = bundle_write(&answer);
	} else if (rc == 0) {
		r.kind = argv[1];
		r.answer = &answer;
		rc = report_render(&r, (enum report_format)format, stdout);
	}
	arena_free(a);
	return rc;
}
