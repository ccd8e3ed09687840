/* THE table. A new operation is a row here, its struct and field table beside
 * its function, and an expectation in the role test. */

#include "navigation/visit.h"
#include "registration/account.h"
#include "registration/consent.h"
#include "registration/find.h"
#include "registration/invite.h"
#include "registration/read.h"
#include "registration/register.h"
#include "registration/write.h"
#include "request/bundle.h"
#include "request/end.h"
#include "request/explain.h"
#include "request/fulfil.h"
#include "request/list.h"
#include "request/notice.h"
#include "request/progress.h"
#include "request/submit.h"
#include "request/takedown.h"
#include "request/verify.h"
#include "report/deadlines.h"
#include "report/people.h"
#include "report/requests.h"
#include "report/retained.h"
#include "retention/days.h"
#include "retention/hold.h"
#include "retention/plan.h"
#include "service/audit_ops.h"
#include "service/backup.h"
#include "service/ops.h"
#include "service/receipt.h"
#include "service/restore.h"
#include "service/rotation.h"
#include "service/service_ops.h"
#include "sharing/list.h"
#include "sharing/record.h"

#define ANY ROLE_ENROLLED
#define PORTAL ROLE_PORTAL
#define SUPPORT ROLE_SUPPORT
#define BILLING ROLE_BILLING
#define COMPLIANCE ROLE_COMPLIANCE
#define AUDITOR ROLE_AUDITOR
#define ADMIN ROLE_ADMIN

static const struct field_table nothing_table = {NULL, 0, 1};

/* name, function, in, out, roles, class, leaf, leaves none on success, help */
#define ROW(op, fn, i, o, who, kind, leaf_type, is_quiet, text)               \
	{.name = (op),                                                        \
	 .run = (fn),                                                         \
	 .roles = (who),                                                      \
	 .class = (kind),                                                     \
	 .in = &(i##_table),                                                  \
	 .out = &(o##_table),                                                 \
	 .leaf = LEAF_##leaf_type,                                            \
	 .quiet = (is_quiet),                                                 \
	 .help = (text)}

/* clang-format off */
const struct operation operations[] = {
	/* the service */
	ROW("service.ping", service_ping, nothing, ping_out,
	    ANY, OP_READ, DENIED, true, "is it there"),
	ROW("service.describe", service_describe, describe_in, describe_out,
	    ANY, OP_READ, DENIED, true, "every operation with its members"),
	ROW("service.status", service_status, nothing, status_out,
	    ADMIN | COMPLIANCE | AUDITOR, OP_READ, STATUS, true,
	    "how it fares: queues, syncs, keys, calls"),
	ROW("policy.show", service_policy_show, nothing, policy_show_out,
	    ANY, OP_READ, DENIED, true, "the policies in force"),
	ROW("principal.add", service_principal_add, principal_add_in, nothing,
	    ADMIN, OP_WRITE, PRINCIPAL_ADDED, false, "enrol a key"),
	ROW("principal.revoke", service_principal_revoke,
	    principal_revoke_in, nothing,
	    ADMIN, OP_WRITE, PRINCIPAL_REVOKED, false, "end a key's rights"),
	ROW("principal.list", service_principal_list,
	    nothing, principal_list_out,
	    ADMIN, OP_READ, STATUS, true, "the enrolled keys"),
	ROW("backup.create", backup_create,
	    backup_create_in, backup_create_out,
	    ADMIN, OP_WRITE, BACKUP, false,
	    "a copy of store and log, while serving"),
	ROW("restore.acknowledge", restore_acknowledge,
	    restore_acknowledge_in, nothing,
	    COMPLIANCE, OP_WRITE, GAP_ACKNOWLEDGED, false,
	    "what a restore could not bring back has been seen"),
	ROW("key.status", service_key_status, nothing, key_status_out,
	    ADMIN | AUDITOR, OP_READ, STATUS, true, "the tree of keys"),
	ROW("key.rotate", key_rotate, key_rotate_in, key_rotate_out,
	    ADMIN, OP_WRITE, KEY_ROTATION, false,
	    "new keys for every node of the tree, or for the log"),
	/* people */
	ROW("subject.register", subject_register,
	    subject_register_in, subject_register_out,
	    PORTAL, OP_WRITE, REGISTER_REFUSED, false, "a new customer"),
	ROW("inquiry.record", inquiry_record,
	    inquiry_record_in, inquiry_record_out,
	    PORTAL, OP_WRITE, INQUIRY, false, "somebody asks, as a prospect"),
	ROW("subject.find", subject_find, subject_find_in, subject_find_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_READ, FIND, false,
	    "who is known by an e-mail address or a telephone"),
	ROW("subject.status", subject_status,
	    subject_status_in, subject_status_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_READ, STATUS, false,
	    "what is held of somebody, without values"),
	ROW("subject.write", subject_write,
	    subject_write_in, subject_write_out,
	    PORTAL | BILLING, OP_WRITE, WRITE, false,
	    "a record of a customer, or a new version of one"),
	ROW("subject.read", subject_read, subject_read_in, subject_read_out,
	    PORTAL | SUPPORT | BILLING, OP_READ, READ, false,
	    "records, for a purpose and with a reason"),
	ROW("subject.block", subject_block, subject_block_in, nothing,
	    PORTAL, OP_WRITE, BLOCK, false, "block an account"),
	ROW("subject.close", subject_close, subject_close_in, nothing,
	    PORTAL, OP_WRITE, CLOSE, false,
	    "close an account: what counts from its end begins to"),
	ROW("subject.reopen", subject_reopen, subject_reopen_in, nothing,
	    PORTAL, OP_WRITE, REOPEN, false,
	    "open a blocked or lately closed account again"),
	ROW("terms.accept", terms_accept, terms_accept_in, nothing,
	    PORTAL, OP_WRITE, TERMS, false, "new terms were accepted"),
	ROW("invite.create", invite_create,
	    invite_create_in, invite_create_out,
	    PORTAL, OP_WRITE, INVITE, false, "invite a friend, once"),
	ROW("invite.take", invite_take, invite_take_in, invite_take_out,
	    PORTAL, OP_WRITE, INVITE_TAKEN, false,
	    "the friend's contact, once"),
	ROW("consent.set", consent_set_told, consent_set_in, nothing,
	    PORTAL | COMPLIANCE, OP_WRITE, CONSENT, false,
	    "give or withdraw a consent"),
	ROW("consent.list", consent_list, consent_list_in, consent_list_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_READ, READ, false,
	    "the newest word on each purpose"),
	/* navigation */
	ROW("visit.append", visit_append, visit_append_in, visit_append_out,
	    PORTAL, OP_WRITE, VISIT, false, "what a visitor did, sealed"),
	ROW("visit.identify", visit_identify, visit_identify_in, nothing,
	    PORTAL, OP_WRITE, IDENTIFY, false,
	    "a visitor turns out to be a customer"),
	ROW("visit.read", visit_read, visit_read_in, visit_read_out,
	    PORTAL, OP_READ, VISIT_READ, false,
	    "events, for a purpose and with a reason"),
	ROW("report.navigation", report_navigation,
	    report_navigation_in, report_navigation_out,
	    COMPLIANCE | PORTAL, OP_SNAPSHOT, REPORT, false,
	    "pages by day, without a person"),
	/* sharing */
	ROW("share.record", share_record, share_record_in, share_record_out,
	    BILLING | PORTAL | COMPLIANCE, OP_WRITE, DISCLOSE_REFUSED, false,
	    "hand data out to a recipient, or declare that it was"),
	ROW("share.list", share_list, share_list_in, share_list_out,
	    COMPLIANCE | AUDITOR | PORTAL | BILLING, OP_READ, SHARES_READ,
	    false, "what was handed out to whom"),
	/* requests of data subjects */
	ROW("request.submit", request_submit,
	    request_submit_in, request_submit_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_WRITE, REQUEST_SUBMITTED, false,
	    "a data subject asks for access, a change or deletion"),
	ROW("request.challenge", request_challenge,
	    request_challenge_in, request_challenge_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_WRITE, REQUEST_CHALLENGED, false,
	    "a code for the contact on record before the request"),
	ROW("request.verify", request_verify,
	    request_verify_in, request_verify_out,
	    PORTAL | SUPPORT | COMPLIANCE, OP_WRITE, REQUEST_VERIFY_FAILED,
	    false, "the code that came back, or other evidence"),
	ROW("request.get", request_get, request_get_in, request_get_out,
	    PORTAL | SUPPORT | COMPLIANCE | AUDITOR, OP_READ, REQUEST_READ,
	    false, "one request with its history"),
	ROW("request.list", request_list, request_list_in, request_list_out,
	    PORTAL | SUPPORT | COMPLIANCE | AUDITOR, OP_SNAPSHOT, REQUEST_READ,
	    false, "requests, filtered and sorted, in pages"),
	ROW("policy.explain", policy_explain,
	    policy_explain_in, policy_explain_out,
	    COMPLIANCE | AUDITOR, OP_READ, REQUEST_READ, false,
	    "how each date of a request came about"),
	ROW("request.assign", request_assign, request_assign_in, nothing,
	    SUPPORT | COMPLIANCE, OP_WRITE, REQUEST_ASSIGNED, false,
	    "who works on it"),
	ROW("request.note", request_note, request_note_in, nothing,
	    SUPPORT | COMPLIANCE, OP_WRITE, REQUEST_NOTED, false,
	    "a note for those who work on it"),
	ROW("request.confirm", request_confirm, request_confirm_in, nothing,
	    PORTAL | COMPLIANCE, OP_WRITE, REQUEST_CONFIRMED, false,
	    "receipt was confirmed to the person"),
	ROW("request.notified", request_notified, request_notified_in, nothing,
	    PORTAL | COMPLIANCE, OP_WRITE, REQUEST_NOTIFIED, false,
	    "the person was told of an extension or an outcome"),
	ROW("request.extend", request_extend,
	    request_extend_in, request_dates_out,
	    COMPLIANCE, OP_WRITE, REQUEST_EXTENDED, false,
	    "the regime's extension, never past the house's date"),
	ROW("request.pause", request_pause,
	    request_extend_in, request_dates_out,
	    COMPLIANCE, OP_WRITE, REQUEST_PAUSED, false,
	    "stop the law's clock, where the law has it"),
	ROW("request.resume", request_resume,
	    request_extend_in, request_dates_out,
	    COMPLIANCE, OP_WRITE, REQUEST_RESUMED, false,
	    "let the law's clock go on"),
	ROW("request.correct", request_correct,
	    request_correct_in, request_dates_out,
	    COMPLIANCE, OP_WRITE, REQUEST_CORRECTED, false,
	    "what was entered wrongly; the dates follow"),
	ROW("request.deny", request_deny, request_deny_in, request_state_out,
	    COMPLIANCE, OP_WRITE, REQUEST_DENIED, false,
	    "refuse it, for a reason that the regime lists"),
	ROW("request.revoke", request_revoke,
	    request_revoke_in, request_state_out,
	    PORTAL | COMPLIANCE, OP_WRITE, REQUEST_REVOKED, false,
	    "the person takes it back"),
	ROW("request.fulfil", request_fulfil,
	    request_fulfil_in, request_fulfil_out,
	    COMPLIANCE, OP_WRITE, REQUEST_FULFILLED, false,
	    "make the bundle, apply the change, or erase"),
	ROW("request.export", request_export,
	    request_export_in, request_export_out,
	    PORTAL | COMPLIANCE, OP_READ, REQUEST_EXPORTED, false,
	    "a part of the access bundle, until it expires"),
	ROW("request.receipt", request_receipt,
	    request_receipt_in, request_receipt_out,
	    PORTAL | COMPLIANCE, OP_READ, REQUEST_RECEIPT, false,
	    "a proof that the log holds its end, for anybody to check"),
	ROW("notice.list", notice_list, notice_list_in, notice_list_out,
	    PORTAL | BILLING | COMPLIANCE, OP_SNAPSHOT, NOTICE, false,
	    "what people and recipients must still be told"),
	ROW("notice.acknowledge", notice_acknowledge,
	    notice_acknowledge_in, nothing,
	    PORTAL | BILLING | COMPLIANCE, OP_WRITE, NOTICE_ACKNOWLEDGED,
	    false, "they were told"),
	/* retention */
	ROW("hold.place", hold_place, hold_place_in, hold_place_out,
	    COMPLIANCE, OP_WRITE, HOLD_PLACED, false,
	    "what a matter needs stays, whatever else says it goes"),
	ROW("hold.release", hold_release, hold_release_in, nothing,
	    COMPLIANCE, OP_WRITE, HOLD_RELEASED, false,
	    "the matter is over"),
	ROW("hold.list", hold_list, nothing, hold_list_out,
	    COMPLIANCE, OP_READ, STATUS, false, "the holds that stand"),
	ROW("retention.plan", retention_plan,
	    retention_plan_in, retention_plan_out,
	    COMPLIANCE | AUDITOR, OP_SNAPSHOT, REPORT, false,
	    "what would go by a day, touching nothing"),
	ROW("retention.run", retention_run,
	    retention_run_in, retention_run_out,
	    ADMIN | COMPLIANCE, OP_WRITE, RETENTION_RUN, false,
	    "destroy the days that have passed, now"),
	/* reports */
	{.name = "report.deadlines", .run = report_deadlines,
	 .roles = COMPLIANCE | AUDITOR, .class = OP_LISTING,
	 .in = &report_deadlines_in_table, .out = &report_deadlines_out_table,
	 .leaf = LEAF_REPORT, .is_brief = report_deadlines_is_brief,
	 .help = "open requests, the most urgent first"},
	ROW("report.requests", report_requests, span_in, report_requests_out,
	    COMPLIANCE | AUDITOR, OP_SNAPSHOT, REPORT, false,
	    "received and answered, with the table of 11 CCR 7102"),
	ROW("report.sharing", report_sharing, span_in, report_sharing_out,
	    COMPLIANCE | AUDITOR, OP_SNAPSHOT, REPORT, false,
	    "what went to whom, and what was refused"),
	ROW("report.registrations", report_registrations,
	    span_in, report_registrations_out,
	    COMPLIANCE | AUDITOR, OP_SNAPSHOT, REPORT, false,
	    "who registered, who was refused, by age and country"),
	ROW("report.retention", report_retention,
	    span_in, report_retention_out,
	    COMPLIANCE | AUDITOR, OP_SNAPSHOT, REPORT, false,
	    "what expired, what was kept and why"),
	/* the log */
	ROW("audit.checkpoint", audit_checkpoint, nothing, checkpoint_out,
	    AUDITOR | COMPLIANCE, OP_READ, HISTORY, true,
	    "the last signed checkpoint"),
	ROW("audit.entries", audit_entries, entries_in, entries_out,
	    AUDITOR | COMPLIANCE, OP_READ, HISTORY, true,
	    "leaves of the log, decoded"),
	ROW("audit.proof", audit_proof, proof_in, proof_out,
	    AUDITOR | COMPLIANCE, OP_READ, HISTORY, true,
	    "that a leaf is in the log"),
	ROW("audit.consistency", audit_consistency,
	    entries_in, consistency_out,
	    AUDITOR | COMPLIANCE, OP_READ, HISTORY, true,
	    "that a later log continues an earlier one"),
	ROW("audit.history", audit_history, history_in, history_out,
	    COMPLIANCE, OP_READ, HISTORY, false,
	    "what happened to one living customer"),
};
/* clang-format on */
const size_t n_operations = sizeof(operations) / sizeof(operations[0]);

const struct operation *
operation_find(const char *name)
{
	for (size_t i = 0; i < n_operations; i++) {
		if (strcmp(operations[i].name, name) == 0) {
			return &operations[i];
		}
	}
	return NULL;
}
