/* From a consent withdrawn to what must come down. */
#include "request/takedown.h"

#include <string.h>

#include "request/notice.h"
#include "sharing/share.h"

#define ABOUT "take_down"
#define SHARES_READ_MAX 250 /* of the person, three reads each */
#define PURPOSE_BYTES_MAX 64

/* A recipient that got things on this consent and publishes them. */
static bool
publishes_on(const struct policy_recipient *r, const char *purpose)
{
	char consent[PURPOSE_BYTES_MAX];

	return r->kind == KIND_PUBLIC &&
	       decide_share_consent(r, consent, sizeof(consent)) &&
	       strcmp(consent, purpose) == 0;
}

/* Shares with this recipient among `all`, into `out`; returns how many. */
static size_t
shares_with(const struct share *all, size_t n, const struct policy_recipient *r,
	    struct id *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n && found < NOTICE_SHARES_MAX; i++) {
		if (all[i].recipient_id == r->id) {
			out[found++] = all[i].id;
		}
	}
	return found;
}

static int
shares_load(struct call *c, slot_t base, struct share **out, size_t *out_n)
{
	struct share *shares =
		arena_array(c->arena, SHARES_READ_MAX, sizeof(*shares));
	struct id *ids;
	size_t n;
	int rc = shares == NULL
			 ? ERR_NOMEM
			 : of_subject_list(c->txn, c->arena, OF_SUBJECT_SHARE,
					   base, (struct id){{0}},
					   SHARES_READ_MAX, &ids, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = share_load(c, ids[i], &shares[i]);
	}
	if (rc == 0) {
		*out = shares;
		*out_n = n;
	}
	return rc;
}

static int
take_down(struct call *c, const struct subject *s, const char *purpose)
{
	struct share *shares;
	size_t n;
	int rc = shares_load(c, s->base, &shares, &n);

	for (size_t i = 0; rc == 0 && i < c->policy->n_recipients; i++) {
		const struct policy_recipient *r = &c->policy->recipients[i];
		struct id *with =
			arena_array(c->arena, NOTICE_SHARES_MAX, sizeof(*with));
		struct notice notice = {.kind = NOTICE_RECIPIENT,
					.about = ABOUT,
					.subject = s->id,
					.recipient = r->name,
					.shares = with};

		if (with == NULL) {
			return ERR_NOMEM;
		}
		if (!publishes_on(r, purpose)) {
			continue;
		}
		notice.n_shares = shares_with(shares, n, r, with);
		/* More shares than were looked at: told to be on the safe
		 * side. */
		if (notice.n_shares > 0 || n == SHARES_READ_MAX) {
			rc = notice_create(c, &notice);
		}
	}
	return rc;
}

int
consent_set_told(struct call *c, const void *input, void *output)
{
	const struct consent_set_in *in = input;
	struct vault v = call_vault(c);
	struct subject *s = NULL;
	bool stood = false;
	int rc = 0;

	if (!in->granted) {
		rc = subject_load(&v, in->subject, &s);
		if (rc == 0) {
			rc = consent_stands(&v, s, in->purpose, &stood);
		}
	}
	if (rc == 0) {
		rc = consent_set(c, input, output);
	}
	return rc == 0 && stood ? take_down(c, s, in->purpose) : rc;
}
