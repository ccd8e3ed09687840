#ifndef REQUEST_BUNDLE_H
#define REQUEST_BUNDLE_H

#include "request/request.h"

/*
 * An access bundle in parts, under a slot of its own that is destroyed when it
 * expires: TABLE_BUNDLE, slot 8 || part 4 -> sealed part.
 */
#define BUNDLE_PART_BYTES 98304
#define BUNDLE_PARTS_A_STEP 8
#define BUNDLE_BYTES_MAX (200u << 20)

/* Writes the parts from `first` on, BUNDLE_PARTS_A_STEP at most; *out_next is
 * the part to go on with, or the number of parts when all are there. */
int bundle_put(struct call *c, slot_t slot, struct bytes bundle,
	       uint32_t first, uint32_t *out_next, bool *out_more) MUST_CHECK;

/* ERR_EXPIRED. */
int bundle_get(struct call *c, slot_t slot, uint32_t part,
	       struct bytes *out) MUST_CHECK;

/* Timed: its key is queued for destruction, its rows go, some at a time. */
int request_bundle_end(struct call *c, struct request *r,
		       bool *out_more) MUST_CHECK;

struct request_export_in {
	struct id request;
	int64_t part;
	bool has_part;
};
struct request_export_out {
	int64_t part;
	int64_t parts;
	struct bytes data;
	bool sealed;
};
extern const struct field_table request_export_in_table;
extern const struct field_table request_export_out_table;
/* ERR_STATE: not fulfilled, or no access request; ERR_EXPIRED; ERR_INVALID
 * naming `part`. */
int request_export(struct call *c, const void *in, void *out);

#endif
