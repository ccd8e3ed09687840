#ifndef NINETY_IMPORT_H
#define NINETY_IMPORT_H

#include "base/bytes.h"
#include "command.h"

#define IMPORT_FILE_BYTES_MAX ((size_t)4 << 30)

/* A file of customers, a web server's log: from memory into the service. Print
 * what was done; 0, 1 when something was refused, or an exit status. */
int import_customers(const struct options *o, const char *name,
		     struct bytes file);
int import_access_log(const struct options *o, const char *name,
		      struct bytes file);

#endif
