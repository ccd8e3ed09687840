#ifndef AUDIT_DETAILS_H
#define AUDIT_DETAILS_H

#include "base/value.h"

/*
 * Details of a leaf as bytes, docs/format.md "Details": an object, with a
 * number for each member that leaves usually have, ids and hashes as what they
 * are, small integers and lengths in one byte. There are as many of them as
 * leaves: what a write leaves behind has 20 bytes, against 68 of a packed
 * value. Equal details are equal bytes.
 *
 * The number of a name stands in logs for ever: append, never renumber.
 */
#define DETAILS_NAMES(X)                                                      \
	X(1, "about")                                                         \
	X(2, "alarm")                                                         \
	X(3, "at")                                                            \
	X(4, "basis")                                                         \
	X(5, "batch")                                                         \
	X(6, "by")                                                            \
	X(7, "category")                                                      \
	X(8, "count")                                                         \
	X(9, "country")                                                       \
	X(10, "days")                                                         \
	X(11, "drift_ms")                                                     \
	X(12, "due_at")                                                       \
	X(13, "epoch")                                                        \
	X(14, "erased")                                                       \
	X(15, "fields")                                                       \
	X(16, "gap")                                                          \
	X(17, "granted")                                                      \
	X(18, "hold")                                                         \
	X(19, "kept")                                                         \
	X(20, "keystore")                                                     \
	X(21, "kind")                                                         \
	X(22, "method")                                                       \
	X(23, "note")                                                         \
	X(24, "notices")                                                      \
	X(25, "of")                                                           \
	X(26, "principal")                                                    \
	X(27, "purpose")                                                      \
	X(28, "reason")                                                       \
	X(29, "received_at")                                                  \
	X(30, "recipient")                                                    \
	X(31, "recipients")                                                   \
	X(32, "record")                                                       \
	X(33, "records")                                                      \
	X(34, "request")                                                      \
	X(35, "root")                                                         \
	X(36, "rows")                                                         \
	X(37, "sha256")                                                       \
	X(38, "share")                                                        \
	X(39, "shares")                                                       \
	X(40, "slots")                                                        \
	X(41, "state")                                                        \
	X(42, "stopped_ms")                                                   \
	X(43, "terms_version")                                                \
	X(44, "through")                                                      \
	X(45, "ticket")                                                       \
	X(46, "type")                                                         \
	X(47, "version")                                                      \
	X(48, "weak_keystore")

/* Appends the packed form of an object, nothing for an empty one. ERR_INVALID
 * for a name given twice or a NUL in a text, ERR_TOO_LARGE. */
int details_pack(const struct value *object, struct buf *to) MUST_CHECK;

/* Texts are copied into the arena. Strict: what details_pack writes is the
 * only spelling. ERR_CORRUPT, ERR_NOMEM. */
int details_unpack(struct bytes from, struct arena *a,
		   struct value *out) MUST_CHECK;

#endif
