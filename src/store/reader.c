/*
 * Reading a store that nobody has open: stopped, killed, or copied. Nothing on
 * the disk changes; what is only in the journal is laid over in memory.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "store/parts.h"
#include "store/private.h"

#define OVERLAY_BYTES_MAX ((size_t)1 << 30)

static int
lay_over(void *ctx, uint64_t sequence, struct bytes payload)
{
	(void)sequence;
	return write_set_unpack(ctx, payload);
}

/* A copy made by store_copy has no journal, nor does it need one. */
static int
overlay_journal(struct engine *engine, const char *directory,
		struct write_set *overlay)
{
	char path[IO_PATH_BYTES_MAX];
	struct journal_config config = {
		.io = io_system(), .directory = path, .is_readonly = true};
	struct journal *j;
	int rc = io_path(path, directory, "journal");

	if (rc == 0 && access(path, F_OK) != 0) {
		return 0;
	}
	if (rc == 0) {
		rc = parts_incarnation_get(engine, &config.incarnation,
					   &config.started, &config.applied);
	}
	if (rc != 0) {
		return rc == ERR_NOT_FOUND ? 0 : rc;
	}
	rc = journal_open(&config, &j);
	if (rc == 0) {
		rc = journal_replay(j, lay_over, overlay);
		journal_close(j);
	}
	return rc;
}

int
store_open_readonly(const char *directory, size_t arena_bytes_max,
		    struct txn **out)
{
	char path[IO_PATH_BYTES_MAX];
	struct engine *engine = NULL;
	struct write_set *overlay = NULL;
	struct txn *t = NULL;
	int fd;
	int rc = parts_lock(directory, true, &fd);

	if (rc != 0) {
		return rc;
	}
	rc = io_path(path, directory, "data");
	if (rc == 0) {
		rc = engine_lmdb_open_readonly(path, &engine);
	}
	if (rc == 0) {
		overlay = write_set_new(OVERLAY_BYTES_MAX);
		rc = overlay == NULL
			     ? err_set(ERR_NOMEM, "no memory for an overlay")
			     : overlay_journal(engine, directory, overlay);
	}
	if (rc == 0) {
		rc = snapshot_open(engine, arena_bytes_max, &t);
	}
	if (rc != 0) {
		write_set_free(overlay);
		if (engine != NULL) {
			engine->ops->close(engine);
		}
		(void)close(fd);
		return rc;
	}
	t->overlays[0] = overlay;
	t->own_overlay = overlay;
	t->own_engine = engine;
	t->own_lock_fd = fd;
	*out = t;
	return 0;
}
