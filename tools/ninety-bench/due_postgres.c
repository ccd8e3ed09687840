/*
 * The same question to PostgreSQL: a table with the columns of the report, an
 * index over the open ones in the order asked for, read by COPY, which is its
 * fastest way out, and by a prepared statement for the first hundred. Who asked
 * is a row of the table `audit`, in the same transaction; for the first hundred
 * in the same statement.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <libpq-fe.h>

#include "due.h"
#include "figures.h"
#include "peer.h"

#define COLUMNS                                                                \
	"request, type, state, regime, assignee, received_at, due_at,"        \
	" legal_due_at, floor(extract(epoch FROM due_at - now()) / 86400)"    \
	"::bigint AS days_left, now() > due_at AS overdue"
#define TRACE "INSERT INTO audit(op, person) VALUES ('list', '\\x00')"
#define IN_ORDER " FROM due WHERE closed_at IS NULL ORDER BY due_at, request"

struct due_peer {
	PGconn *conn;
};

static const char *const tables[] = {
	"CREATE TABLE IF NOT EXISTS due (request uuid PRIMARY KEY,"
	" type text NOT NULL, state text NOT NULL, regime text, assignee text,"
	" received_at timestamptz NOT NULL, due_at timestamptz NOT NULL,"
	" legal_due_at timestamptz, closed_at timestamptz)",
	"TRUNCATE due",
	"DROP INDEX IF EXISTS due_open",
};

static const char *const indexes[] = {
	"CREATE INDEX due_open ON due (due_at, request)"
	" WHERE closed_at IS NULL",
	"VACUUM ANALYZE due",
};

static int
run(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(r);

	PQclear(r);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		return 0;
	}
	(void)fprintf(stderr, "ninety-bench: postgres: %s",
		      PQerrorMessage(conn));
	return EX_UNAVAILABLE;
}

static int
fill(PGconn *conn, uint64_t n)
{
	char sql[1024];
	int rc = 0;

	(void)snprintf(
		sql, sizeof(sql),
		"INSERT INTO due SELECT gen_random_uuid(),"
		" (ARRAY['access','change','delete'])[1 + g %% 3], 'open',"
		" 'gdpr', NULL, at, at + interval '1 month',"
		" at + interval '1 month', NULL FROM (SELECT g, now() -"
		" random() * interval '60 days' AS at"
		" FROM generate_series(1, %llu) g) q",
		(unsigned long long)n);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && rc == 0;
	     i++) {
		rc = run(conn, tables[i]);
	}
	if (rc == 0) {
		rc = run(conn, sql);
	}
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]) && rc == 0;
	     i++) {
		rc = run(conn, indexes[i]);
	}
	return rc;
}

static int
prepare(PGconn *conn, const char *name, const char *sql)
{
	PGresult *r = PQprepare(conn, name, sql, 0, NULL);
	ExecStatusType status = PQresultStatus(r);

	PQclear(r);
	if (status == PGRES_COMMAND_OK) {
		return 0;
	}
	(void)fprintf(stderr, "ninety-bench: postgres: %s",
		      PQerrorMessage(conn));
	return EX_SOFTWARE;
}

int
due_peer_open(const char *at, uint64_t n, struct due_peer **out)
{
	struct due_peer *p = calloc(1, sizeof(*p));
	int rc = 0;

	if (p == NULL) {
		return EX_OSERR;
	}
	p->conn = PQconnectdb(at != NULL ? at : peer_postgres.at);
	if (PQstatus(p->conn) != CONNECTION_OK || !PQsslInUse(p->conn)) {
		(void)fprintf(stderr, "ninety-bench: postgres: %s",
			      PQerrorMessage(p->conn));
		rc = EX_UNAVAILABLE;
	}
	if (rc == 0) {
		rc = run(p->conn, "SET client_min_messages = warning");
	}
	if (rc == 0) {
		rc = fill(p->conn, n);
	}
	if (rc == 0) {
		rc = prepare(p->conn, "first",
			     "WITH x AS (" TRACE ") SELECT " COLUMNS IN_ORDER
			     " LIMIT 100");
	}
	if (rc == 0) {
		rc = prepare(p->conn, "bare",
			     "SELECT " COLUMNS IN_ORDER " LIMIT 100");
	}
	if (rc != 0) {
		due_peer_close(p);
		return rc;
	}
	*out = p;
	return 0;
}

int
due_peer_list(struct due_peer *p, struct due_listing *out)
{
	struct due_listing l = {.memory_bytes = -1};
	uint64_t from = bench_now_us();
	PGresult *r;
	bool ok;
	char *row;
	int n;

	if (run(p->conn, "BEGIN") != 0 || run(p->conn, TRACE) != 0) {
		return EX_UNAVAILABLE;
	}
	r = PQexec(p->conn, "COPY (SELECT " COLUMNS IN_ORDER ") TO STDOUT");
	ok = PQresultStatus(r) == PGRES_COPY_OUT;
	PQclear(r);
	while (ok && (n = PQgetCopyData(p->conn, &row, 0)) > 0) {
		l.items++;
		l.bytes += (uint64_t)n;
		PQfreemem(row);
	}
	while ((r = PQgetResult(p->conn)) != NULL) {
		ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
		PQclear(r);
	}
	ok = ok && run(p->conn, "COMMIT") == 0;
	l.seconds = (double)(bench_now_us() - from) / 1e6;
	if (!ok) {
		(void)fprintf(stderr, "ninety-bench: postgres: %s",
			      PQerrorMessage(p->conn));
		return EX_UNAVAILABLE;
	}
	*out = l;
	return 0;
}

int
due_peer_first(struct due_peer *p, bool with_trace, unsigned rounds,
	       double *out_seconds)
{
	const char *name = with_trace ? "first" : "bare";
	double seconds[FIGURES_VALUES_MAX];

	rounds = rounds < FIGURES_VALUES_MAX ? rounds : FIGURES_VALUES_MAX;
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t from = bench_now_us();
		PGresult *r = PQexecPrepared(p->conn, name, 0, NULL, NULL,
					     NULL, 0);
		bool ok = PQresultStatus(r) == PGRES_TUPLES_OK &&
			  PQntuples(r) <= DUE_FIRST;

		PQclear(r);
		if (!ok) {
			return EX_UNAVAILABLE;
		}
		seconds[i] = (double)(bench_now_us() - from) / 1e6;
		due_pause();
	}
	*out_seconds = figures_median(seconds, rounds);
	return 0;
}

void
due_peer_close(struct due_peer *p)
{
	if (p != NULL) {
		PQfinish(p->conn);
		free(p);
	}
}
