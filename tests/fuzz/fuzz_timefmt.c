/* Aims at time_parse, date_parse, duration_parse, id_parse: what is read
 * prints as something that reads the same. */

#include <string.h>

#include "base/id.h"
#include "base/timefmt.h"
#include "fuzz.h"

#define TEXT_BYTES_MAX 4096

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char text[TEXT_BYTES_MAX];
	char printed[64];
	struct duration d;
	struct duration d2;
	struct id id;
	int64_t ms;
	int64_t ms2;
	date_t date;
	date_t date2;

	if (n >= sizeof(text)) {
		return 0;
	}
	memcpy(text, data, n);
	text[n] = '\0';
	if (time_parse(text, &ms) == 0) {
		FUZZ_ASSERT(time_parse(time_print(ms, printed), &ms2) == 0);
		FUZZ_ASSERT(ms == ms2);
	}
	if (date_parse(text, &date) == 0) {
		FUZZ_ASSERT(date_parse(date_print(date, printed), &date2) == 0);
		FUZZ_ASSERT(date == date2);
		FUZZ_ASSERT(strcmp(printed, text) == 0);
	}
	if (duration_parse(text, &d) == 0) {
		FUZZ_ASSERT(d.months >= 0 && d.days >= 0 && d.ms >= 0);
		(void)date_print(date_add(0, d), printed);
		if (d.ms / MS_PER_SECOND * MS_PER_SECOND == d.ms) {
			FUZZ_ASSERT(duration_parse(duration_print(d, printed),
						   &d2) == 0);
			FUZZ_ASSERT(d.months == d2.months &&
				    d.days == d2.days);
		}
	}
	if (id_parse(text, &id) == 0) {
		FUZZ_ASSERT(strcmp(id_print(id, printed), text) == 0);
	}
	return 0;
}
