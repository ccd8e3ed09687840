#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include "audit/note.h"

/*
 * A checkpoint, c2sp.org/tlog-checkpoint: the text of a note that says which
 * tree the log stands for. Three lines: origin, size in decimal, root in
 * base64; further lines are kept out by us and allowed in what we read.
 *
 * The origin names the log and is the name of its key. A log that had to be
 * closed is continued by one whose origin ends in "/2", and so on.
 */
#define ORIGIN_BYTES_MAX NOTE_NAME_BYTES_MAX

struct checkpoint {
	char origin[ORIGIN_BYTES_MAX + 1];
	uint64_t size;
	struct hash root;
};

/* Appends the text. ERR_INVALID for a bad origin. */
int checkpoint_print(const struct checkpoint *c, struct buf *out) MUST_CHECK;

/* ERR_INVALID. */
int checkpoint_parse(struct bytes text, struct checkpoint *out) MUST_CHECK;

/* Parses the note and its text and checks that one of the known keys, and
 * that of the checkpoint's origin, has signed. ERR_INVALID, ERR_CORRUPT. */
int checkpoint_open(struct bytes from, const struct note_verifier *known,
		    size_t n, struct checkpoint *out) MUST_CHECK;

/* Writes the text of `c`, signs it and appends the note. */
int checkpoint_sign(const struct checkpoint *c, const struct note_signer *s,
		    struct buf *out) MUST_CHECK;

/* "ninety.example/log" is continued by "ninety.example/log/2", that by
 * "ninety.example/log/3". ERR_TOO_LARGE. */
int origin_successor(const char *origin,
		     char out[ORIGIN_BYTES_MAX + 1]) MUST_CHECK;

#endif
