/* SPDX-License-Identifier: MIT */
/* What Linux calls the errors of servers. Calls whose error depends on more say so themselves. */
#include <errno.h>

#include "lib/bare/bare.h"
#include "lib/posix/posix.h"

long posix_errno(err_t e) {
    static const uint8_t numbers[] = {
        [ERR_BAD_HANDLE] = ENOENT, /* of a namespace or a server: there is none */
        [ERR_LIMIT] = ENOSPC,
        [ERR_PEER_DIED] = EIO,
        [ERR_REVOKED] = ESTALE,
        [ERR_BAD_WINDOW] = EFAULT,
        [ERR_UNSUPPORTED] = EOPNOTSUPP,
        [ERR_SYMLINK] = ELOOP,
        [ERR_ABOVE_ROOT] = ENOENT,
        [ERR_NOT_DIRECTORY] = ENOTDIR,
        [ERR_IS_DIRECTORY] = EISDIR,
        [ERR_EXISTS] = EEXIST,
        [ERR_NOT_EMPTY] = ENOTEMPTY,
        [ERR_NAME_TOO_LONG] = ENAMETOOLONG,
        [ERR_READ_ONLY] = EROFS,
        [ERR_NO_SPACE] = ENOSPC,
        [ERR_FILE_TOO_BIG] = EFBIG,
        [ERR_NOT_SEEKABLE] = ESPIPE,
        [ERR_OTHER_SERVER] = EXDEV,
        [ERR_BROKEN_PIPE] = EPIPE,
        [ERR_TOO_MANY_OPEN] = ENFILE,
        [ERR_TOO_MANY_LINKS] = ELOOP,
        [ERR_CORRUPT] = EIO,
    };
    return e.code < sizeof numbers && numbers[e.code] ? -numbers[e.code] : bare_errno(e);
}
