/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that knows nothing of libpipc-posix, and loads a module that does.
 *
 * posix-load MODULE NAME [deep]    0: the module has made a queue of that name
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	int how = RTLD_NOW;
	union {
		void *pointer;
		int (*call)(const char *);
	} f;
	void *module;

	if (argc > 3) {
#ifdef RTLD_DEEPBIND
		how |= RTLD_DEEPBIND;
#else
		return 77;
#endif
	}
	module = argc > 2 ? dlopen(argv[1], how) : NULL;
	f.pointer = module != NULL ? dlsym(module, "makes_queue") : NULL;
	if (f.pointer == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	return !f.call(argv[2]);
}
