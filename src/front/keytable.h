#ifndef FRONT_KEYTABLE_H
#define FRONT_KEYTABLE_H

#include "base/err.h"
#include "ninety/protocol.h"

/* The CURVE keys that are enrolled, as the core last told. Shared by the loop,
 * which replaces it, and the ZAP handler, which asks. A key's text is its Z85
 * form: what libzmq hands out as User-Id is a text. */
struct keytable;

struct keytable *keytable_new(void);
void keytable_free(struct keytable *t);

/* Replaces the whole table by n raw keys. ERR_NOMEM leaves the old one. */
int keytable_replace(struct keytable *t, const uint8_t *keys,
		     size_t n) MUST_CHECK;

/* The raw key that goes with a text; false when it is not enrolled. */
bool keytable_find(struct keytable *t, const char *text,
		   uint8_t out_key[NINETY_KEY_BYTES]);

bool keytable_has(struct keytable *t, const char *text);

/* The Z85 text of a raw key. */
void keytable_text(const uint8_t key[NINETY_KEY_BYTES],
		   char out_text[NINETY_KEY_TEXT_BYTES]);

#endif
