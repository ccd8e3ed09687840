#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What a fuzz target defines. It returns 0; a fault is an abort. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* assert, also where NDEBUG is set. */
#define FUZZ_ASSERT(condition)                                                \
	do {                                                                  \
		if (!(condition)) {                                           \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__,        \
				      __LINE__, #condition);                  \
			abort();                                              \
		}                                                             \
	} while (0)

#endif
