/* Paths of members, made only when one is at fault. */

#include <stdio.h>
#include <string.h>

#include "wire/json.h"
#include "wire/place.h"

/* Writes the way down to a member; returns its length. */
static size_t
place_print(const struct place *at, char path[ERR_FIELD_BYTES])
{
	size_t used;
	int more;

	if (at == NULL) {
		path[0] = '\0';
		return 0;
	}
	used = place_print(at->up, path);
	if (at->name == NULL) {
		more = snprintf(path + used, ERR_FIELD_BYTES - used, "[%zu]",
				at->index);
	} else {
		more = snprintf(path + used, ERR_FIELD_BYTES - used, "%s%s",
				used == 0 ? "" : ".", at->name);
	}
	used += more > 0 ? (size_t)more : 0;
	return used < ERR_FIELD_BYTES ? used : ERR_FIELD_BYTES - 1;
}

int
place_fault(int code, const struct place *at, const char *text)
{
	char path[ERR_FIELD_BYTES];

	(void)place_print(at, path);
	return err_field(code, path, "%s", text);
}

int
place_invalid(const struct place *at, const char *text)
{
	return place_fault(ERR_INVALID, at, text);
}

const struct place *
place_of(const struct place *at, const struct place *member)
{
	return name_is_plain(member->name, strlen(member->name)) ? member
								 : at;
}
