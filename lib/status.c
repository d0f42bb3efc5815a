/* SPDX-License-Identifier: BSD-3-Clause */
/* Statuses: their names, and the one place where errno becomes a status. */
#include "internal.h"

const char *pipc_status_name(pipc_status status)
{
	static const char *const names[] = {
	    [PIPC_OK] = "PIPC_OK",
	    [PIPC_SIGNAL_ERROR] = "PIPC_SIGNAL_ERROR",
	    [PIPC_PERMISSIONS_ERROR] = "PIPC_PERMISSIONS_ERROR",
	    [PIPC_EXISTENTIAL_ERROR] = "PIPC_EXISTENTIAL_ERROR",
	    [PIPC_BUSY_ERROR] = "PIPC_BUSY_ERROR",
	    [PIPC_VALUE_ERROR] = "PIPC_VALUE_ERROR",
	    [PIPC_UNSUPPORTED_ERROR] = "PIPC_UNSUPPORTED_ERROR",
	    [PIPC_MEMORY_ERROR] = "PIPC_MEMORY_ERROR",
	    [PIPC_OS_ERROR] = "PIPC_OS_ERROR",
	};

	if ((unsigned)status >= sizeof(names) / sizeof(names[0]))
		return "unknown status";
	return names[status];
}

const char *pipc_version(void)
{
	return PIPC_VERSION;
}

COLD pipc_status pipc__failed(void)
{
	/* An if-chain, since EAGAIN and ENOTSUP have twins on many systems. */
	int e = errno;

	if (e == EAGAIN || e == EWOULDBLOCK || e == ETIMEDOUT || e == EBUSY)
		return PIPC_BUSY_ERROR;
	if (e == EINTR)
		return PIPC_SIGNAL_ERROR;
	if (e == ENOENT || e == EEXIST || e == EBADF)
		return PIPC_EXISTENTIAL_ERROR;
	if (e == EACCES || e == EPERM)
		return PIPC_PERMISSIONS_ERROR;
	if (e == EINVAL || e == EMSGSIZE || e == ENAMETOOLONG)
		return PIPC_VALUE_ERROR;
	if (e == ENOSYS || e == ENOTSUP || e == EOPNOTSUPP)
		return PIPC_UNSUPPORTED_ERROR;
	if (e == ENOMEM)
		return PIPC_MEMORY_ERROR;
	return PIPC_OS_ERROR;
}

COLD pipc_status pipc__refuse(int error, pipc_status status)
{
	errno = error;
	return status;
}
