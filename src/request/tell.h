#ifndef REQUEST_TELL_H
#define REQUEST_TELL_H

#include "request/notice.h"
#include "request/request.h"

/*
 * Who got data of a person must hear of a change or an erasure (GDPR Art. 19):
 * one notice a recipient, with the shares by which it knows whose data it is.
 */
#define TELL_SHARES_A_STEP 150

/* Makes notices, which the request then names, for the shares after *after
 * (nil: from the first) in which the category was handed out (NULL: any that is
 * not kept by the request); *out_more: call again. Counts into *told. */
int tell_recipients(struct call *c, struct request *r, slot_t base,
		    const char *about, const struct policy_category *category,
		    struct id *after, int64_t *told,
		    bool *out_more) MUST_CHECK;

/* The notices that a request led to and that are still kept, as they stand. */
int tell_list(struct call *c, const struct request *r, struct notice **out,
	      size_t *out_n) MUST_CHECK;

/* The recipients of these, each once, as a list of names. */
int tell_names(struct call *c, const struct request *r,
	       struct value *out) MUST_CHECK;

#endif
