/* SPDX-License-Identifier: BSD-3-Clause */
/* The reference implementation's shared memory. */
#include "check_ref.h"

START_TEST(flags)
{
	int fd = ref_shm_open("/m", O_CREAT | O_EXCL | O_RDWR, 0666);
	struct stat st;
	char byte;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	ck_assert_int_eq(ref_fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	ck_assert_int_eq(ref_close(fd), 0);
	ck_errno(ref_shm_open("/m", O_CREAT | O_EXCL | O_RDWR, 0600) >= 0,
		 EEXIST);
	ck_errno(ref_shm_open("/none", O_RDWR, 0) >= 0, ENOENT);
	ck_errno(ref_shm_open("m", O_RDWR, 0) >= 0, EINVAL);
	/* O_APPEND is none of its flags. */
	fd = ref_shm_open("/m", O_RDONLY | O_APPEND, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_APPEND, 0);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	ck_assert_int_eq(write(fd, "y", 1), -1);
	fd = ref_shm_open("/m", O_RDWR | O_TRUNC, 0);
	ck_assert_int_eq(ref_fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert_int_eq(ref_shm_unlink("/m"), 0);
	ck_errno(ref_shm_unlink("/m") == 0, ENOENT);
}
END_TEST

START_TEST(other_files)
{
	const char *path = path_of(REF_SHM, "/m");
	static const int ways[] = {O_RDWR, O_RDWR | O_CREAT};
	unsigned i;

	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(mkdir(path, 0700), 0);
		ck_errno(ref_shm_open("/m", ways[i], 0600) >= 0, EISDIR);
		ck_errno(ref_shm_open("/m", O_RDONLY, 0600) >= 0, EINVAL);
		ck_assert_int_eq(rmdir(path), 0);
		ck_assert_int_eq(mkfifo(path, 0600), 0);
		ck_errno(ref_shm_open("/m", ways[i], 0600) >= 0, EINVAL);
		ck_errno(ref_shm_open("/m", O_RDONLY, 0600) >= 0, EINVAL);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(symlink("/etc/passwd", path), 0);
		ck_errno(ref_shm_open("/m", ways[i], 0600) >= 0, ELOOP);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(symlink("target", path), 0);
		ck_errno(ref_shm_open("/m", ways[i], 0600) >= 0, ELOOP);
		ck_assert_int_eq(unlink(path), 0);
	}
	ck_assert_uint_eq(files(false), 0);
}
END_TEST

static bool is_refused(void *arg)
{
	(void)arg;
	return become(OTHER, OTHER, OTHER) &&
	       ref_shm_open("/m", O_RDWR, 0) == -1 && errno == EACCES &&
	       ref_shm_open("/m", O_RDONLY, 0) >= 0;
}

START_TEST(other_users)
{
	ck_assert_int_ge(ref_shm_open("/m", O_CREAT | O_RDWR, 0644), 0);
	if (geteuid() == 0)
		ck_assert(in_child(is_refused, NULL));
}
END_TEST

/* The library refuses what has no room; writing there would be SIGBUS. */
START_TEST(no_room)
{
	pipc_shm *shm = NULL;

	if (!small_filesystem("size=1m"))
		return;
	pipc__use(&pipc__os_ref);
	ck_fails(pipc_shm_open(&shm, "/m", PIPC_O_CREX, 0600, 8 << 20, false),
		 PIPC_OS_ERROR, ENOSPC);
	ck_assert_ptr_null(shm);
	ck_assert_uint_eq(files(false), 0);
	ck_status(
	    pipc_shm_open(&shm, "/m", PIPC_O_CREX, 0600, 512 << 10, false),
	    PIPC_OK);
	fill_filesystem();
	memset(mmap(NULL, 512 << 10, PROT_READ | PROT_WRITE, MAP_SHARED,
		    pipc_shm_fd(shm), 0),
	       1, 512 << 10);
	pipc_shm_close_fd(shm);
	pipc_shm_free(shm);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ref shm");
	TCase *tc = a_case(suite, "shm");

	tcase_add_test(tc, flags);
	tcase_add_test(tc, other_files);
	tcase_add_test(tc, other_users);
	tcase_add_test(tc, no_room);
	return run_suite(suite);
}
