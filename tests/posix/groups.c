/* SPDX-License-Identifier: MIT */
#include "tests/posix/groups.h"

#include <stddef.h>

#include "tests/posix/operations.h"

const struct group groups[] = {
    {"terminals", terminals_run},
    {"background", background_run},
    {"devices", devices_run},
    {"opening", opening_run},
    {"making", making_run},
    {"removing", removing_run},
    {"renaming", renaming_run},
    {"paths", paths_run},
    {"attributes", attributes_run},
    {"times", times_run},
    {"contents", contents_run},
    {"vectors", vectors_run},
    {"copies", copies_run},
    {"mappings", mappings_run},
    {"descriptors", descriptors_run},
    {"directories", directories_run},
    {"entries", entries_run},
    {"errors", errors_run},
    {"library", library_run},
    {"identity", identity_run},
    {"threads", threads_run},
    {"pipes", pipes_run},
    {"sockets", sockets_run},
    {"files through sockets", socket_files_run},
    {"events", events_run},
    {"epolls", epolls_run},
    {"fifos", fifos_run},
    {"locks", locks_run},
    {"processes", processes_run},
    {"programs", programs_run},
    {"signals", signals_run},
    {"interruptions", interruptions_run},
    {"signals of children", signal_children_run},
    {"faults", signal_faults_run},
    {"signals of threads", signal_threads_run},
    {"timers", signal_timers_run},
    {"random", random_run},
    {NULL, NULL},
};
