#ifndef WIRE_IPC_MESSAGE_H
#define WIRE_IPC_MESSAGE_H

#include "wire/ipc.h"

/* The content of one message, for ipc.c alone. */

struct packer;

/* Whether that side sends messages of that type; false for unknown types. */
bool ipc_side_sends(enum ipc_side side, uint8_t type);

/* Views into `content`; ERR_CORRUPT unless all of it is such a message. */
int ipc_message_take(uint8_t type, struct bytes content,
		     struct ipc_msg *out) MUST_CHECK;

/* The bytes of the whole message with its header, or 0 for one that a reader
 * would refuse for its size. */
size_t ipc_message_bytes(const struct ipc_msg *m);

/* Appends type and content; the length before them is the caller's. */
void ipc_message_put(struct packer *p, const struct ipc_msg *m);

#endif
