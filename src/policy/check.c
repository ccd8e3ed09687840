/*
 * What must hold between values and between files; here the house, the ages
 * and what the other checks share. Each fault says what would be right. Shapes
 * and unknown names have been looked at before.
 */
#include "policy/check.h"

#define REQUEST_RETENTION_MONTHS_MIN 24 /* 11 CCR 7101 */
#define ALARMS_MAX 8
#define LOG_ORIGIN_BYTES_MAX 128

const struct node *
check_item(const struct raw_set *s, enum raw_source file, const char *list,
	   size_t i)
{
	return node_at(node_get(s->files[file].root, list), i);
}

bool
check_is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

void
check_head(struct raw_set *s, size_t file, const struct policy_file *head)
{
	date_t date;

	if (head->date[0] != '\0' && date_parse(head->date, &date) != 0) {
		fault_at(s, (enum raw_source)file, s->files[file].root, "date",
			 "`date` has to be a date, as 2026-01-31");
	}
}

static void
check_house_decisions(struct raw_set *s)
{
	const struct policy_house *h = &s->house.as;
	const struct node *list =
		node_get(s->files[RAW_HOUSE].root, "house_decisions");

	for (size_t i = 0; i < h->n_house_decisions; i++) {
		if (!shape_is_house_setting(h->house_decisions[i])) {
			fault_at(s, RAW_HOUSE, node_at(list, i), NULL,
				 "`%s` is no setting of this file",
				 h->house_decisions[i]);
		} else if (check_is_same(h->house_decisions[i], "period")) {
			fault_at(s, RAW_HOUSE, node_at(list, i), NULL,
				 "the statement itself names the period: "
				 "take it out");
		}
	}
}

void
check_house(struct raw_set *s)
{
	struct policy_house *h = &s->house.as;
	const struct node *root = s->files[RAW_HOUSE].root;
	struct duration keep = h->request_retention;

	check_head(s, RAW_HOUSE, &s->house.head);
	if (node_get(root, "period") != NULL &&
	    (h->period.months != 0 || h->period.ms != 0 || h->period.days < 1 ||
	     h->period.days > POLICY_HOUSE_DAYS_MAX)) {
		fault_at(s, RAW_HOUSE, root, "period",
			 "`period` has to be P1D to P%dD: the statement "
			 "promises an answer within 90 days",
			 POLICY_HOUSE_DAYS_MAX);
	}
	h->period_ms = h->period.days * MS_PER_DAY;
	if (node_get(root, "request_retention") != NULL &&
	    keep.months < REQUEST_RETENTION_MONTHS_MIN && keep.days < 731) {
		fault_at(s, RAW_HOUSE, root, "request_retention",
			 "`request_retention` has to be at least P24M "
			 "(11 CCR 7101)");
	}
	if (node_get(root, "notice_retention") != NULL &&
	    h->notice_retention.months < 1 && h->notice_retention.days < 1) {
		fault_at(s, RAW_HOUSE, root, "notice_retention",
			 "`notice_retention` has to be at least P1D");
	}
	if (h->log_origin[0] != '\0' &&
	    (strpbrk(h->log_origin, " \t+\n") != NULL ||
	     strlen(h->log_origin) > LOG_ORIGIN_BYTES_MAX)) {
		fault_at(s, RAW_HOUSE, root, "log_origin",
			 "`log_origin` has to be without blanks and plus "
			 "signs, 128 bytes at most");
	}
	if (h->n_alarms > ALARMS_MAX) {
		fault_at(s, RAW_HOUSE, root, "alarms", "at most %d alarms",
			 ALARMS_MAX);
	}
	for (size_t i = 0; i < h->n_alarms; i++) {
		for (size_t j = 0; j < i; j++) {
			if (check_is_same(h->alarms[i].name,
					  h->alarms[j].name)) {
				fault_at(s, RAW_HOUSE,
					 check_item(s, RAW_HOUSE, "alarms", i),
					 "name", "a second alarm `%s`",
					 h->alarms[i].name);
			}
		}
	}
	check_house_decisions(s);
}

void
check_ages(struct raw_set *s)
{
	const struct policy_ages *a = &s->ages.as;

	check_head(s, RAW_AGES, &s->ages.head);
	for (size_t i = 0; i < a->n_own_consent; i++) {
		for (size_t j = 0; j < i; j++) {
			if (check_is_same(a->own_consent[i].country,
					  a->own_consent[j].country) &&
			    a->own_consent[i].from == a->own_consent[j].from) {
				fault_at(s, RAW_AGES,
					 check_item(s, RAW_AGES, "own_consent",
						    i),
					 "country",
					 "a second age for `%s` from the same "
					 "day",
					 a->own_consent[i].country);
			}
		}
	}
}

void
check_set(struct raw_set *s)
{
	static void (*const checks[])(struct raw_set *) = {
		[RAW_HOUSE] = check_house,
		[RAW_CATEGORIES] = check_categories,
		[RAW_PURPOSES] = check_purposes,
		[RAW_RECIPIENTS] = check_recipients,
		[RAW_AGES] = check_ages,
	};

	/* A file that could not be read has had its fault. */
	for (size_t i = 0; i < RAW_REGIMES; i++) {
		if (s->files[i].root != NULL) {
			checks[i](s);
		}
	}
	for (size_t i = 0; i < s->n_regimes; i++) {
		if (s->files[RAW_REGIMES + i].root != NULL) {
			check_regime(s, i);
		}
	}
}
