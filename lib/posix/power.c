/* SPDX-License-Identifier: MIT */
/* reboot(2): `init` is asked, through a session that only some programs have. */
#include "abi/power.h"

#include <errno.h>
#include <sys/reboot.h>

#include "lib/posix/posix.h"
#include "lib/sys/message.h"

/* The first two arguments, so that no mistake turns a machine off. Linux,
 * include/uapi/linux/reboot.h. */
#define MAGIC 0xfee1deadu

struct session_cap posix_power;

static bool magic_right(const long *a) {
    return (uint32_t)a[0] == MAGIC &&
           ((uint32_t)a[1] == 672274793u || (uint32_t)a[1] == 85072278u ||
            (uint32_t)a[1] == 369367448u || (uint32_t)a[1] == 537993216u);
}

/* Order as on Linux: authority, magic, what. */
long call_reboot(const long *a) {
    struct message m = {.op = POWER_OFF};
    if (posix_power.h == HANDLE_NONE)
        return -EPERM;
    if (!magic_right(a))
        return -EINVAL;
    switch ((uint32_t)a[2]) {
    case (uint32_t)RB_POWER_OFF:
    case (uint32_t)RB_HALT_SYSTEM:
        break;
    case (uint32_t)RB_AUTOBOOT:
        m.op = POWER_RESTART;
        break;
    default:
        return -EINVAL;
    }
    return posix_errno(session_ask(posix_power, &m));
}
