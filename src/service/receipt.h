#ifndef SERVICE_RECEIPT_H
#define SERVICE_RECEIPT_H

#include "call/call.h"

/*
 * request.receipt: a tlog-proof of the leaf with which a request ended (its
 * erasure, if it was one), or of its submission while it is open, with the
 * opening of what the leaf commits to. Whoever has it checks it with
 * `ninety-audit proof` and the log's key, without this service.
 */
struct request_receipt_in {
	struct id request;
};
struct request_receipt_out {
	const char *receipt;
	const char *type; /* of the leaf */
	int64_t index;
};
extern const struct field_table request_receipt_in_table;
extern const struct field_table request_receipt_out_table;
/* ERR_UNAVAILABLE until a checkpoint covers the leaf. */
int request_receipt(struct call *c, const void *in, void *out);

#endif
