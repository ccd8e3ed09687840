/* An erasure's state as the value that a job keeps: what is not there is zero,
 * false, empty or SLOT_NONE, so that most rows are short. */
#include "request/erase_state.h"

static int
number_add(struct value *v, struct arena *a, const char *name, int64_t number)
{
	return number == 0 ? 0 : value_add(v, a, name, value_int(number));
}

static int
truth_add(struct value *v, struct arena *a, const char *name, bool truth)
{
	return truth ? value_add(v, a, name, value_bool(true)) : 0;
}

static int
slot_add(struct value *v, struct arena *a, const char *name, slot_t slot)
{
	return slot == SLOT_NONE
		       ? 0
		       : value_add(v, a, name, value_int((int64_t)slot));
}

static int
slots_pack(const struct erasing *e, struct arena *a, struct value *to)
{
	struct value list = value_list();
	int rc = 0;

	for (size_t i = 0; i < e->n_slots && rc == 0; i++) {
		rc = value_push(&list, a, value_int((int64_t)e->slots[i]));
	}
	return rc != 0 || list.of.n == 0 ? rc
					 : value_add(to, a, "slots", list);
}

/* Pairs of a category's id and its records, those that have some. */
static int
records_pack(const struct erasing *e, struct arena *a, struct value *to)
{
	struct value list = value_list();
	int rc = 0;

	for (int i = 0; i < 256 && rc == 0; i++) {
		if (e->records[i] == 0) {
			continue;
		}
		rc = value_push(&list, a, value_int(i));
		if (rc == 0) {
			rc = value_push(&list, a, value_int(e->records[i]));
		}
	}
	return rc != 0 || list.of.n == 0 ? rc
					 : value_add(to, a, "records", list);
}

int
erasing_pack(const struct erasing *e, struct arena *a, struct value *out)
{
	struct value v = value_object();
	char *id = arena_alloc(a, ID_TEXT_BYTES);
	int rc = id == NULL ? ERR_NOMEM
			    : value_add(&v, a, "request",
					value_text(id_print(e->request, id)));

	if (rc == 0) {
		rc = number_add(&v, a, "phase", e->phase);
	}
	if (rc == 0) {
		rc = number_add(&v, a, "part", (int64_t)e->part);
	}
	if (rc == 0) {
		rc = truth_add(&v, a, "last", e->is_last);
	}
	if (rc == 0) {
		rc = truth_add(&v, a, "keeps", e->keeps);
	}
	if (rc == 0) {
		rc = slot_add(&v, a, "held", e->held);
	}
	if (rc == 0) {
		rc = slot_add(&v, a, "held_old", e->held_old);
	}
	if (rc == 0) {
		rc = slot_add(&v, a, "visitor", e->visitor);
	}
	if (rc == 0) {
		rc = slot_add(&v, a, "only_visitor", e->only_visitor);
	}
	if (rc == 0) {
		rc = number_add(&v, a, "told", e->told);
	}
	if (rc == 0 && !id_is_nil(e->after)) {
		id = arena_alloc(a, ID_TEXT_BYTES);
		rc = id == NULL ? ERR_NOMEM
				: value_add(&v, a, "after",
					    value_text(id_print(e->after,
								id)));
	}
	if (rc == 0) {
		rc = slots_pack(e, a, &v);
	}
	if (rc == 0) {
		rc = records_pack(e, a, &v);
	}
	if (rc == 0) {
		*out = v;
	}
	return rc;
}

static int64_t
int_of(const struct value *v, const char *name, int64_t absent)
{
	const struct value *m = value_get(v, name);

	return m != NULL && m->kind == VALUE_INT ? m->number : absent;
}

static bool
bool_of(const struct value *v, const char *name)
{
	const struct value *m = value_get(v, name);

	return m != NULL && m->kind == VALUE_BOOL && m->truth;
}

static size_t
list_length(const struct value *list)
{
	return list == NULL ? 0 : list->of.n;
}

int
erasing_unpack(const struct value *v, struct erasing *out)
{
	const struct value *slots = value_get(v, "slots");
	const struct value *records = value_get(v, "records");
	const char *id = value_get_text(v, "request");
	int64_t phase = int_of(v, "phase", 0);

	*out = (struct erasing){
		.part = (size_t)int_of(v, "part", 0),
		.is_last = bool_of(v, "last"),
		.keeps = bool_of(v, "keeps"),
		.held = (slot_t)int_of(v, "held", -1),
		.held_old = (slot_t)int_of(v, "held_old", -1),
		.visitor = (slot_t)int_of(v, "visitor", -1),
		.only_visitor = (slot_t)int_of(v, "only_visitor", -1),
		.told = int_of(v, "told", 0),
	};
	if (id == NULL || id_parse(id, &out->request) != 0 || phase < 0 ||
	    phase > ERASE_DONE || list_length(slots) > ERASE_SLOTS_MAX) {
		return err_set(ERR_CORRUPT, "the state of an erasure");
	}
	id = value_get_text(v, "after");
	if (id != NULL && id_parse(id, &out->after) != 0) {
		return err_set(ERR_CORRUPT, "the state of an erasure");
	}
	out->phase = (enum erase_phase)phase;
	for (size_t i = 0; i < list_length(slots); i++) {
		out->slots[i] = (slot_t)slots->of.items[i].value.number;
	}
	out->n_slots = list_length(slots);
	for (size_t i = 0; i + 1 < list_length(records); i += 2) {
		int64_t category = records->of.items[i].value.number;

		out->records[category & 0xff] =
			(uint32_t)records->of.items[i + 1].value.number;
	}
	return 0;
}
