/* `ninety import`: which file, mapped into memory. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "customer_row.h"
#include "import.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety import customers FILE.csv\n"
	"       ninety import access-log FILE\n\n"
	"customers: CSV (UTF-8), the first row names the columns. Each row is "
	"registered as a\ncustomer of its own; refused ones are told with "
	"their line and why. Who is there\nalready (by e-mail) stays as "
	"found, so that a second import adds nothing. Exits 1\nwhen a row was "
	"refused. Columns:\n";

static const char usage_log[] =
	"\n\naccess-log: the combined format of nginx and Apache. Successful "
	"page views are\nkept under a visitor's id made from address and user "
	"agent with a secret of the\nportal's key; what stands behind `?` is "
	"left out. A second import of the same file\nwithin seven days adds "
	"nothing.";

static void
print_usage(FILE *to)
{
	size_t width = 0;

	(void)fputs(usage, to);
	for (size_t i = 0; i < n_customer_columns; i++) {
		const struct customer_column *c = &customer_columns[i];

		if (width + strlen(c->name) > 70) {
			(void)fputc('\n', to);
			width = 0;
		}
		width += strlen(c->name) + 3;
		(void)fprintf(to, "%s%s%s%s", width > 0 ? " " : "", c->name,
			      c->is_needed ? "*" : "",
			      i + 1 < n_customer_columns ? "," : "");
	}
	(void)fputs("\n(* is needed; a time may be a date)", to);
	(void)fprintf(to, "%s\n", usage_log);
}

/* The file in memory, unmapped by the caller; an empty one is {"", 0}. */
static int
map_file(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) != 0) {
		int rc = say(EX_NOINPUT, "%s: %s", path, strerror(errno));

		if (fd >= 0) {
			(void)close(fd);
		}
		return rc;
	}
	if (!S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size > IMPORT_FILE_BYTES_MAX) {
		(void)close(fd);
		return say(EX_NOINPUT,
			   "%s: not a regular file of at most "
			   "4 GiB",
			   path);
	}
	*out = bytes_of("", 0);
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);
		if (p == MAP_FAILED) {
			(void)close(fd);
			return say(EX_IOERR, "%s: %s", path, strerror(errno));
		}
		*out = bytes_of(p, (size_t)st.st_size);
	}
	(void)close(fd);
	return 0;
}

int
cmd_import(const struct options *o, int argc, char **argv)
{
	struct bytes file;
	bool is_log;
	int rc;

	if (words_ask_help(argc, argv)) {
		print_usage(stdout);
		return 0;
	}
	is_log = argc > 1 && strcmp(argv[1], "access-log") == 0;
	if (argc != 3 || argv[2][0] == '-' ||
	    (!is_log && strcmp(argv[1], "customers") != 0)) {
		print_usage(stderr);
		return EX_USAGE;
	}
	rc = map_file(argv[2], &file);
	if (rc != 0) {
		return rc;
	}
	rc = is_log ? import_access_log(o, argv[2], file)
		    : import_customers(o, argv[2], file);
	if (file.n > 0) {
		(void)munmap((void *)(uintptr_t)file.p, file.n);
	}
	return rc;
}
