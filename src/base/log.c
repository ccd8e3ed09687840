/* One line, one write: lines of several threads and processes do not mix.
 * Values are words of our own; what would need an escape is replaced, so that
 * no writer of JSON is needed below the wire layer. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/timefmt.h"

#define LINE_BYTES 1024

static const char *program_name = "ninety";
static enum log_level most_verbose = LOG_NOTICE;

void
log_open(const char *program, enum log_level most)
{
	program_name = program;
	most_verbose = most;
}

struct line {
	char text[LINE_BYTES];
	size_t n;
};

static void
line_put(struct line *l, const char *s)
{
	size_t n = strlen(s);

	/* Two bytes stay for the closing brace and the newline. */
	if (n > sizeof(l->text) - 2 - l->n) {
		n = sizeof(l->text) - 2 - l->n;
	}
	memcpy(l->text + l->n, s, n);
	l->n += n;
}

static void
line_put_word(struct line *l, const char *s)
{
	char word[257];
	size_t n = 0;

	for (; *s != '\0' && n < sizeof(word) - 1; s++, n++) {
		unsigned char c = (unsigned char)*s;

		word[n] = (char)(c < 0x20 || c >= 0x7f || c == '"' || c == '\\'
					 ? '?'
					 : c);
	}
	word[n] = '\0';
	/* All of it or nothing: a line that is cut must still be JSON. */
	if (sizeof(l->text) - 2 - l->n < n + 2) {
		line_put(l, "\"\"");
		return;
	}
	line_put(l, "\"");
	line_put(l, word);
	line_put(l, "\"");
}

void
log_event(enum log_level level, const char *event,
	  const struct log_value *values, size_t n)
{
	static const char *const names[] = {"error", "warning", "notice",
					    "debug"};
	char time[TIME_TEXT_BYTES];
	char number[24];
	struct line l = {.n = 0};

	if (level > most_verbose) {
		return;
	}
	line_put(&l, "{\"time\":\"");
	line_put(&l, time_print(clock_wall_ms(clock_system()), time));
	line_put(&l, "\",\"level\":\"");
	line_put(&l, names[level]);
	line_put(&l, "\",\"program\":\"");
	line_put(&l, program_name);
	line_put(&l, "\",\"event\":");
	line_put_word(&l, event);
	for (size_t i = 0; i < n; i++) {
		size_t need = strlen(values[i].name) + 4 +
			      (values[i].text == NULL ? sizeof(number)
						      : 258);

		if (sizeof(l.text) - 2 - l.n < need) {
			break;
		}
		line_put(&l, ",\"");
		line_put(&l, values[i].name);
		line_put(&l, "\":");
		if (values[i].text != NULL) {
			line_put_word(&l, values[i].text);
		} else {
			(void)snprintf(number, sizeof(number), "%lld",
				       (long long)values[i].number);
			line_put(&l, number);
		}
	}
	l.text[l.n++] = '}';
	l.text[l.n++] = '\n';
	while (write(STDERR_FILENO, l.text, l.n) < 0 && errno == EINTR) {
		/* Again; any other failure has nobody left to hear of it. */
	}
}
