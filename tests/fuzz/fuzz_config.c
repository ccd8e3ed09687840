/* Aims at config_text_load, config_check, config_text_save. What is accepted
 * can be printed, and reads back. */
// links: ninety_daemon ninety_base

#include <stdlib.h>
#include <string.h>

#include "daemon/config_check.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char file[] = "f";
	static char dir[] = "/d";
	struct config_text *text = NULL;
	struct config_text *again = NULL;
	struct config *c = calloc(1, sizeof(*c));
	struct buf yaml;

	buf_init(&yaml, 1u << 20);
	if (c != NULL && size < CONFIG_FILE_BYTES_MAX &&
	    config_text_load("f", bytes_of(data, size), &text) == 0) {
		c->file = strdup(file);
		c->dir = strdup(dir);
		if (c->file != NULL && c->dir != NULL &&
		    config_check(text, bytes_of(data, size), c) == 0) {
			if (config_text_save(text, &yaml) != 0 ||
			    config_text_load("f", buf_bytes(&yaml), &again) !=
				    0) {
				FUZZ_ASSERT(false);
			}
			config_text_free(again);
		}
		config_text_free(text);
	}
	config_free(c);
	buf_clear(&yaml);
	return 0;
}
