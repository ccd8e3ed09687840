/* Every operation and every role: who may call what, written down here once
 * more, by hand, from docs/protocol.md. A row of the table without a line here
 * fails, and so does a line without a row. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

#define PO ROLE_PORTAL
#define SU ROLE_SUPPORT
#define BI ROLE_BILLING
#define CO ROLE_COMPLIANCE
#define AU ROLE_AUDITOR
#define AD ROLE_ADMIN
#define ANY (PO | SU | BI | CO | AU | AD)

static const struct {
	const char *operation;
	unsigned roles;
} expected[] = {
	{"service.ping", ANY},
	{"service.describe", ANY},
	{"policy.show", ANY},
	{"service.status", AD | CO | AU},
	{"principal.add", AD},
	{"principal.revoke", AD},
	{"principal.list", AD},
	{"backup.create", AD},
	{"subject.register", PO},
	{"inquiry.record", PO},
	{"subject.find", PO | SU | CO},
	{"subject.status", PO | SU | CO},
	{"subject.write", PO | BI},
	{"subject.read", PO | SU | BI},
	{"subject.block", PO},
	{"subject.close", PO},
	{"subject.reopen", PO},
	{"terms.accept", PO},
	{"consent.set", PO | CO},
	{"consent.list", PO | SU | CO},
	{"invite.create", PO},
	{"invite.take", PO},
	{"visit.append", PO},
	{"visit.identify", PO},
	{"visit.read", PO},
	{"report.navigation", CO | PO},
	{"share.record", BI | PO | CO},
	{"share.list", CO | AU | PO | BI},
	{"request.submit", PO | SU | CO},
	{"request.challenge", PO | SU | CO},
	{"request.verify", PO | SU | CO},
	{"request.get", PO | SU | CO | AU},
	{"request.list", PO | SU | CO | AU},
	{"request.assign", SU | CO},
	{"request.note", SU | CO},
	{"request.confirm", PO | CO},
	{"request.notified", PO | CO},
	{"request.extend", CO},
	{"request.pause", CO},
	{"request.resume", CO},
	{"request.correct", CO},
	{"request.deny", CO},
	{"request.revoke", PO | CO},
	{"request.fulfil", CO},
	{"request.export", PO | CO},
	{"request.receipt", PO | CO},
	{"notice.list", PO | BI | CO},
	{"notice.acknowledge", PO | BI | CO},
	{"hold.place", CO},
	{"hold.release", CO},
	{"hold.list", CO},
	{"retention.plan", CO | AU},
	{"retention.run", AD | CO},
	{"report.deadlines", CO | AU},
	{"report.requests", CO | AU},
	{"report.sharing", CO | AU},
	{"report.registrations", CO | AU},
	{"report.retention", CO | AU},
	{"audit.checkpoint", AU | CO},
	{"audit.entries", AU | CO},
	{"audit.proof", AU | CO},
	{"audit.consistency", AU | CO},
	{"audit.history", CO},
	{"key.status", AD | AU},
	{"key.rotate", AD},
	{"restore.acknowledge", CO},
	{"policy.explain", CO | AU},
};

#define N_EXPECTED (sizeof(expected) / sizeof(expected[0]))

static unsigned
expected_roles(const char *operation)
{
	for (size_t i = 0; i < N_EXPECTED; i++) {
		if (strcmp(expected[i].operation, operation) == 0) {
			return expected[i].roles;
		}
	}
	fail_msg("nobody has written down who may call %s", operation);
	return 0;
}

static void
every_row_admits_whom_the_protocol_says(void **state)
{
	struct core_env e;

	(void)state;
	core_env_open(&e, NULL);
	for (size_t i = 0; i < n_operations; i++) {
		unsigned roles = expected_roles(operations[i].name);

		for (unsigned k = 0; k < ROLE_COUNT - 1; k++) {
			unsigned role = role_at(k);

			/* A body that no operation takes: the role comes
			 * first, then the content. */
			core_env_call(&e, role, operations[i].name,
				      "{\"no such member\":0}");
			assert_string_equal(e.status,
					    (roles & role) != 0 ? "invalid"
								: "denied");
		}
	}
	core_env_close(&e);
}

static void
every_operation_of_the_protocol_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_EXPECTED; i++) {
		if (operation_find(expected[i].operation) == NULL) {
			fail_msg("%s is missing", expected[i].operation);
		}
	}
}

static void
rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_operations; i++) {
		const struct operation *op = &operations[i];

		assert_non_null(op->run);
		assert_non_null(op->in);
		assert_non_null(op->out);
		assert_true(strlen(op->help) > 0);
		assert_true((op->roles & ROLE_INTERNAL) == 0);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(op->name, operations[k].name);
		}
		for (size_t k = 0; k < op->in->n; k++) {
			assert_non_null(op->in->rows[k].help);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_admits_whom_the_protocol_says),
		cmocka_unit_test(every_operation_of_the_protocol_is_there),
		cmocka_unit_test(rows_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
