/* Two queues with a mutex each: tasks out, results in. */

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service/worker.h"

struct task {
	struct task *next;
	task_fn *fn;
	void *ctx;
};

struct queue {
	struct task *head;
	struct task **tail;
	size_t n;
};

static void
queue_init(struct queue *q)
{
	*q = (struct queue){.tail = &q->head};
}

static void
queue_put(struct queue *q, struct task *t)
{
	*q->tail = t;
	q->tail = &t->next;
	q->n++;
}

static struct task *
queue_take(struct queue *q)
{
	struct task *t = q->head;

	if (t != NULL) {
		q->head = t->next;
		if (q->head == NULL) {
			q->tail = &q->head;
		}
		q->n--;
	}
	return t;
}

static struct task *
task_new(task_fn *fn, void *ctx)
{
	struct task *t = malloc(sizeof(*t));

	if (t != NULL) {
		*t = (struct task){NULL, fn, ctx};
	}
	return t;
}

struct inbox {
	pthread_mutex_t lock;
	struct queue queue;
	int fd;
};

int
inbox_open(struct inbox **out)
{
	struct inbox *i = calloc(1, sizeof(*i));

	if (i == NULL) {
		return err_set(ERR_NOMEM, "no memory for the inbox");
	}
	i->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (i->fd < 0) {
		free(i);
		return err_set(ERR_IO, "no event descriptor");
	}
	pthread_mutex_init(&i->lock, NULL);
	queue_init(&i->queue);
	*out = i;
	return 0;
}

void
inbox_close(struct inbox *i)
{
	if (i == NULL) {
		return;
	}
	(void)inbox_run(i);
	(void)close(i->fd);
	pthread_mutex_destroy(&i->lock);
	free(i);
}

int
inbox_fd(const struct inbox *i)
{
	return i->fd;
}

void
inbox_post(struct inbox *i, task_fn *fn, void *ctx)
{
	struct task *t = task_new(fn, ctx);
	uint64_t one = 1;

	if (t == NULL) {
		/* Lost news would leave a caller without an answer for good;
		 * a restart gives one. */
		abort();
	}
	pthread_mutex_lock(&i->lock);
	queue_put(&i->queue, t);
	pthread_mutex_unlock(&i->lock);
	(void)!write(i->fd, &one, sizeof(one));
}

size_t
inbox_run(struct inbox *i)
{
	struct queue mine;
	struct task *t;
	uint64_t count;
	size_t n = 0;

	(void)!read(i->fd, &count, sizeof(count));
	pthread_mutex_lock(&i->lock);
	mine = i->queue;
	if (mine.head == NULL) {
		mine.tail = &mine.head;
	}
	queue_init(&i->queue);
	pthread_mutex_unlock(&i->lock);
	while ((t = queue_take(&mine)) != NULL) {
		t->fn(t->ctx);
		free(t);
		n++;
	}
	return n;
}

struct worker {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct queue queue;
	size_t queue_max;
	bool is_closing;
	const char *name;
	int niceness;
	unsigned n_started;
	unsigned n_threads;
	pthread_t threads[];
};

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct task *t;

	(void)pthread_setname_np(pthread_self(), w->name);
	/* Of this thread alone, on Linux. */
	if (w->niceness != 0) {
		(void)!nice(w->niceness);
	}
	pthread_mutex_lock(&w->lock);
	w->n_started++;
	pthread_cond_broadcast(&w->changed);
	for (;;) {
		t = queue_take(&w->queue);
		if (t != NULL) {
			pthread_mutex_unlock(&w->lock);
			t->fn(t->ctx);
			free(t);
			pthread_mutex_lock(&w->lock);
		} else if (w->is_closing) {
			break;
		} else {
			pthread_cond_wait(&w->changed, &w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int
worker_open(const char *name, unsigned n_threads, int niceness,
	    size_t queue_max, struct worker **out)
{
	struct worker *w = calloc(1, sizeof(*w) +
					     n_threads * sizeof(pthread_t));
	sigset_t all;
	sigset_t before;

	if (w == NULL) {
		return err_set(ERR_NOMEM, "no memory for a worker");
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	queue_init(&w->queue);
	w->name = name;
	w->niceness = niceness;
	w->queue_max = queue_max;
	/* Signals are the owner's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (w->n_threads < n_threads &&
	       pthread_create(&w->threads[w->n_threads], NULL, worker_run,
			      w) == 0) {
		w->n_threads++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* What a thread does at its start a sandbox may soon forbid. */
	pthread_mutex_lock(&w->lock);
	while (w->n_started < w->n_threads) {
		pthread_cond_wait(&w->changed, &w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	if (w->n_threads < n_threads) {
		worker_close(w);
		return err_set(ERR_NOMEM, "no thread for a worker");
	}
	*out = w;
	return 0;
}

int
worker_submit(struct worker *w, task_fn *fn, void *ctx)
{
	struct task *t = task_new(fn, ctx);
	int rc = 0;

	if (t == NULL) {
		return err_set(ERR_NOMEM, "no memory for a task");
	}
	pthread_mutex_lock(&w->lock);
	if (w->is_closing) {
		rc = err_set(ERR_UNAVAILABLE, "the service stops");
	} else if (w->queue.n >= w->queue_max) {
		rc = err_set(ERR_BUSY, "%zu tasks wait already", w->queue_max);
	} else {
		queue_put(&w->queue, t);
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	if (rc != 0) {
		free(t);
	}
	return rc;
}

void
worker_stop(struct worker *w)
{
	if (w == NULL) {
		return;
	}
	pthread_mutex_lock(&w->lock);
	w->is_closing = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->n_threads; i++) {
		pthread_join(w->threads[i], NULL);
	}
	w->n_threads = 0;
}

void
worker_close(struct worker *w)
{
	if (w == NULL) {
		return;
	}
	worker_stop(w);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
