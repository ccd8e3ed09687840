/* Who is known by an e-mail address, from the look-up index. */
#include "registration/known.h"

#include "vault/index.h"
#include "vault/normalise.h"
#include "vault/record.h"

/* The first who lives and has a record of the category, among the hits that
 * came from one. */
static int
first_of(struct vault *v, const struct policy_category *category,
	 const struct index_entry *hits, size_t n, struct id but,
	 struct subject **out)
{
	*out = NULL;
	for (size_t i = 0; category != NULL && i < n; i++) {
		struct subject *s;
		bool has = false;
		int rc;

		if (hits[i].kind != OWNER_SUBJECT ||
		    hits[i].tag != category->id ||
		    id_equal(hits[i].owner, but)) {
			continue;
		}
		rc = subject_load_erasing(v, hits[i].owner, &s);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			continue;
		}
		if (rc == 0 && !s->erasing) {
			/* Of an account that ended, until the record has. */
			rc = record_has(v, s, category, &has);
		}
		if (rc != 0) {
			return rc;
		}
		if (has) {
			*out = s;
			return 0;
		}
	}
	return 0;
}

static int
known(struct vault *v, const char *email, struct id but, bool contact_only,
      struct subject **out)
{
	struct index_entry *hits;
	const char *normal;
	size_t n;
	int rc = normalise_email(email, v->arena, &normal);

	if (rc == 0) {
		rc = index_find(v, INDEX_OF_EMAIL, normal, &hits, &n);
	}
	if (rc == 0) {
		rc = first_of(v, policy_category(v->policy, "contact"), hits, n,
			      but, out);
	}
	if (rc == 0 && *out == NULL && !contact_only) {
		rc = first_of(v, policy_category(v->policy, "prospect"), hits,
			      n, but, out);
	}
	return rc;
}

int
known_by_email(struct vault *v, const char *email, struct id but,
	       struct subject **out)
{
	return known(v, email, but, false, out);
}

int
known_is_taken(struct vault *v, const char *email, struct id but, bool *out)
{
	struct subject *s;
	int rc = known(v, email, but, true, &s);

	if (rc == 0) {
		*out = s != NULL;
	}
	return rc;
}
