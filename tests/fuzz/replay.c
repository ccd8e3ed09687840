/* Stands in for libFuzzer where there is none: feeds every file of a corpus to
 * the target, then mutations of each from a fixed seed, the same on every
 * machine. When the target aborts, the input at fault is in ./replay-<entry>
 * and is said where. */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_BYTES_MAX (1u << 20)
#define PATH_BYTES 4096
#define FILES_MAX 4096
#define CHANGES_MAX 4

struct input {
	uint8_t *data;
	size_t n;
};

static struct input corpus[FILES_MAX];
static size_t n_corpus;

static const uint8_t *current;
static size_t n_current;
static char crash_path[PATH_BYTES];

/* xorshift64*: fast, seeded, and nobody's secret. */
static uint64_t state_of_dice = 0x9e3779b97f4a7c15u;

static size_t
dice(size_t below)
{
	state_of_dice ^= state_of_dice >> 12;
	state_of_dice ^= state_of_dice << 25;
	state_of_dice ^= state_of_dice >> 27;
	return (size_t)(state_of_dice * 0x2545f4914f6cdd1du >> 33) % below;
}

static void
on_crash(int signal_number)
{
	static const char said[] = "the input at fault is in ";
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd >= 0 && write(fd, current, n_current) >= 0 &&
	    write(STDERR_FILENO, said, sizeof(said) - 1) >= 0 &&
	    write(STDERR_FILENO, crash_path, strlen(crash_path)) >= 0 &&
	    write(STDERR_FILENO, "\n", 1) >= 0) {
		(void)close(fd);
	}
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
}

/* A copy of its own in the heap, so that a sanitizer sees each byte past it. */
static void
run(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n == 0 ? 1 : n);

	if (copy == NULL) {
		abort();
	}
	if (n > 0) {
		memcpy(copy, data, n);
	}
	current = copy;
	n_current = n;
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static bool
load(const char *directory, const char *name)
{
	struct input *in = &corpus[n_corpus];
	char path[PATH_BYTES];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	in->data = malloc(INPUT_BYTES_MAX);
	if (f == NULL || in->data == NULL) {
		perror(path);
		return false;
	}
	in->n = fread(in->data, 1, INPUT_BYTES_MAX, f);
	(void)fclose(f);
	n_corpus++;
	return true;
}

static bool
load_all(const char *directory)
{
	struct dirent **names;
	int n = scandir(directory, &names, NULL, alphasort);
	bool ok = n >= 0;

	if (n < 0) {
		perror(directory);
	}
	for (int i = 0; i < n; i++) {
		if (ok && names[i]->d_name[0] != '.' && n_corpus < FILES_MAX) {
			ok = load(directory, names[i]->d_name);
		}
		free(names[i]);
	}
	if (n >= 0) {
		free(names);
	}
	return ok;
}

/* One change in place: a bit, a byte of note, a number, a cut, a repeated or
 * foreign piece. Returns the new length. */
static size_t
change(uint8_t *b, size_t n, size_t cap)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '"', '\\', '{',
				      '[', ',', ':', '\n', '\r', '-', '%',
				      '<', '9', ' '};
	const struct input *other = &corpus[dice(n_corpus)];
	size_t at = n == 0 ? 0 : dice(n);
	size_t length;

	switch (n == 0 ? 5 : dice(6)) {
	case 0:
		b[at] = (uint8_t)(b[at] ^ 1u << dice(8));
		return n;
	case 1:
		b[at] = odd[dice(sizeof(odd))];
		return n;
	case 2:
		b[at] = (uint8_t)(b[at] + dice(35) - 17);
		return n;
	case 3: /* cut out a piece, often the end */
		length = dice(2) == 0 ? n - at : 1 + dice(n - at);
		memmove(b + at, b + at + length, n - at - length);
		return n - length;
	case 4: /* the same again */
		length = 1 + dice(n - at < 64 ? n - at : 64);
		if (n + length > cap) {
			return n;
		}
		memmove(b + at + length, b + at, n - at);
		return n + length;
	default: /* a piece of another file */
		if (other->n == 0) {
			return n;
		}
		length = 1 + dice(other->n < 256 ? other->n : 256);
		if (n + length > cap) {
			return n;
		}
		memmove(b + at + length, b + at, n - at);
		memcpy(b + at, other->data + dice(other->n - length + 1),
		       length);
		return n + length;
	}
}

static void
mutate(const struct input *in, uint8_t *scratch)
{
	size_t n = in->n;

	memcpy(scratch, in->data, n);
	for (size_t i = 0; i <= dice(CHANGES_MAX); i++) {
		n = change(scratch, n, INPUT_BYTES_MAX);
	}
	run(scratch, n);
}

int
main(int argc, char **argv)
{
	uint8_t *scratch = malloc(INPUT_BYTES_MAX);
	long mutations = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	const char *entry;

	if (argc < 2 || scratch == NULL || !load_all(argv[1])) {
		(void)fprintf(stderr, "usage: %s CORPUS [MUTATIONS]\n",
			      argv[0]);
		return 64;
	}
	entry = strrchr(argv[1], '/');
	(void)snprintf(crash_path, sizeof(crash_path), "replay-%s",
		       entry == NULL ? argv[1] : entry + 1);
	(void)signal(SIGABRT, on_crash);
	(void)signal(SIGSEGV, on_crash);
	(void)signal(SIGBUS, on_crash);
	run(scratch, 0);
	for (size_t i = 0; i < n_corpus; i++) {
		run(corpus[i].data, corpus[i].n);
	}
	for (long m = 0; m < mutations; m++) {
		for (size_t i = 0; i < n_corpus; i++) {
			mutate(&corpus[i], scratch);
		}
	}
	(void)printf("%zu corpus files, %ld mutations of each\n", n_corpus,
		     mutations);
	for (size_t i = 0; i < n_corpus; i++) {
		free(corpus[i].data);
	}
	free(scratch);
	if (n_corpus == 0) {
		(void)fprintf(stderr, "%s holds no file\n", argv[1]);
		return 1;
	}
	return 0;
}
