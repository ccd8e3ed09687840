#ifndef SIMULATION_SIMULATION_H
#define SIMULATION_SIMULATION_H

#include "service/ops.h"
#include "simulation/disk.h"
#include "simulation/machine.h"
#include "support/core_env.h"
#include "support/fault_engine.h"

/*
 * What the files of this folder share: one world, its model and its callers.
 *
 *	machine.c     threads, clocks and random bytes from the seed
 *	disk.c        what a crash leaves
 *	model.c       what must be there, and what must be gone
 *	callers.c     who calls what
 *	heard.c       what an answer means for the model
 *	promises.c    the store and the log against the model
 *	simulation.c  the order of things, the faults, the command line
 */

#define PEOPLE_MAX 12
#define RECORDS_MAX 900
#define VISITS_MAX 400
#define REQUESTS_MAX 200
#define HOLDS_MAX 60
#define CALLERS 6
#define CALLS_MAX 3000
#define PROMISES_MAX 600
#define LEAF_NUMBERS 256
#define VISITORS 4
#define TOKEN_FIRST (1ull << 40) /* of callers; less: of the checks */
#define EXTRA_ROLE 63u           /* its key is none of the roles' */

enum category { CONTACT, BILLING, USAGE, CONTENT, PREFERENCES, CATEGORIES };
extern const char *const category_names[CATEGORIES + 1];

/* Something that a caller wrote and that ends some day. */
struct thing {
	int person; /* of a visit before it is identified: -1 */
	unsigned visitor;
	enum category category;
	struct id record;
	uint32_t version;
	unsigned mark;         /* stands in its content */
	int64_t expires_at_ms; /* 0: with the person */
	bool may_go;           /* it was to go at some time since */
	unsigned rows;         /* in the store, that open; set by promises.c */
	bool is_shown;
};

struct person {
	unsigned number; /* makes the e-mail */
	char id[ID_TEXT_BYTES];
	bool is_erased;       /* a deletion was answered */
	bool is_erasing;      /* one was asked for */
	bool is_locked;       /* a hold or an erasure is at work */
	int consent;          /* to the offer: -1 never asked */
	bool is_consent_open; /* a word on it is on its way */
	unsigned shares;
};

enum request_type { ACCESS, DELETION };
struct model_request {
	char id[ID_TEXT_BYTES];
	int person;
	enum request_type type;
	const char *state; /* NULL: not known for certain */
	bool is_locked;
	int64_t at_ms;
};

struct hold {
	char id[ID_TEXT_BYTES];
	int person;
	unsigned covers; /* bits of categories */
	bool is_locked;
	bool is_over;
};

enum call_kind {
	CALL_REGISTER,
	CALL_CHILD,
	CALL_WRITE,
	CALL_READ,
	CALL_CONSENT,
	CALL_SHARE,
	CALL_VISIT,
	CALL_SUBMIT,
	CALL_VERIFY,
	CALL_FULFIL,
	CALL_REVOKE,
	CALL_HOLD,
	CALL_RELEASE,
	CALL_ENROL,
	CALL_DISMISS,
	CALL_LOOK, /* any read of which only the status counts */
	CALL_KINDS
};

struct sim_call {
	struct id id;
	enum call_kind kind;
	unsigned role;
	const struct operation *op;
	char *json;
	int about;     /* person, request or hold; -1 */
	unsigned mark; /* of a record, a visit, an e-mail */
	enum category category;
	bool value;
	bool is_done;
	bool was_faulty; /* something failed under it */
	int64_t done_at_ms;
	char status[33];
	uint64_t answer; /* its hash */
	unsigned tries;
};

struct sim_caller {
	struct sim_call *call; /* NULL: none at work */
	uint64_t token;
	unsigned waited; /* turns */
	bool is_heard;   /* the last try was answered, to be repeated */
};

/* A checkpoint that was published. */
struct promise {
	uint64_t size;
	struct hash root;
};

struct sim {
	struct core_env e;
	struct core_host env_host;
	struct fault_engine engine;
	uint64_t seed;
	uint64_t trace; /* hash of all that could be seen */
	unsigned turn;
	unsigned fault_turn; /* the last in which a call failed */
	unsigned lives;
	int64_t jumped_ms;    /* of the wall clock, ahead of the truth */
	int64_t rested_at_ms; /* no call is older */
	bool may_fault;       /* of a turn */

	struct person people[PEOPLE_MAX];
	unsigned n_people;
	unsigned n_marks;
	struct thing records[RECORDS_MAX];
	size_t n_records;
	struct thing visits[VISITS_MAX];
	size_t n_visits;
	struct model_request requests[REQUESTS_MAX];
	size_t n_requests;
	struct hold holds[HOLDS_MAX];
	size_t n_holds;
	bool is_enrolled; /* the extra key */
	bool is_enrolment_open;

	struct sim_caller callers[CALLERS];
	struct sim_call calls[CALLS_MAX];
	size_t n_calls;
	unsigned long done[LEAF_NUMBERS];     /* writes answered ok, by leaf */
	unsigned long doubtful[LEAF_NUMBERS]; /* maybe done, then refused */
	struct promise promises[PROMISES_MAX];
	size_t n_promises;
};

extern struct sim sim;

/* Ends the run: says what, and what went before. */
void sim_fail(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_trace(struct bytes b);

/* ---- simulation.c ---- */

/* One turn of the core; after a crash it has been opened again. */
void sim_turn(void);
/* Until nothing is at work, callers' calls included. */
void sim_rest(void);

/* ---- model.c ---- */
void model_record(int person, enum category category, unsigned mark,
		  struct id record, uint32_t version, int64_t expires_at_ms);
void model_visit(unsigned visitor, unsigned mark, int64_t expires_at_ms);
bool model_is_held(const struct thing *t);
/* To be gone, once all is quiet. */
bool model_is_wanted_gone(const struct thing *t);
/* After whatever may have let something go. */
void model_follow(void);
struct thing *model_find(struct id record, uint32_t version);

/* ---- callers.c ---- */
void caller_turn(struct sim_caller *c, bool may_begin);
/* Answers of the past, asked for again. */
void callers_repeat(unsigned n);
/* A crash: nobody was answered any more. */
void callers_cut_off(void);
bool callers_idle(void);

/* ---- heard.c ---- */
/* The answer to its call is that of sim.e. */
void caller_heard(struct sim_caller *c);

/* ---- promises.c ---- */
void promises_note(void);
/* Of a core at rest. `is_quiet`: whatever had to go had its time. */
void promises_check(bool is_quiet);
void promises_child(void);

#endif
