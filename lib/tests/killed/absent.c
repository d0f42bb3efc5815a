/* SPDX-License-Identifier: BSD-3-Clause */
/* Where killed cannot be built. */
#include <stdio.h>

int main(void)
{
	puts("1..0 # SKIP stepping a process is known on Linux alone, and "
	     "only the reference implementation is safe");
	return 0;
}
