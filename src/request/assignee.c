/* Who works on requests, by number. */
#include "request/assignee.h"

#include "base/pack.h"

#define ROW "request.assignees"
#define ASSIGNEE_SCHEMA 1

static struct seal_context
row_context(void)
{
	/* A row of the system's: its slot and this version name it. */
	return (struct seal_context){.type = SEAL_PRINCIPAL,
				     .slot = SLOT_PRINCIPALS,
				     .version = UINT64_MAX,
				     .day = DAY_NONE,
				     .schema = ASSIGNEE_SCHEMA};
}

int
assignee_names(struct call *c, const char *const **out_names, size_t *out_n)
{
	struct seal_context context = row_context();
	struct unpacker u = {0};
	const char **names;
	struct bytes row;
	size_t n;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(ROW), &row);

	if (rc == ERR_NOT_FOUND) {
		*out_names = NULL;
		*out_n = 0;
		return 0;
	}
	if (rc == 0) {
		rc = seal_open(c->keys, &context, row, c->arena, &u.from);
	}
	if (rc != 0) {
		return rc;
	}
	n = unpack_u16(&u);
	names = arena_array(c->arena, n + 1, sizeof(*names));
	if (names == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		names[i] = unpack_text(&u, c->arena);
	}
	if (u.rc == ERR_NOMEM) {
		return u.rc;
	}
	if (unpack_end(&u) != 0) {
		return err_set(ERR_CORRUPT, "names are not as written");
	}
	*out_names = names;
	*out_n = n;
	return 0;
}

static int
names_save(struct call *c, const char *const *names, size_t n,
	   const char *last)
{
	struct seal_context context = row_context();
	struct packer p = {0};
	struct buf plain;
	struct bytes sealed;

	buf_init(&plain, VALUE_BYTES_MAX - SEAL_OVERHEAD_BYTES);
	p.to = &plain;
	pack_u16(&p, (uint16_t)(n + 1));
	for (size_t i = 0; i < n; i++) {
		pack_text(&p, names[i]);
	}
	pack_text(&p, last);
	if (p.rc == 0) {
		p.rc = seal_make(c->keys, &context, buf_bytes(&plain),
				 c->arena, &sealed);
	}
	buf_clear(&plain);
	return p.rc != 0 ? p.rc
			 : txn_put(c->txn, TABLE_SYSTEM, bytes_str(ROW),
				   sealed);
}

int
assignee_number(struct call *c, const char *name, uint32_t *out_number)
{
	const char *const *names;
	size_t n;
	int rc = assignee_names(c, &names, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			*out_number = (uint32_t)i + 1;
			return 0;
		}
	}
	if (rc == 0 && n == ASSIGNEES_MAX) {
		rc = err_set(ERR_TOO_MANY, "at most %d names work on requests",
			     ASSIGNEES_MAX);
	}
	if (rc == 0) {
		rc = names_save(c, names, n, name);
	}
	if (rc == 0) {
		*out_number = (uint32_t)n + 1;
	}
	return rc;
}
