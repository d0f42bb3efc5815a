/* SPDX-License-Identifier: BSD-3-Clause */
/* Names, and the files behind them. */
#include "check_ref.h"

#include <limits.h>

START_TEST(names)
{
	static const struct {
		const char *name;
		int error;
	} refused[] = {{NULL, EINVAL}, {"", EINVAL},	 {"a", EINVAL},
		       {"/", EINVAL},  {"/a/b", EINVAL}, {"//", EINVAL}};
	static char name[NAME_MAX + 2];
	char path[REF_PATH_MAX];
	unsigned i;

	for (i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		ck_errno(ref_path(path, REF_MQ, refused[i].name),
			 refused[i].error);
		ck_errno(ref_unlink(REF_MQ, refused[i].name) == 0, ENOENT);
	}
	memset(name, 'a', sizeof(name) - 1);
	name[0] = '/';
	ck_errno(ref_path(path, REF_MQ, name), ENAMETOOLONG);
	ck_errno(ref_unlink(REF_MQ, name) == 0, ENAMETOOLONG);
	name[NAME_MAX - 6] = '\0'; /* what the file's own name adds */
	ck_assert(ref_path(path, REF_MQ, name));
	ck_assert_uint_eq(strlen(strrchr(path, '/') + 1), NAME_MAX);
	ck_errno(ref_unlink(REF_MQ, name) == 0, ENOENT);
	ck_assert_int_ge(ref_shm_open(name, O_CREAT | O_RDWR, 0600), 0);
	/* Of each kind a name of its own; dots are letters. */
	ck_assert_str_ne(path_of(REF_SEM, "/x") + 0, "");
	ck_assert_int_ge(ref_shm_open("/..", O_CREAT | O_RDWR, 0600), 0);
	ck_assert(ref_sem_open("/..", O_CREAT, 0600, 0) != SEM_FAILED);
	ck_assert_uint_eq(files(false), 3);
}
END_TEST

#ifdef __linux__
/* Names that the system's library takes, or refuses by other errors. */
START_TEST(names_of_the_system)
{
	static const char *const same[] = {"x", "/x", "//x", "///x"};
	char path[REF_PATH_MAX];
	unsigned i;

	setenv("PIPC_REF_NAMES", "system", 1);
	for (i = 0; i < 4; i++) {
		ck_assert_str_eq(path_of(REF_SHM, same[i]) + strlen(directory),
				 "/pipc.m.x");
		ck_assert_str_eq(path_of(REF_SEM, same[i]) + strlen(directory),
				 "/pipc.s.x");
	}
	for (i = 0; i < 2; i++) {
		enum ref_kind kind = i == 0 ? REF_SHM : REF_SEM;

		ck_errno(ref_path(path, kind, NULL), EINVAL);
		ck_errno(ref_path(path, kind, ""), EINVAL);
		ck_errno(ref_path(path, kind, "//"), EINVAL);
		ck_errno(ref_path(path, kind, "a/b"), EINVAL);
		ck_errno(ref_path(path, kind, "//a/b"), EINVAL);
	}
	ck_errno(ref_path(path, REF_SHM, "/.."), EINVAL);
	ck_assert_str_eq(path_of(REF_MQ, "/x") + strlen(directory),
			 "/pipc.q.x");
	ck_errno(ref_path(path, REF_MQ, "/"), ENOENT);
	ck_errno(ref_path(path, REF_MQ, "//x"), EACCES);
	ck_errno(ref_path(path, REF_MQ, "/."), EACCES);
	ck_errno(ref_unlink(REF_MQ, "//x") == 0, EACCES);
#ifdef __GLIBC__
	ck_errno(ref_path(path, REF_MQ, "x"), EINVAL);
	ck_errno(ref_unlink(REF_SEM, "a/b") == 0, ENOENT);
	ck_errno(ref_unlink(REF_MQ, "x") == 0, EINVAL);
#else
	ck_assert(ref_path(path, REF_MQ, "x"));
#endif
	ck_assert_int_ge(ref_shm_open("x", O_CREAT | O_RDWR, 0600), 0);
	ck_assert_int_eq(ref_shm_unlink("//x"), 0);
}
END_TEST
#endif

static void lies_in(const char *where)
{
	const char *path = path_of(REF_SHM, "/x");

	ck_assert_msg(strncmp(path, where, strlen(where)) == 0 &&
			  path[strlen(where)] == '/',
		      "%s is not in %s", path, where);
}

START_TEST(directory_chosen)
{
	lies_in(directory);
}
END_TEST

START_TEST(directory_of_the_system)
{
	struct stat st;

	unsetenv("PIPC_REF_DIR");
	lies_in(stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
}
END_TEST

START_TEST(directory_empty)
{
	setenv("PIPC_REF_DIR", "", 1);
	lies_in("/tmp");
}
END_TEST

#ifndef HAVE_SECURE_GETENV /* which looks at how the program began */
/* With another's rights the environment has no say. */
START_TEST(directory_of_the_privileged)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(seteuid(OTHER), 0);
	ck_assert_str_ne(getenv("PIPC_REF_DIR"), "");
	ck_assert_ptr_null(strstr(path_of(REF_SHM, "/x"), directory));
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST
#endif

START_TEST(directory_missing)
{
	setenv("PIPC_REF_DIR", "/nowhere/at/all", 1);
	ck_errno(ref_sem_open("/s", O_CREAT, 0600, 0) != SEM_FAILED, ENOENT);
	ck_errno(ref_shm_open("/m", O_CREAT | O_RDWR, 0600) >= 0, ENOENT);
	ck_errno(ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL) !=
		     PIPC__BAD_MQD,
		 ENOENT);
}
END_TEST

static bool is_refused(void *arg)
{
	(void)arg;
	return become(OTHER, OTHER, OTHER) &&
	       ref_sem_open("/new", O_CREAT, 0600, 0) == SEM_FAILED &&
	       errno == EACCES && ref_unlink(REF_SHM, "/m") == -1 &&
	       errno == EACCES;
}

START_TEST(directory_of_another)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_ge(ref_shm_open("/m", O_CREAT | O_RDWR, 0600), 0);
	ck_assert_int_eq(chmod(directory, _i ? 01755 : 0755), 0);
	ck_assert(in_child(is_refused, NULL));
}
END_TEST

/* In a sticky directory, as /dev/shm is, one's files are one's own. */
static bool may_not_remove(void *arg)
{
	(void)arg;
	return become(OTHER, OTHER, OTHER) && ref_unlink(REF_SHM, "/m") == -1 &&
	       errno == EACCES;
}

START_TEST(sticky_directory)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_ge(ref_shm_open("/m", O_CREAT | O_RDWR, 0666), 0);
	ck_assert(in_child(may_not_remove, NULL));
	ck_assert_int_eq(ref_unlink(REF_SHM, "/m"), 0);
}
END_TEST

static void publish_and_drop(void)
{
	const char *path = path_of(REF_SHM, "/m");
	struct ref_new a, b;

	ck_assert(ref_new_open(&a, 0600));
	ck_assert(ref_new_open(&b, 0600));
	ck_assert_int_eq(write(a.fd, "a", 1), 1);
	ck_assert(ref_new_publish(&a, path));
	ck_errno(ref_new_publish(&b, path), EEXIST);
	errno = EXDEV;
	ref_new_drop(&b);
	ck_assert_int_eq(errno, EXDEV);
	close(a.fd);
	ck_assert_uint_eq(files(false), 1);
	ck_assert_int_ge(ref_shm_open("/m", O_RDWR, 0), 0);
}

START_TEST(new_files)
{
	publish_and_drop();
}
END_TEST

/* Without /proc a file has a temporary name before it has its own. */
START_TEST(new_files_without_proc)
{
	if (!without_proc())
		return;
	publish_and_drop();
	ck_assert(ref_sem_open("/s", O_CREAT, 0600, 0) != SEM_FAILED);
	ck_assert(ref_mq_open("/q", O_CREAT | O_RDWR, 0600, NULL) !=
		  PIPC__BAD_MQD);
	ck_assert_uint_eq(files(false), 3);
	proc_again();
}
END_TEST

START_TEST(existing_files)
{
	const char *path = path_of(REF_SHM, "/m");
	struct stat st;
	int fd;

	ck_errno(ref_open(path, O_RDWR, &st) >= 0, ENOENT);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_errno(ref_open(path, O_RDWR, &st) >= 0, EISDIR);
	ck_errno(ref_open(path, O_RDONLY, &st) >= 0, EINVAL);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_errno(ref_open(path, O_RDWR, &st) >= 0, EINVAL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_errno(ref_open(path, O_RDWR, &st) >= 0, ELOOP);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_ge(ref_shm_open("/m", O_CREAT | O_RDWR, 0600), 0);
	fd = ref_open(path, O_RDWR, &st);
	ck_assert_int_ge(fd, 0);
	ck_assert(S_ISREG(st.st_mode));
}
END_TEST

/* Where there is no room any more, that is said before it is written to. */
START_TEST(filling)
{
	char *map;
	int fd;

	if (!small_filesystem("size=64k") || !without_populate(_i))
		return;
	fd = ref_shm_open("/m", O_CREAT | O_RDWR, 0600);
	ck_assert_int_eq(ftruncate(fd, 1 << 20), 0);
	map = ref_map(fd, 1 << 20, 1);
	ck_assert(map != MAP_FAILED);
	ck_assert(ref_fill(map + 5000, 1));
	map[4096] = 1;
	fill_filesystem();
	ck_assert(ref_fill(map + 4096, 4096));
#ifdef SYS_madvise
	errno = 0;
	ck_assert(!ref_fill(map, 8193) || errno != ENOSPC);
	ck_errno(ref_fill(map + 65536, 1), ENOSPC);
	ck_errno(ref_fill(map + 4096, 8193), ENOSPC);
	ck_assert_int_eq(map[4096], 1);
#endif
}
END_TEST

START_TEST(heads)
{
	struct ref_head good, bad;
	unsigned i, fields = offsetof(struct ref_head, mode);

	ref_head_fill(&good, REF_SEM, 07640);
	ck_assert_uint_eq(good.mode, 0640);
	ck_assert(ref_head_valid(&good, REF_SEM));
	ck_errno(ref_head_valid(&good, REF_MQ), EINVAL);
	for (i = 0; i < fields * 8; i++) {
		bad = good;
		((unsigned char *)&bad)[i / 8] ^= (unsigned char)(1 << i % 8);
		ck_errno(ref_head_valid(&bad, REF_SEM),
			 bad.version != good.version ||
				 bad.layout != good.layout ||
				 bad.libc != good.libc
			     ? ENOTSUP
			     : EINVAL);
	}
	memset(&bad, 0, sizeof(bad));
	ck_errno(ref_head_valid(&bad, REF_SEM), EINVAL);
}
END_TEST

static void *fork_in_thread(void *arg)
{
	pid_t pid = fork();
	int status = 1;

	(void)arg;
	if (pid == 0)
		_exit(ref_sem_open("/s", O_CREAT, 0600, 0) == SEM_FAILED);
	return waitpid(pid, &status, 0) == pid && status == 0 ? "" : NULL;
}

/* A fork waits until nobody is in the middle of opening something. */
START_TEST(fork_while_another_opens)
{
	struct timespec ms = {0, 20000000};
	struct ref_process p;
	pthread_t thread;
	void *result;

	path_of(REF_SEM, "/s");
	ref_process_enter(&p);
	ck_assert_int_eq(pthread_create(&thread, NULL, fork_in_thread, NULL),
			 0);
	nanosleep(&ms, NULL);
	ref_process_leave(&p);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	ck_assert_ptr_nonnull(result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref file");
	TCase *tc = a_case(suite, "file");

	tcase_add_test(tc, names);
#ifdef __linux__
	tcase_add_test(tc, names_of_the_system);
#endif
	tcase_add_test(tc, directory_chosen);
	tcase_add_test(tc, directory_of_the_system);
	tcase_add_test(tc, directory_empty);
#ifndef HAVE_SECURE_GETENV
	tcase_add_test(tc, directory_of_the_privileged);
#endif
	tcase_add_test(tc, directory_missing);
	tcase_add_loop_test(tc, directory_of_another, 0, 2);
	tcase_add_test(tc, sticky_directory);
	tcase_add_test(tc, new_files);
	tcase_add_test(tc, new_files_without_proc);
	tcase_add_test(tc, existing_files);
	tcase_add_loop_test(tc, filling, 0, 3);
	tcase_add_test(tc, heads);
	tcase_add_test(tc, fork_while_another_opens);
	return run_suite(suite);
}
