// Compiled, never run: the client's header is C++ as well.

#include <ninety/client.h>

int ninety_header_serves(struct ninety_client *client,
			 struct ninety_reply *reply);

int
ninety_header_serves(struct ninety_client *client, struct ninety_reply *reply)
{
	return ninety_call(client, "service.ping", nullptr, 1000, reply);
}
