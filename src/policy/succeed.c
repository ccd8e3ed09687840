/*
 * What a new policy may not change under the data that the old one has led to:
 * stored ids keep their meaning, the log its name. What both mean by
 * themselves check.c has looked at.
 */
#include "policy/policy.h"
#include "policy/tree.h"

static void
compare_category(const struct policy_category *old, const struct policy *fresh,
		 struct policy_faults *faults)
{
	const struct policy_category *now =
		policy_category_by_id(fresh, old->id);

	if (now == NULL) {
		faults_add(faults, "categories.yaml", 0, 0,
			   "`%s` (id %u) is gone, but records of it may be "
			   "stored: keep it until the last has ended",
			   old->name, old->id);
		return;
	}
	if (strcmp(now->name, old->name) != 0) {
		faults_add(faults, "categories.yaml", 0, 0,
			   "the id %u is that of `%s` in stored records: give "
			   "`%s` a new one",
			   old->id, old->name, now->name);
	} else if (now->slot != old->slot) {
		faults_add(faults, "categories.yaml", 0, 0,
			   "`%s` is sealed under the slot `%s` in stored "
			   "records: keep it",
			   old->name, policy_slot_name(old->slot));
	}
	for (size_t i = 0; i < old->n_fields; i++) {
		const struct policy_field *f = &old->fields[i];
		int at = policy_field_index(now, f->name);

		if (at >= 0 && now->fields[at].type != f->type) {
			faults_add(faults, "categories.yaml", 0, 0,
				   "the field `%s` of `%s` is a `%s` in stored "
				   "records: take a new name for another type",
				   f->name, old->name,
				   policy_field_type_name(f->type));
		}
	}
}

int
policy_succeeds(const struct policy *old, const struct policy *fresh,
		struct policy_faults *faults)
{
	char first[POLICY_FAULT_TEXT_BYTES + 160];

	faults_clear(faults);
	for (size_t i = 0; i < old->n_categories; i++) {
		compare_category(&old->categories[i], fresh, faults);
	}
	for (size_t i = 0; i < fresh->n_recipients; i++) {
		const struct policy_recipient *r = &fresh->recipients[i];
		const struct policy_recipient *was =
			policy_recipient_by_id(old, r->id);

		if (was != NULL && strcmp(was->name, r->name) != 0) {
			faults_add(faults, "recipients.yaml", 0, 0,
				   "the id %u is that of `%s` in the log: give "
				   "`%s` a new one",
				   r->id, was->name, r->name);
		}
	}
	if (strcmp(old->house.log_origin, fresh->house.log_origin) != 0) {
		faults_add(faults, "house.yaml", 0, 0,
			   "the log is called `%s`: its `log_origin` cannot "
			   "change",
			   old->house.log_origin);
	}
	if (faults->n > 0) {
		return err_set(ERR_CONFIG, "%s",
			       policy_fault_print(&faults->items[0], first,
						  sizeof(first)));
	}
	return 0;
}
