/*
 * PostgreSQL over TLS with libpq: one prepared statement an operation, data and
 * audit row in one transaction, one round trip; with a window, pipeline mode
 * with a sync, so a transaction, for each. Two ways: sealed here, or by
 * pgcrypto in the server with pgaudit on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "peer.h"

#define PARAMS_MAX 3
#define PASSPHRASE "a passphrase of the server's own"

struct peer {
	PGconn *conn;
	bool is_pgp;
	bool is_pipelined;
};

static const char *const names[] = {"contact", "write", "read"};

static const char *const sealed_here[] = {
	"INSERT INTO contact(person, sealed) VALUES ($1::bytea, $2::bytea)",
	"WITH x AS (INSERT INTO record(person, sealed)"
	" VALUES ($1::bytea, $2::bytea))"
	" INSERT INTO audit(op, person) VALUES ('write', $1::bytea)",
	"WITH x AS (INSERT INTO audit(op, person) VALUES ('read', $1::bytea))"
	" SELECT sealed FROM contact WHERE person = $1::bytea",
};

#define ENCRYPT                                                                \
	"pgp_sym_encrypt_bytea($2::bytea, $3::text, 'cipher-algo=aes256')"

static const char *const sealed_there[] = {
	"INSERT INTO contact(person, sealed) VALUES ($1::bytea, " ENCRYPT ")",
	"WITH x AS (INSERT INTO record(person, sealed)"
	" VALUES ($1::bytea, " ENCRYPT "))"
	" INSERT INTO audit(op, person) VALUES ('write', $1::bytea)",
	"WITH x AS (INSERT INTO audit(op, person) VALUES ('read', $1::bytea))"
	" SELECT pgp_sym_decrypt_bytea(sealed, $2::text) FROM contact"
	" WHERE person = $1::bytea",
};

static void
peer_close(struct peer *p)
{
	PQfinish(p->conn);
	free(p);
}

static struct peer *
fail(struct peer *p)
{
	(void)fprintf(stderr, "ninety-bench: postgres: %s",
		      PQerrorMessage(p->conn));
	peer_close(p);
	return NULL;
}

static struct peer *
peer_open(const struct peer_kind *kind, const char *at, unsigned window)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		return NULL;
	}
	p->is_pgp = kind == &peer_postgres_pgp;
	p->is_pipelined = window > 1;
	p->conn = PQconnectdb(at);
	if (PQstatus(p->conn) != CONNECTION_OK || !PQsslInUse(p->conn)) {
		return fail(p);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		PGresult *r = PQprepare(p->conn, names[i],
					p->is_pgp ? sealed_there[i]
						  : sealed_here[i],
					0, NULL);
		bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;

		PQclear(r);
		if (!ok) {
			return fail(p);
		}
	}
	if (p->is_pipelined && PQenterPipelineMode(p->conn) != 1) {
		return fail(p);
	}
	return p;
}

static int
peer_send(struct peer *p, enum peer_work work, uint64_t person,
	  const char *text)
{
	static const int binary[PARAMS_MAX] = {1, 1, 1};
	uint8_t blind[PEER_BLIND_BYTES];
	uint8_t sealed[PEER_TEXT_BYTES_MAX + PEER_SEAL_OVERHEAD_BYTES];
	const char *values[PARAMS_MAX] = {(const char *)blind};
	int lengths[PARAMS_MAX] = {sizeof(blind)};
	int n = 1;

	peer_blind(person, blind);
	if (work != PEER_READ && p->is_pgp) {
		values[n] = text;
		lengths[n++] = (int)strlen(text);
	} else if (work != PEER_READ) {
		values[n] = (const char *)sealed;
		lengths[n++] = (int)peer_seal(person, text, sealed);
	}
	if (p->is_pgp) {
		values[n] = PASSPHRASE;
		lengths[n++] = (int)strlen(PASSPHRASE);
	}
	if (PQsendQueryPrepared(p->conn, names[work], n, values, lengths,
				binary, 1) != 1 ||
	    (p->is_pipelined && PQpipelineSync(p->conn) != 1)) {
		(void)fprintf(stderr, "ninety-bench: postgres: %s",
			      PQerrorMessage(p->conn));
		return -1;
	}
	return 0;
}

static bool
is_right(const struct peer *p, const PGresult *r, enum peer_work work,
	 uint64_t person)
{
	const char *value;
	size_t n;

	if (work != PEER_READ) {
		return PQresultStatus(r) == PGRES_COMMAND_OK;
	}
	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1) {
		return false;
	}
	value = PQgetvalue(r, 0, 0);
	n = (size_t)PQgetlength(r, 0, 0);
	return p->is_pgp ? peer_is_contact(value, n)
			 : peer_opens(person, value, n);
}

static int
peer_receive(struct peer *p, enum peer_work work, uint64_t person)
{
	PGresult *r = PQgetResult(p->conn);
	int rc = 0;

	if (r == NULL || PQstatus(p->conn) != CONNECTION_OK) {
		PQclear(r);
		return -1;
	}
	if (!is_right(p, r, work, person)) {
		(void)fprintf(stderr, "ninety-bench: postgres: %s",
			      PQerrorMessage(p->conn));
		rc = 1;
	}
	PQclear(r);
	PQclear(PQgetResult(p->conn)); /* NULL: the statement's end */
	if (p->is_pipelined) {
		PQclear(PQgetResult(p->conn)); /* the sync's */
	}
	return rc;
}

const struct peer_kind peer_postgres = {
	"postgres",
	"TLS, synchronous commit, audit row, sealed in the client",
	"host=127.0.0.1 port=55433 user=bench dbname=sealed sslmode=require",
	peer_open,
	peer_send,
	peer_receive,
	peer_close,
};

const struct peer_kind peer_postgres_pgp = {
	"postgres-pgp",
	"TLS, synchronous commit, audit row, pgp_sym_encrypt, pgaudit",
	"host=127.0.0.1 port=55433 user=bench dbname=pgp sslmode=require",
	peer_open,
	peer_send,
	peer_receive,
	peer_close,
};
