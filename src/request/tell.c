/* From the log of disclosures to notices. */
#include "request/tell.h"

#include "sharing/share.h"

static bool
is_kept(const struct request *r, const char *category)
{
	for (size_t i = 0; i < r->n_kept; i++) {
		if (strcmp(r->kept[i].category, category) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether this share handed out what has changed or goes. */
static bool
concerns(const struct call *c, const struct request *r, const struct share *s,
	 const struct policy_category *category)
{
	for (size_t i = 0; i < s->n_categories; i++) {
		const struct policy_category *shared =
			policy_category_by_id(c->policy, s->categories[i]);

		if (category != NULL ? shared == category
				     : shared == NULL ||
					       !is_kept(r, shared->name)) {
			return true;
		}
	}
	return false;
}

/* Shares of one recipient, as they are gathered. */
struct group {
	uint16_t recipient;
	const char *name;
	struct id *shares;
	size_t n;
};

static int
group_add(struct call *c, struct group *groups, size_t *n,
	  const struct share *s)
{
	const struct policy_recipient *known =
		policy_recipient_by_id(c->policy, s->recipient_id);
	size_t i = 0;

	while (i < *n && groups[i].recipient != s->recipient_id) {
		i++;
	}
	if (i == *n) {
		groups[i] = (struct group){
			.recipient = s->recipient_id,
			.name = known != NULL ? known->name : s->recipient,
			.shares = arena_array(c->arena, TELL_SHARES_A_STEP,
					      sizeof(struct id))};
		if (groups[i].shares == NULL) {
			return ERR_NOMEM;
		}
		(*n)++;
	}
	groups[i].shares[groups[i].n++] = s->id;
	return 0;
}

static int
groups_tell(struct call *c, struct request *r, const char *about,
	    const struct group *groups, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct notice notice = {.kind = NOTICE_RECIPIENT,
					.about = about,
					.recipient = groups[i].name,
					.request = r->id,
					.shares = groups[i].shares,
					.n_shares = groups[i].n};

		rc = notice_create(c, &notice);
		if (rc == 0 && r->n_told < REQUEST_LIST_MAX) {
			rc = request_push(c, &r->told, &r->n_told, &notice.id,
					  sizeof(notice.id));
		}
	}
	return rc;
}

int
tell_recipients(struct call *c, struct request *r, slot_t base,
		const char *about, const struct policy_category *category,
		struct id *after, int64_t *told, bool *out_more)
{
	struct group *groups = arena_array(c->arena, TELL_SHARES_A_STEP,
					   sizeof(*groups));
	size_t n_groups = 0;
	struct id *ids;
	size_t n;
	int rc = groups == NULL
			 ? ERR_NOMEM
			 : of_subject_list(c->txn, c->arena, OF_SUBJECT_SHARE,
					   base, *after, TELL_SHARES_A_STEP,
					   &ids, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct share s;

		rc = share_load(c, ids[i], &s);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
		} else if (rc == 0 && concerns(c, r, &s, category)) {
			rc = group_add(c, groups, &n_groups, &s);
		}
	}
	if (rc == 0) {
		rc = groups_tell(c, r, about, groups, n_groups);
	}
	if (rc == 0) {
		*told += (int64_t)n_groups;
		*out_more = n == TELL_SHARES_A_STEP;
		*after = n > 0 ? ids[n - 1] : *after;
	}
	return rc;
}

int
tell_list(struct call *c, const struct request *r, struct notice **out,
	  size_t *out_n)
{
	struct notice *list = arena_array(c->arena, r->n_told, sizeof(*list));
	size_t n = 0;
	int rc = list == NULL ? ERR_NOMEM : 0;

	for (size_t i = 0; i < r->n_told && rc == 0; i++) {
		rc = notice_load(c, r->told[i], &list[n]);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
		} else if (rc == 0) {
			n++;
		}
	}
	if (rc == 0) {
		*out = list;
		*out_n = n;
	}
	return rc;
}

static bool
has_text(const struct value *list, const char *text)
{
	for (size_t i = 0; i < list->of.n; i++) {
		if (strcmp(list->of.items[i].value.text.s, text) == 0) {
			return true;
		}
	}
	return false;
}

int
tell_names(struct call *c, const struct request *r, struct value *out)
{
	struct value names = value_list();
	struct notice *list;
	size_t n;
	int rc = tell_list(c, r, &list, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!has_text(&names, list[i].recipient)) {
			rc = value_push(&names, c->arena,
					value_text(list[i].recipient));
		}
	}
	if (rc == 0) {
		*out = names;
	}
	return rc;
}
