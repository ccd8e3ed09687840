/* The text of a checkpoint. Signatures are note.c's; when one may be signed
 * is signer.c's concern. */

#include <inttypes.h>
#include <stdio.h>

#include "audit/checkpoint.h"

int
checkpoint_print(const struct checkpoint *c, struct buf *out)
{
	int rc;

	if (!note_name_is_good(bytes_str(c->origin))) {
		return err_set(ERR_INVALID, "not an origin");
	}
	rc = buf_printf(out, "%s\n%" PRIu64 "\n", c->origin, c->size);
	if (rc == 0) {
		rc = base64_put(out, bytes_of(c->root.b, HASH_BYTES));
	}
	return rc == 0 ? buf_put_str(out, "\n") : rc;
}

int
checkpoint_parse(struct bytes text, struct checkpoint *out)
{
	struct checkpoint c = {0};
	struct bytes rest = text;
	struct bytes origin, size, root, line;

	if (!line_cut(&rest, &origin) || !line_cut(&rest, &size) ||
	    !line_cut(&rest, &root)) {
		return err_set(ERR_INVALID, "a checkpoint has three lines");
	}
	if (!note_name_is_good(origin) || decimal_read(size, &c.size) != 0 ||
	    base64_read_hash(root, &c.root) != 0) {
		return err_set(ERR_INVALID, "malformed checkpoint");
	}
	while (line_cut(&rest, &line)) {
		if (line.n == 0) {
			return err_set(ERR_INVALID, "empty line in a "
						    "checkpoint");
		}
	}
	if (rest.n != 0) {
		return err_set(ERR_INVALID, "unended line in a checkpoint");
	}
	memcpy(c.origin, origin.p, origin.n);
	*out = c;
	return 0;
}

int
checkpoint_open(struct bytes from, const struct note_verifier *known, size_t n,
		struct checkpoint *out)
{
	struct checkpoint c;
	struct note note;
	size_t which;
	int rc = note_parse(from, &note);

	if (rc == 0) {
		rc = note_check(&note, known, n, &which);
	}
	if (rc == 0) {
		rc = checkpoint_parse(note.text, &c);
	}
	if (rc != 0) {
		return rc;
	}
	if (strcmp(c.origin, known[which].name) != 0) {
		return err_set(ERR_CORRUPT, "signed by the key of another "
					    "log");
	}
	*out = c;
	return 0;
}

int
checkpoint_sign(const struct checkpoint *c, const struct note_signer *s,
		struct buf *out)
{
	struct buf text;
	int rc;

	buf_init(&text, NOTE_BYTES_MAX);
	rc = checkpoint_print(c, &text);
	if (rc == 0) {
		rc = note_sign(buf_bytes(&text), &s, 1, out);
	}
	buf_clear(&text);
	return rc;
}

int
origin_successor(const char *origin, char out[ORIGIN_BYTES_MAX + 1])
{
	const char *slash = strrchr(origin, '/');
	size_t stem = strlen(origin);
	uint64_t number = 1;
	char next[ORIGIN_BYTES_MAX + 32];

	if (slash != NULL &&
	    decimal_read(bytes_str(slash + 1), &number) == 0 && number >= 2 &&
	    number < UINT32_MAX) {
		stem = (size_t)(slash - origin);
	} else {
		number = 1;
	}
	if (stem > ORIGIN_BYTES_MAX ||
	    (size_t)snprintf(next, sizeof(next), "%.*s/%" PRIu64, (int)stem,
			     origin, number + 1) > ORIGIN_BYTES_MAX) {
		return err_set(ERR_TOO_LARGE, "no room for a longer origin");
	}
	memcpy(out, next, strlen(next) + 1);
	return 0;
}
