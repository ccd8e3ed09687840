/*
 * Opening a store's directory: one process at a time, engine and journal of
 * the same incarnation, and what the journal holds brought into the engine
 * before anything new is taken. A tail that was read back after a failed sync
 * may be in memory only: applying it makes it durable, then it counts.
 */
#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/pack.h"
#include "store/replay.h"
#include "store/write_set.h"

#define STARTED_BYTES 8
/* A group is as large as a segment, and a txn must fit into one. */
#define SEGMENT_BYTES_MIN ((size_t)4 << 20)

int
parts_lock(const char *directory, bool is_shared, int *out_fd)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		return io_error("store");
	}
	if (flock(fd, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
		(void)close(fd);
		return err_set(ERR_BUSY, "another process has the store open");
	}
	*out_fd = fd;
	return 0;
}

int
parts_incarnation_get(struct engine *engine, struct incarnation *out,
		      uint64_t *out_started, uint64_t *out_sequence)
{
	struct engine_view *view;
	struct bytes value;
	int rc = engine->ops->view_open(engine, &view);

	if (rc != 0) {
		return rc;
	}
	rc = engine->ops->get(view, TABLE_SYSTEM,
			      bytes_str(PARTS_INCARNATION_NAME), &value);
	if (rc == 0 && value.n != sizeof(*out) + STARTED_BYTES) {
		rc = err_set(ERR_CORRUPT, "the incarnation is malformed");
	}
	if (rc == 0) {
		memcpy(out->b, value.p, sizeof(out->b));
		*out_started = get_u64(value.p + sizeof(out->b));
		*out_sequence = engine->ops->view_sequence(view);
	} else if (rc == ERR_NOT_FOUND &&
		   engine->ops->view_sequence(view) != 0) {
		rc = err_set(ERR_CORRUPT, "the incarnation is missing");
	}
	engine->ops->view_close(view);
	return rc;
}

int
parts_incarnation_draw(struct engine *engine, struct entropy *entropy,
		       uint64_t sequence)
{
	uint8_t value[INCARNATION_BYTES + STARTED_BYTES];
	struct write_set *set = write_set_new(1 << 16);
	int rc;

	if (set == NULL) {
		return err_set(ERR_NOMEM, "no memory for an incarnation");
	}
	entropy_fill(entropy == NULL ? entropy_system() : entropy, value,
		     INCARNATION_BYTES);
	put_u64(value + INCARNATION_BYTES, sequence);
	rc = write_set_put(set, TABLE_SYSTEM, bytes_str(PARTS_INCARNATION_NAME),
			   bytes_of(value, sizeof(value)));
	if (rc == 0) {
		rc = engine->ops->apply(engine, &set, 1, sequence);
	}
	write_set_free(set);
	return rc;
}

static int
replay(struct parts *p)
{
	struct replay r;
	int rc = replay_init(&r, p->engine, p->sequence);

	if (rc == 0) {
		rc = journal_replay(p->journal, replay_group, &r);
	}
	if (rc == 0) {
		rc = replay_finish(&r);
	}
	p->sequence = r.applied;
	replay_clear(&r);
	return rc;
}

static int
open_journal(const struct store_config *config, struct parts *p)
{
	char path[IO_PATH_BYTES_MAX];
	struct journal_config jc = {
		.io = config->io == NULL ? io_system() : config->io,
		.directory = path,
		.archive = config->archive,
		.segment_bytes = config->segment_bytes,
	};
	int rc = io_path(path, config->directory, "journal");

	if (jc.segment_bytes != 0 && jc.segment_bytes < SEGMENT_BYTES_MIN) {
		jc.segment_bytes = SEGMENT_BYTES_MIN;
	}
	if (rc == 0) {
		rc = parts_incarnation_get(p->engine, &jc.incarnation,
					   &jc.started, &jc.applied);
	}
	if (rc == ERR_NOT_FOUND) {
		rc = parts_incarnation_draw(p->engine, config->entropy, 0);
		if (rc == 0) {
			rc = parts_incarnation_get(p->engine, &jc.incarnation,
						   &jc.started, &jc.applied);
		}
	}
	if (rc == 0) {
		p->sequence = jc.applied;
		rc = journal_open(&jc, &p->journal);
	}
	return rc;
}

static int
open_both(const struct store_config *config, struct parts *p)
{
	char path[IO_PATH_BYTES_MAX];
	struct io *io = config->io == NULL ? io_system() : config->io;
	int rc = io_make_directory(io, config->directory);

	if (rc == 0) {
		rc = parts_lock(config->directory, false, &p->lock_fd);
	}
	if (rc == 0) {
		rc = io_path(path, config->directory, "data");
	}
	if (rc == 0 && p->engine == NULL) {
		rc = engine_lmdb_open(path, &p->engine);
	}
	if (rc == 0) {
		rc = open_journal(config, p);
	}
	if (rc == 0) {
		rc = replay(p);
	}
	return rc == 0 ? journal_start(p->journal) : rc;
}

int
parts_open(const struct store_config *config, struct parts *out)
{
	struct parts p = {.lock_fd = -1, .engine = config->engine};
	int rc = config->in_memory ? engine_memory_open(&p.engine)
				   : open_both(config, &p);

	if (rc != 0) {
		parts_close(&p);
		return rc;
	}
	*out = p;
	return 0;
}

void
parts_close(struct parts *p)
{
	journal_close(p->journal);
	if (p->engine != NULL) {
		p->engine->ops->close(p->engine);
	}
	if (p->lock_fd >= 0) {
		(void)close(p->lock_fd);
	}
}
