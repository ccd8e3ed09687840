/* Aims at ipc_reader_next and what it calls, ipc_writer_put. The first byte
 * picks the side and the size of the pieces in which the rest arrives; what
 * is understood is written again byte for byte. */
// links: ninety_wire

#include "fuzz.h"
#include "wire/ipc.h"

static void
check_message(const struct ipc_msg *m, struct bytes *rest)
{
	struct ipc_writer w;

	ipc_writer_init(&w, 0);
	FUZZ_ASSERT(ipc_writer_put(&w, m) == 0);
	FUZZ_ASSERT(w.buf.len <= rest->n);
	FUZZ_ASSERT(bytes_equal(buf_bytes(&w.buf),
				bytes_of(rest->p, w.buf.len)));
	*rest = bytes_of(rest->p + w.buf.len, rest->n - w.buf.len);
	ipc_writer_clear(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ipc_reader r;
	struct bytes rest;
	size_t piece;
	int rc = 0;

	if (n == 0) {
		return 0;
	}
	ipc_reader_init(&r, (data[0] & 1) != 0 ? IPC_FROM_CORE
					       : IPC_FROM_FRONT);
	piece = (size_t)(data[0] >> 1) * 3 + 1;
	rest = bytes_of(data + 1, n - 1);
	for (size_t at = 1; at < n && rc == 0; at += piece) {
		struct ipc_msg m = {.type = IPC_NONE};

		rc = ipc_reader_feed(&r, bytes_of(data + at,
						  piece < n - at ? piece
								 : n - at));
		do {
			rc = rc == 0 ? ipc_reader_next(&r, &m) : rc;
			if (rc == 0 && m.type != IPC_NONE) {
				check_message(&m, &rest);
			}
		} while (rc == 0 && m.type != IPC_NONE);
	}
	FUZZ_ASSERT(rc == 0 || rc == ERR_CORRUPT || rc == ERR_TOO_LARGE);
	ipc_reader_clear(&r);
	return 0;
}
