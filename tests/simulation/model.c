/*
 * What must be there, and what must be gone. So simple that it cannot be
 * wrong: a record may go once it was, at some moment, covered by no hold while
 * its day had come or its person was to be erased; until then it is there.
 */

#include "simulation/simulation.h"

/* Nobody may go wrong by a wrong clock: the model knows the right one. */
static int64_t
true_now_ms(void)
{
	return sim.e.clock.wall - sim.jumped_ms;
}

void
model_record(int person, enum category category, unsigned mark,
	     struct id record, uint32_t version, int64_t expires_at_ms)
{
	if (model_find(record, version) != NULL) {
		sim_fail("a version was written twice");
	}
	if (sim.n_records == RECORDS_MAX) {
		sim_fail("more records than the model holds");
	}
	sim.records[sim.n_records++] = (struct thing){
		.person = person,
		.category = category,
		.record = record,
		.version = version,
		.mark = mark,
		.expires_at_ms = expires_at_ms,
	};
}

void
model_visit(unsigned visitor, unsigned mark, int64_t expires_at_ms)
{
	if (sim.n_visits == VISITS_MAX) {
		sim_fail("more visits than the model holds");
	}
	sim.visits[sim.n_visits++] = (struct thing){
		.person = -1,
		.visitor = visitor,
		.mark = mark,
		.expires_at_ms = expires_at_ms,
	};
}

struct thing *
model_find(struct id record, uint32_t version)
{
	for (size_t i = 0; i < sim.n_records; i++) {
		if (sim.records[i].version == version &&
		    id_equal(sim.records[i].record, record)) {
			return &sim.records[i];
		}
	}
	return NULL;
}

/* A hold that is being placed or released may cover or not: it counts, and
 * what it alone covers is not wanted gone. */
bool
model_is_held(const struct thing *t)
{
	for (size_t i = 0; i < sim.n_holds; i++) {
		const struct hold *h = &sim.holds[i];

		if (!h->is_over && h->person == t->person &&
		    (h->covers >> t->category & 1) != 0) {
			return true;
		}
	}
	return false;
}

bool
model_is_wanted_gone(const struct thing *t)
{
	bool is_erased = t->person >= 0 && sim.people[t->person].is_erased;
	bool is_due =
		t->expires_at_ms != 0 && t->expires_at_ms <= true_now_ms();

	return (is_erased || is_due) && (t->person < 0 || !model_is_held(t));
}

/* An erasure that is at work may have taken it already. */
static bool
may_go_now(const struct thing *t)
{
	return model_is_wanted_gone(t) ||
	       (t->person >= 0 && sim.people[t->person].is_erasing &&
		!model_is_held(t));
}

void
model_follow(void)
{
	for (size_t i = 0; i < sim.n_records; i++) {
		struct thing *t = &sim.records[i];

		t->may_go = t->may_go || may_go_now(t);
	}
	for (size_t i = 0; i < sim.n_visits; i++) {
		struct thing *t = &sim.visits[i];

		t->may_go = t->may_go || may_go_now(t);
	}
}
