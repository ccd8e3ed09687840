/* Regimes: that a law's terms fit each other, its places and reasons are
 * known. */
#include <stdio.h>

#include "base/form.h"
#include "policy/check.h"

static bool
is_among(const char *word, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(word, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void
check_words(struct raw_set *s, size_t file, const struct node *list,
	    const char *const *words, size_t n, const char *const *known,
	    const char *right)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_among(words[i], known)) {
			fault_at(s, (enum raw_source)file, node_at(list, i),
				 NULL, "`%s` has to be one of %s", words[i],
				 right);
		}
	}
}

static bool
is_place(const char *p)
{
	size_t n = strlen(p);

	return n == 2 ? form_country(p, n) == 0 : form_region(p, n) == 0;
}

static void
check_places(struct raw_set *s, size_t file, const struct policy_regime *r)
{
	const struct node *list = node_get(s->files[file].root, "places");

	if (list != NULL && r->n_places == 0) {
		fault_at(s, (enum raw_source)file, list, NULL,
			 "`places` needs at least one");
	}
	for (size_t i = 0; i < r->n_places; i++) {
		const char *place = r->places[i].place;

		if (place[0] != '\0' && !is_place(place)) {
			fault_at(s, (enum raw_source)file, node_at(list, i),
				 "place",
				 "`%s` is no country or region, as DE or US-CA",
				 place);
		}
		for (size_t j = 0; j < i; j++) {
			if (check_is_same(r->places[j].place, place)) {
				fault_at(s, (enum raw_source)file,
					 node_at(list, i), "place",
					 "`%s` is listed twice", place);
			}
		}
	}
}

/* Days at least, for an order among terms. */
static int
least_days(struct policy_term t)
{
	return t.unit == TERM_MONTHS ? t.n * 28 : t.n;
}

void
check_regime(struct raw_set *s, size_t i)
{
	static const char *const extensions[] = {"complexity",
						 "number_of_requests", NULL};
	static const char *const denials[] = {"suspected_fraud",
					      "identity_not_verified",
					      "no_match",
					      "not_covered",
					      "outside_jurisdiction",
					      "too_many_requests",
					      "legal_hold",
					      "other",
					      NULL};
	size_t file = RAW_REGIMES + i;
	enum raw_source at = (enum raw_source)file;
	const struct policy_regime *r = &s->regimes[i].as;
	const struct node *root = s->files[file].root;
	const struct node *extension = node_get(root, "extension");
	char wanted[128];

	check_head(s, file, &s->regimes[i].head);
	(void)snprintf(wanted, sizeof(wanted), "regimes/%s.yaml", r->name);
	if (r->name[0] != '\0' && strcmp(wanted, s->files[file].file) != 0) {
		fault_at(s, at, root, "name", "the file of `%s` has to be %s",
			 r->name, wanted);
	}
	if (extension != NULL && r->extended.unit != TERM_NONE &&
	    least_days(r->extended) <= least_days(r->answer)) {
		fault_at(s, at, extension, "until",
			 "`until` is the whole term from receipt: longer than "
			 "the answer's");
	}
	if (r->appeal_extended.unit != TERM_NONE &&
	    least_days(r->appeal_extended) <= least_days(r->appeal)) {
		fault_at(s, at, node_get(root, "appeal"), "until",
			 "`until` is the whole term from receipt: longer than "
			 "`within`");
	}
	if (r->extended.unit == TERM_WORKING_DAYS ||
	    r->extension_notice.unit == TERM_WORKING_DAYS) {
		fault_at(s, at, extension, NULL,
			 "an extension counts in days or months");
	}
	if (root != NULL && node_get(root, "types") != NULL && r->types == 0) {
		fault_at(s, at, root, "types", "`types` needs at least one");
	}
	check_words(s, file, node_get(extension, "reasons"),
		    r->extension_reasons, r->n_extension_reasons, extensions,
		    "complexity, number_of_requests");
	check_words(s, file, node_get(root, "denials"), r->denial_reasons,
		    r->n_denial_reasons, denials,
		    "suspected_fraud, identity_not_verified, no_match, "
		    "not_covered, outside_jurisdiction, too_many_requests, "
		    "legal_hold, other");
	check_places(s, file, r);
}
