/* What all sets of vectors share: reading JSON, hexadecimal, counting. */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "audit/file.h"
#include "input.h"
#include "vectors.h"
#include "wire/schema.h"

int
vectors_read(const char *directory, const char *name, struct arena *a,
	     struct value *out)
{
	char path[INPUT_PATH_BYTES];
	struct buf b;
	int n = snprintf(path, sizeof(path), "%s/%s", directory, name);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		return err_set(ERR_NOT_FOUND, "a long path");
	}
	buf_init(&b, VECTORS_FILE_BYTES_MAX);
	rc = file_read(AT_FDCWD, path, &b);
	if (rc == 0) {
		rc = schema_value_decode(buf_bytes(&b), a, out);
	}
	buf_clear(&b);
	return rc;
}

struct bytes
vectors_hex(const struct value *v, const char *name, struct arena *a)
{
	const char *text = value_get_text(v, name);
	size_t n = text == NULL ? 0 : strlen(text);
	size_t length = 0;
	uint8_t *to = text == NULL ? NULL : arena_alloc(a, n / 2 + 1);

	if (to == NULL || sodium_hex2bin(to, n / 2 + 1, text, n, NULL, &length,
					 NULL) != 0 ||
	    length * 2 != n) {
		return bytes_of(NULL, 0);
	}
	return bytes_of(to, length);
}

int64_t
vectors_number(const struct value *v, const char *name)
{
	const struct value *n = value_get(v, name);

	return n != NULL && n->kind == VALUE_INT ? n->number : 0;
}

void
vectors_count(struct report *r, struct vector_set *set, bool right,
	      const char *comment)
{
	set->ran++;
	if (!right) {
		set->wrong++;
		report_fault(r, "%s, vector %" PRIu64 ": wrong (%s)",
			     set->name, set->ran, comment);
	}
}

void
vectors_tell(struct report *r, const struct vector_set *set)
{
	char line[128];

	if (set->ran == 0) {
		report_fault(r, "%s: no vector", set->name);
	}
	(void)snprintf(line, sizeof(line),
		       "%" PRIu64 " ran, %" PRIu64 " wrong, %" PRIu64
		       " rightly refused",
		       set->ran, set->wrong, set->refused);
	report_text(r, set->name, line);
}
