/* Aims at access_log_parse: what comes out of any line is bounded UTF-8
 * without control characters, a path, and a time of ours. */
// links: ninety_cli

#include "base/form.h"
#include "base/timefmt.h"
#include "fuzz.h"
#include "ninety/access_log.h"
#include "ninety/utf8.h"

static void
check_text(const char *s, size_t bytes_max)
{
	size_t n = strnlen(s, bytes_max);

	FUZZ_ASSERT(n < bytes_max);
	FUZZ_ASSERT(form_text(s, n, false) == 0);
	while (n > 0) {
		size_t k = utf8_character((const uint8_t *)s, n);

		FUZZ_ASSERT(k > 0 && k <= n);
		s += k;
		n -= k;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct access_line l;
	char text[TIME_TEXT_BYTES];
	int64_t ms;

	if (access_log_parse(bytes_of(data, n), &l) != 0) {
		return 0;
	}
	check_text(l.ip, sizeof(l.ip));
	check_text(l.method, sizeof(l.method));
	check_text(l.page, sizeof(l.page));
	check_text(l.referrer, sizeof(l.referrer));
	check_text(l.user_agent, sizeof(l.user_agent));
	FUZZ_ASSERT(l.page[0] == '/');
	FUZZ_ASSERT(strchr(l.page, '?') == NULL);
	FUZZ_ASSERT(l.status >= 0 && l.status <= 999);
	FUZZ_ASSERT(time_parse(time_print(l.at_ms, text), &ms) == 0);
	FUZZ_ASSERT(ms == l.at_ms);
	return 0;
}
