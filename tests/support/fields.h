#ifndef SUPPORT_FIELDS_H
#define SUPPORT_FIELDS_H

#include "base/field.h"

/* A struct with a member of every field type, for the tests and the fuzzer of
 * the wire's schemas. */

struct every_event {
	int64_t at;
	const char *page;
	int action;
	const char *link;
};

struct every_contact {
	const char *name;
	const char *email;
	const char *phone;
	const char *country;
	const char *region;
};

struct every {
	const char *word;
	const char *prose;
	struct id id;
	int64_t at;
	bool has_until;
	int64_t until;
	date_t born;
	struct duration within;
	bool has_count;
	int64_t count;
	bool granted;
	int channel;
	int sort;
	struct bytes key;
	const char *z85;
	bool has_contact;
	struct every_contact contact;
	struct value data;
	const struct every_event *events;
	size_t n_events;
	const char *const *names;
	size_t n_names;
	const int *channels;
	size_t n_channels;
	const struct id *ids;
	size_t n_ids;
};

static const char *const every_actions[] = {"view", "click", NULL};
static const char *const every_channels[] = {"portal", "email", "post", NULL};

static const struct field every_event_fields[] = {
	F_MUST(struct every_event, at, FIELD_TIME, "when"),
	F_WORD(struct every_event, page, 0, 64, "the page"),
	F_ENUM(struct every_event, action, 0, every_actions, "what"),
	F_WORD(struct every_event, link, FIELD_OPTIONAL, 64, "where to"),
};

static const struct field every_contact_fields[] = {
	F_PROSE(struct every_contact, name, 0, 64, "a name"),
	F_MUST(struct every_contact, email, FIELD_EMAIL, "e-mail"),
	F_MAY(struct every_contact, phone, FIELD_PHONE, "telephone"),
	F_MAY(struct every_contact, country, FIELD_COUNTRY, "country"),
	F_MAY(struct every_contact, region, FIELD_REGION, "region"),
};

static const struct field every_fields[] = {
	F_WORD(struct every, word, 0, 8, "a short word"),
	F_PROSE(struct every, prose, FIELD_OPTIONAL, 100, "what people write"),
	F_MAY(struct every, id, FIELD_ID, "an id"),
	F_MAY(struct every, at, FIELD_TIME, "not ahead"),
	{.name = "until",
	 .type = FIELD_TIME,
	 .flags = FIELD_OPTIONAL | FIELD_FUTURE,
	 .offset = offsetof(struct every, until),
	 .has_offset = offsetof(struct every, has_until),
	 .help = "may lie ahead"},
	F_MAY(struct every, born, FIELD_DATE, "a date"),
	F_MAY(struct every, within, FIELD_DURATION, "a duration"),
	F_INT_HAS(struct every, count, 1, 1000, "a count"),
	F_MAY(struct every, granted, FIELD_BOOL, "yes or no"),
	F_ENUM(struct every, channel, FIELD_OPTIONAL, every_channels, "how"),
	F_ENUM(struct every, sort, FIELD_OPTIONAL, every_channels, "by what"),
	{.name = "key",
	 .type = FIELD_BASE64,
	 .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct every, key),
	 .has_offset = FIELD_NO_OFFSET,
	 .min = 32,
	 .max = 32,
	 .help = "an X25519 key"},
	F_MAY(struct every, z85, FIELD_Z85, "a CURVE key"),
	F_OBJECT_HAS(struct every, contact, every_contact_fields, "whom"),
	{.name = "data",
	 .type = FIELD_VALUE,
	 .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct every, data),
	 .has_offset = FIELD_NO_OFFSET,
	 .max = 256,
	 .help = "any object"},
	F_LIST(struct every, events, FIELD_OPTIONAL, every_event_fields, 5,
	       "events"),
	F_LIST_OF(struct every, names, FIELD_OPTIONAL, FIELD_TEXT, 3, "names"),
	{.name = "channels",
	 .type = FIELD_LIST,
	 .flags = FIELD_OPTIONAL,
	 .offset = offsetof(struct every, channels),
	 .has_offset = FIELD_NO_OFFSET,
	 .names = every_channels,
	 .item = FIELD_ENUM,
	 .item_bytes = sizeof(int),
	 .count_offset = offsetof(struct every, n_channels),
	 .help = "channels"},
	F_LIST_OF(struct every, ids, FIELD_OPTIONAL, FIELD_ID, 3, "ids"),
};

/* 2026-11-23T20:00:00Z */
#define EVERY_NOW_MS INT64_C(1795464000000)

#endif
