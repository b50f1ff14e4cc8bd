/* SPDX-License-Identifier: MIT */
/*
 * What `init` does for who may turn the machine off: a session that the console's login gets and
 * its programs inherit (lib/posix/start.h). It is answered before the machine goes; the caller is
 * among those that are then asked to end.
 */
#pragma once

enum power_op {
    POWER_OFF = 0x400, /* everything ends, and the machine is off */
    POWER_RESTART,     /* ... and it starts again */
    POWER_OPS,
};
