#ifndef SERVICE_RECEIPT_H
#define SERVICE_RECEIPT_H

#include "call/call.h"

/*
 * request.receipt: a tlog-proof of the leaf with which a request ended (its
 * erasure, if it was one), or of its submission while it is open, with the
 * opening of what the leaf commits to. Whoever has it checks it with
 * `ninety-audit proof` and the log's key, without this service. Beside it, how
 * the notices to recipients stand that it led to (GDPR Art. 19): the receipt
 * names the recipients, but not what happened later.
 */
struct request_receipt_in {
	struct id request;
};
struct receipt_told {
	const char *recipient;
	const char *about;
	int64_t created_at;
	int64_t acknowledged_at; /* 0 */
};
struct request_receipt_out {
	const char *receipt;
	const char *type; /* of the leaf */
	int64_t index;
	struct receipt_told *recipients;
	size_t n_recipients;
};
extern const struct field_table request_receipt_in_table;
extern const struct field_table request_receipt_out_table;
/* ERR_UNAVAILABLE until a checkpoint covers the leaf. */
int request_receipt(struct call *c, const void *in, void *out);

#endif
