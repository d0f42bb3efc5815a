/* SPDX-License-Identifier: BSD-3-Clause */
/* What uname() does not tell: the program's own architecture, an emulator. */
#include "expect.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SYS_KLOG_H
#include <sys/klog.h>
#endif

#if defined(__x86_64__) && defined(__ILP32__)
#define ARCH "x32"
#elif defined(__x86_64__)
#define ARCH "x86_64"
#elif defined(__i386__)
#define ARCH "i386"
#elif defined(__aarch64__)
#define ARCH "aarch64"
#elif defined(__arm__)
#define ARCH "arm"
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH "riscv64"
#elif defined(__riscv)
#define ARCH "riscv"
#elif defined(__s390x__)
#define ARCH "s390x"
#elif defined(__powerpc64__)
#define ARCH "powerpc64"
#elif defined(__powerpc__)
#define ARCH "powerpc"
#elif defined(__mips64)
#define ARCH "mips64"
#elif defined(__mips__)
#define ARCH "mips"
#elif defined(__sparc__) && defined(__arch64__)
#define ARCH "sparc64"
#elif defined(__sparc__)
#define ARCH "sparc"
#elif defined(__hppa__)
#define ARCH "hppa"
#elif defined(__m68k__)
#define ARCH "m68k"
#elif defined(__loongarch__)
#define ARCH "loongarch"
#else
#define ARCH "" /* as uname() says */
#endif

#if defined(__clang__)
#define COMPILER __VERSION__ /* begins with its name */
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

static const char *abi(void)
{
	static char text[80];
	const unsigned one = 1;

	snprintf(text, sizeof(text), "%s endian, long %d, off_t %d, time_t %d",
		 *(const char *)&one == 1 ? "little" : "big",
		 (int)sizeof(long) * CHAR_BIT, (int)sizeof(off_t) * CHAR_BIT,
		 (int)sizeof(time_t) * CHAR_BIT);
	return text;
}

/* Does a file begin with the word? */
static bool begins(const char *path, const char *word)
{
	char text[32] = "";
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return false;
	if (fgets(text, sizeof(text), f) == NULL)
		*text = '\0';
	fclose(f);
	return strncmp(text, word, strlen(word)) == 0;
}

/* gVisor says so in its kernel's log, which anyone may read there. */
static bool is_gvisor(void)
{
#ifdef HAVE_SYS_KLOG_H
	static char log[4096];
	int n = klogctl(3, log, sizeof(log) - 1); /* SYSLOG_ACTION_READ_ALL */

	return n > 0 && strstr(log, "Starting gVisor") != NULL;
#else
	return false;
#endif
}

/* The one who runs it may know more, such as a version. */
static const char *emulator(void)
{
	const char *told = getenv("PIPC_EMULATOR");

	if (told != NULL)
		return told;
	if (is_gvisor())
		return "gVisor";
	/* The kernel knows the process by the name of the emulator. */
	if (begins("/proc/self/comm", "qemu-"))
		return "qemu-user";
	return "";
}

void ct__identify(struct ct_system *s)
{
	const char *label = getenv("PIPC_LABEL");

	s->arch = *ARCH != '\0' ? ARCH : s->machine;
	s->abi = abi();
	s->compiler = COMPILER;
	s->emulator = emulator();
	s->label = label != NULL ? label : "";
}
