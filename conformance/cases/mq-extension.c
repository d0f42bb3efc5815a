/* SPDX-License-Identifier: BSD-3-Clause */
/* What some systems let a message queue descriptor do beyond POSIX. */
#include "extension.h"
#include "mq.h"

#include <poll.h>
#include <stdlib.h>

/* The descriptor that an mqd_t is, or the case ends. */
static int descriptor(struct ct *t, mqd_t mqd)
{
	int fd = q_fd(mqd);

	if (fd < 0)
		ct_unsupported(t, "a queue's descriptor is no file descriptor");
	return fd;
}

/* What poll() says at once, or the case ends. */
static int ready(struct ct *t, int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};

	if (poll(&p, 1, 0) < 0 || (p.revents & (POLLNVAL | POLLERR)) != 0)
		ct_unsupported(t, "a queue cannot be polled");
	return p.revents & (POLLIN | POLLOUT);
}

CT_CASE(mq_ext_poll, .id = "mq.extension.poll", .req = "MQ-156",
	.posix = "an extension: poll() on a queue's descriptor",
	.text = "where a queue can be polled it is readable unless empty and "
		"writable unless full",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int fd = descriptor(t, mqd);

	if (ready(t, fd) == 0)
		ct_unsupported(t, "poll() says nothing of a queue");
	CT_EQUAL(ready(t, fd), POLLOUT);
	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_EQUAL(ready(t, fd), POLLIN | POLLOUT);
	CT_OK(q_put(t, mqd, 'b', 0) == 0);
	CT_EQUAL(ready(t, fd), POLLIN);
	CT_EQUAL(q_take(t, mqd, NULL), 'a');
	CT_EQUAL(ready(t, fd), POLLIN | POLLOUT);
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	CT_EQUAL(ready(t, fd), POLLOUT);
	t->os->mq_close(mqd);
}

CT_CASE(mq_ext_poll_wakes, .id = "mq.extension.poll-wakes", .req = "MQ-156",
	.posix = "an extension: poll() on a queue's descriptor",
	.text = "a process that polls an empty queue is woken by a send",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	mqd_t mqd = ct_mq(t, 1, 16, NULL);
	int fd = descriptor(t, mqd);
	struct ct_peer *p;

	if (ready(t, fd) == 0)
		ct_unsupported(t, "poll() says nothing of a queue");
	CT_PEER (t, p) {
		struct pollfd waits = {fd, POLLIN, 0};

		ct_tell_parent(t);
		CT_EQUAL(poll(&waits, 1, -1), 1);
		CT_EQUAL(waits.revents, POLLIN);
	}
	if (ct_await_blocked(t, p))
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
	ct_join(t, p);
	t->os->mq_close(mqd);
}

CT_CASE(mq_ext_edges, .id = "mq.extension.edge-triggered", .req = "MQ-157",
	.posix = "an extension: edge-triggered readiness",
	.text = "where readiness has edges, a queue gives one for each message "
		"after it was drained and filled again",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int watch = ext_edge_watch(descriptor(t, mqd)), i;

	if (watch < 0)
		ct_unsupported(t, "no edge-triggered readiness of queues: %s",
			       ct_errno_name(errno));
	for (i = 0; i < 3; i++) {
		CT_EQUAL(ext_edges(watch), 0);
		CT_OK(q_put(t, mqd, 'a', 0) == 0);
		CT_EQUAL(ext_edges(watch), 1);
		CT_EQUAL(ext_edges(watch), 0);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
	}
	close(watch);
	t->os->mq_close(mqd);
}

CT_CASE(mq_ext_read, .id = "mq.extension.read", .req = "MQ-158",
	.posix = "an extension: read() on a queue's descriptor",
	.text = "where a queue can be read as a file it tells the bytes in it; "
		"it cannot be written so",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	mqd_t mqd = ct_mq(t, 2, 16, NULL);
	int fd = descriptor(t, mqd);
	char text[128] = "";
	struct stat st;
	char *size;

	CT_OK(t->os->mq_send(mqd, "four", 4, 0) == 0);
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		ct_unsupported(t, "a queue cannot be read as a file: %s",
			       ct_errno_name(errno));
	size = strstr(text, "QSIZE:");
	CT_REQUIRE(size != NULL);
	CT_EQUAL(strtol(size + 6, NULL, 10), 4);
	CT_CHECK(strstr(text, "NOTIFY:") != NULL);
	CT_CHECK(strstr(text, "SIGNO:") != NULL);
	CT_CHECK(strstr(text, "NOTIFY_PID:") != NULL);
	CT_OK(fstat(fd, &st) == 0);
	ct_note(t, "st-size", "%jd", (intmax_t)st.st_size);
	CT_ERRNO(write(fd, "x", 1) == -1, EINVAL);
	CT_EQUAL(q_count(t, mqd), 1);
	t->os->mq_close(mqd);
}

CT_CASE(mq_ext_files, .id = "mq.extension.files", .req = "MQ-159",
	.posix = "an extension: queues shown in a file system",
	.text = "where queues are files, unlinking the file is unlinking the "
		"queue, and the other way round",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	const char *one, *two;
	char path[64];
	mqd_t a, b;

	if (!ext_mount_queues()) {
		int error = errno;

		if (!ext_absent(error))
			ct_refused(t, "mount(the queues)", error);
		ct_unsupported(t, "no file system that shows queues: %s",
			       ct_errno_name(error));
	}
	a = ct_mq(t, 1, 16, &one);
	b = ct_mq(t, 1, 16, &two);
	snprintf(path, sizeof(path), EXT_QUEUES "%s", one);
	CT_OK(unlink(path) == 0);
	CT_ERRNO(q_open(t, one, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
	CT_OK(q_put(t, a, 'a', 0) == 0);
	CT_EQUAL(q_take(t, a, NULL), 'a');
	snprintf(path, sizeof(path), EXT_QUEUES "%s", two);
	CT_OK(access(path, F_OK) == 0);
	CT_OK(t->os->mq_unlink(two) == 0);
	CT_ERRNO(access(path, F_OK) == -1, ENOENT);
	t->os->mq_close(a);
	t->os->mq_close(b);
}

CT_CASE(mq_ext_namespace, .id = "mq.extension.namespace", .req = "MQ-160",
	.posix = "an extension: IPC namespaces",
	.text =
	    "where a process can leave its IPC namespace, names stay behind "
	    "and open descriptors work on",
	.needs = CT_NEED_MQ | CT_NEED_NATIVE)
{
	const char *name;
	mqd_t mqd = ct_mq(t, 2, 16, &name);
	bool *left = ct_shared(t, sizeof(*left));
	struct ct_peer *p;

	CT_OK(q_put(t, mqd, 'a', 0) == 0);
	CT_PEER (t, p) {
		ext_own_namespace(t);
		*left = true;
		CT_ERRNO(q_open(t, name, O_RDWR, 0) == PIPC__BAD_MQD, ENOENT);
		CT_EQUAL(q_take(t, mqd, NULL), 'a');
		CT_OK(q_put(t, mqd, 'b', 0) == 0);
	}
	ct_join(t, p);
	if (!*left) {
		t->os->mq_close(mqd);
		return;
	}
	CT_EQUAL(q_take(t, mqd, NULL), 'b');
	t->os->mq_close(mqd);
}
