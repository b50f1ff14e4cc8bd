/* SPDX-License-Identifier: MIT */
/* Calls for what files here do not have: programs know that answer and do without. */
#include <errno.h>

#include "lib/posix/posix.h"

/* Extended attributes: no server has any. */
#define WITHOUT(name)                                                                              \
    long call_##name(const long *a) {                                                              \
        (void)a;                                                                                   \
        return -EOPNOTSUPP;                                                                        \
    }
WITHOUT(getxattr)
WITHOUT(lgetxattr)
WITHOUT(fgetxattr)
WITHOUT(listxattr)
WITHOUT(llistxattr)
WITHOUT(flistxattr)
WITHOUT(setxattr)
WITHOUT(lsetxattr)
WITHOUT(fsetxattr)
WITHOUT(removexattr)
WITHOUT(lremovexattr)
WITHOUT(fremovexattr)

/* fadvise64(descriptor, offset, length, advice): all advice may be ignored. */
long call_fadvise64(const long *a) {
    struct description *d = descriptor_get(a[0]);
    bool pipe = d && description_is(d, FILE_TYPE_FIFO);
    description_release(d);
    if (!d)
        return -EBADF;
    return pipe ? -ESPIPE : ((uint32_t)a[3] > 5 ? -EINVAL : 0);
}
