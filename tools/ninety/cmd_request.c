/* `ninety request`: verbs that write a file, an access bundle put together
 * from its parts and a receipt as it is; the others are plain operations. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "connect.h"
#include "table.h"
#include "verbs.h"

#define PARTS_MAX 100000

struct target {
	const char *path; /* NULL: standard output */
	int fd;
};

static int
target_open(struct target *t)
{
	t->fd = t->path == NULL
			? STDOUT_FILENO
			: open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			       0600);
	return t->fd >= 0
		       ? 0
		       : say(EX_CANTCREAT, "%s: %s", t->path, strerror(errno));
}

static int
target_write(const struct target *t, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(t->fd, p, n);

		if (k < 0 && errno == EINTR) {
			continue;
		}
		if (k <= 0) {
			return say(EX_IOERR, "%s: %s",
				   t->path != NULL ? t->path : "stdout",
				   strerror(errno));
		}
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int
target_close(const struct target *t)
{
	return t->path == NULL || close(t->fd) == 0
		       ? 0
		       : say(EX_IOERR, "%s: %s", t->path, strerror(errno));
}

static int
write_part(const struct value *answer, struct arena *a, const struct target *to)
{
	const struct value *data = value_get(answer, "data");
	struct bytes raw;

	if (data == NULL || data->kind != VALUE_TEXT) {
		return say(EX_SOFTWARE, "request.export: a part without data");
	}
	if (base64_decode(bytes_of(data->text.s, data->text.n), a, &raw) != 0) {
		return say(EX_SOFTWARE, "request.export: a part that is no "
					"base64");
	}
	return target_write(to, raw.p, raw.n);
}

static int
export_parts(struct connection *c, const char *request, struct arena *a,
	     const struct target *to)
{
	int64_t parts = 1;
	int rc = 0;

	for (int64_t part = 0; part < parts && rc == 0; part++) {
		struct value body = value_object();
		struct value answer;
		const struct value *n;

		arena_reset(a);
		if (value_add(&body, a, "request", value_text(request)) != 0 ||
		    value_add(&body, a, "part", value_int(part)) != 0) {
			return EX_OSERR;
		}
		rc = connection_call_value(c, "request.export", &body, a,
					   &answer);
		if (rc == 0) {
			n = value_get(&answer, "parts");
			parts = n != NULL && n->kind == VALUE_INT ? n->number
								  : 1;
			rc = parts > PARTS_MAX
				     ? say(EX_SOFTWARE, "too many parts")
				     : write_part(&answer, a, to);
		}
	}
	return rc;
}

/* Whom nobody has told yet: for people, so not in the file. */
static void
say_waiting(const struct value *answer)
{
	const struct value *list = value_get(answer, "recipients");

	for (size_t i = 0; list != NULL && i < list->of.n; i++) {
		const struct value *item = &list->of.items[i].value;

		if (value_get(item, "acknowledged_at") == NULL) {
			(void)say(0, "%s must still be told: %s, since %.10s",
				  value_get_text(item, "recipient"),
				  value_get_text(item, "about"),
				  value_get_text(item, "created_at"));
		}
	}
}

static int
print_receipt(struct connection *c, const char *request, struct arena *a,
	      const struct target *to)
{
	struct value body = value_object();
	struct value answer;
	const struct value *text;
	int rc = value_add(&body, a, "request", value_text(request));

	if (rc != 0) {
		return EX_OSERR;
	}
	rc = connection_call_value(c, "request.receipt", &body, a, &answer);
	if (rc != 0) {
		return rc;
	}
	text = value_get(&answer, "receipt");
	if (text == NULL || text->kind != VALUE_TEXT) {
		return say(EX_SOFTWARE, "request.receipt: no receipt in it");
	}
	say_waiting(&answer);
	return target_write(to, (const uint8_t *)text->text.s, text->text.n);
}

static int
to_file(const struct options *o, bool is_export, const char *request,
	const char *path)
{
	const struct operation *op = operation_find(
		is_export ? "request.export" : "request.receipt");
	struct target to = {.path = path};
	struct connection *c = NULL;
	struct arena *a;
	int rc;

	if (op == NULL) {
		return say(EX_USAGE, "this build has no such operation");
	}
	a = arena_new(COMMAND_ARENA_BYTES_MAX);
	rc = a == NULL ? say(EX_OSERR, "no memory")
		       : connection_open(o, op->roles, ROLE_COMPLIANCE, &c);
	if (rc == 0) {
		rc = target_open(&to);
	}
	if (rc == 0) {
		int closed;

		rc = is_export ? export_parts(c, request, a, &to)
			       : print_receipt(c, request, a, &to);
		closed = target_close(&to);
		rc = rc != 0 ? rc : closed;
		if (rc != 0 && path != NULL) {
			(void)unlink(path);
		}
	}
	connection_close(c);
	arena_free(a);
	return rc;
}

int
cmd_request(const struct options *o, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	bool is_export = strcmp(name, "export") == 0;
	const char *request = NULL;
	const char *path = NULL;

	if (!is_export && (strcmp(name, "receipt") != 0 || o->json ||
			   words_ask_help(argc, argv))) {
		if (argc == 2 && words_ask_help(argc, argv)) {
			(void)printf("  request export REQUEST [-o FILE]\n"
				     "        the access bundle\n");
		}
		return cmd_verb(o, argc, argv);
	}
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else if (argv[i][0] != '-' && request == NULL) {
			request = argv[i];
		} else {
			request = NULL;
			break;
		}
	}
	if (request == NULL) {
		return say(EX_USAGE,
			   "usage: ninety request %s REQUEST [-o "
			   "FILE]",
			   name);
	}
	if (is_export && path == NULL && isatty(STDOUT_FILENO) != 0) {
		return say(EX_USAGE, "the bundle is a zip: say -o FILE");
	}
	return to_file(o, is_export, request, path);
}
