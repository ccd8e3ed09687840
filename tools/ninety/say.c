/* Words on stderr and what they mean to a shell. */

#include <stdarg.h>
#include <string.h>

#include "command.h"
#include "wire/schema.h"

#undef say

#define JSON_BYTES_MAX (64u << 20)

int
say(int status, const char *format, ...)
{
	va_list ap;

	(void)fputs("ninety: ", stderr);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return status;
}

int
status_exit(const char *status)
{
	static const struct {
		const char *word;
		int status;
	} known[] = {
		{"ok", 0},
		{"invalid", EX_DATAERR},
		{"too_large", EX_DATAERR},
		{"unknown_operation", EX_USAGE},
		{"unsupported_version", EX_USAGE},
		{"denied", EX_NOPERM},
		{"busy", EX_UNAVAILABLE},
		{"unavailable", EX_UNAVAILABLE},
		{"internal", EX_SOFTWARE},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].word, status) == 0) {
			return known[i].status;
		}
	}
	/* not_found, exists, state, held, ...: bad news, not a failure. */
	return 1;
}

int
print_json(const struct value *v)
{
	struct buf text;
	int rc;

	buf_init(&text, JSON_BYTES_MAX);
	rc = schema_value_encode(v, 2, &text);
	if (rc == 0) {
		(void)fwrite(text.data, 1, text.len, stdout);
		(void)fputc('\n', stdout);
	}
	buf_clear(&text);
	if (rc != 0) {
		return say(EX_SOFTWARE, "cannot print the answer: %s",
			   err_last()->text);
	}
	return fflush(stdout) == 0 ? 0 : say(EX_IOERR, "stdout: write fails");
}
