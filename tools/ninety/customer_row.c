/* Which column is which member of subject.register. */

#include "ninety/customer_row.h"

#define STEP_BYTES_MAX 32

/* A time may be a date; a guardian or a capacity comes with all its cells. */
const struct customer_column customer_columns[] = {
	{"birth_date", "birth_date", true},
	{"country", "country", true},
	{"region", "region", false},
	{"name", "contact.name", true},
	{"email", "contact.email", true},
	{"phone", "contact.phone", false},
	{"company", "contact.company", false},
	{"street", "contact.address.street", false},
	{"city", "contact.address.city", false},
	{"address_region", "contact.address.region", false},
	{"postal_code", "contact.address.postal_code", false},
	{"address_country", "contact.address.country", false},
	{"legal_capacity_at", "legal_capacity.at", false},
	{"guardian_name", "guardian.name", false},
	{"guardian_email", "guardian.email", false},
	{"guardian_relation", "guardian.relation", false},
	{"evidence_method", "guardian.evidence.method", false},
	{"evidence_reference", "guardian.evidence.reference", false},
	{"evidence_at", "guardian.evidence.at", false},
	{"terms_version", "terms.version", true},
	{"terms_accepted_at", "terms.accepted_at", true},
};
const size_t n_customer_columns =
	sizeof(customer_columns) / sizeof(customer_columns[0]);

static int
column_by_name(const char *name)
{
	for (size_t i = 0; i < n_customer_columns; i++) {
		if (strcmp(customer_columns[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const char *
customer_header_read(const struct csv_row *row, struct arena *a,
		     struct customer_header *out)
{
	bool has[CSV_CELLS_MAX] = {false};

	out->n = row->n;
	for (size_t i = 0; i < row->n; i++) {
		int column = column_by_name(row->cells[i]);

		if (column < 0) {
			return arena_printf(a,
					    "column %zu has no name that "
					    "is known here",
					    i + 1);
		}
		if (has[column]) {
			return arena_printf(a, "column %s is there twice",
					    customer_columns[column].name);
		}
		has[column] = true;
		out->columns[i] = column;
	}
	for (size_t i = 0; i < n_customer_columns; i++) {
		if (customer_columns[i].is_needed && !has[i]) {
			return arena_printf(a, "column %s is missing",
					    customer_columns[i].name);
		}
	}
	return NULL;
}

static struct value *
member(struct value *object, struct arena *a, const char *name)
{
	for (size_t i = 0; i < object->of.n; i++) {
		if (strcmp(object->of.items[i].name, name) == 0) {
			return &object->of.items[i].value;
		}
	}
	return value_add(object, a, name, value_object()) == 0
		       ? &object->of.items[object->of.n - 1].value
		       : NULL;
}

/* Puts the text where the path says, making the objects on the way. */
static int
put(struct value *body, struct arena *a, const char *path, struct value v)
{
	struct value *at = body;
	size_t n = strcspn(path, ".");

	while (path[n] == '.') {
		char *step = arena_text(a, path, n);

		at = step == NULL ? NULL : member(at, a, step);
		if (at == NULL) {
			return ERR_NOMEM;
		}
		path += n + 1;
		n = strcspn(path, ".");
	}
	return value_add(at, a, path, v);
}

static bool
is_time(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && (strcmp(path + n - 3, ".at") == 0 ||
			 strcmp(path + n - 3, "_at") == 0);
}

static const char *
put_cell(const struct customer_column *c, const char *cell, struct arena *a,
	 struct value *body)
{
	size_t n = strlen(cell);
	char *text = arena_text(a, cell, n);
	int rc = text == NULL ? ERR_NOMEM : 0;

	if (rc == 0 && is_time(c->path) && n == 10) {
		text = arena_printf(a, "%sT00:00:00.000Z", cell);
		rc = text == NULL ? ERR_NOMEM : 0;
	}
	if (rc == 0) {
		rc = put(body, a, c->path, value_text(text));
	}
	/* Who says when a capacity was stipulated says that it was. */
	if (rc == 0 && strcmp(c->path, "legal_capacity.at") == 0) {
		rc = put(body, a, "legal_capacity.stipulated",
			 value_bool(true));
	}
	return rc == 0 ? NULL : "no memory";
}

const char *
customer_row_read(const struct customer_header *h, const struct csv_row *row,
		  struct arena *a, struct value *out)
{
	const char *fault = row->fault;

	*out = value_object();
	if (fault == NULL && row->n != h->n) {
		fault = arena_printf(a, "%zu cells where the first row has %zu",
				     row->n, h->n);
	}
	for (size_t i = 0; i < h->n && fault == NULL; i++) {
		const struct customer_column *c =
			&customer_columns[h->columns[i]];

		if (row->cells[i][0] != '\0') {
			fault = put_cell(c, row->cells[i], a, out);
		} else if (c->is_needed) {
			fault = arena_printf(a, "%s is empty", c->name);
		}
	}
	return fault;
}
