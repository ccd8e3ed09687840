#ifndef BENCH_SUITE_H
#define BENCH_SUITE_H

/*
 * A measurement with a course of its own, where a workload is one call again
 * and again: `ninety-bench NAME [OPTION...]`. Each stands in a file of its
 * own, reads its own options and prints figures (figures.h).
 */
struct suite {
	const char *name;
	const char *summary;
	/* argv[0] is the suite's name. 0, 1 when something measured is wrong,
	 * else an exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct suite *const suites[];
extern const size_t n_suites;

extern const struct suite suite_erase;
extern const struct suite suite_report;
extern const struct suite suite_growth;
extern const struct suite suite_log;

const struct suite *suite_find(const char *name);

/* A whole number from 1 to `most`, else argp_error. */
struct argp_state;
unsigned long suite_number(struct argp_state *state, const char *arg,
			   unsigned long most);

#endif
