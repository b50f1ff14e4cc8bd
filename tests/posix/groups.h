/* SPDX-License-Identifier: MIT */
/* The groups of operations. */
#pragma once

/* Of the first groups: /dev, opened before the operations begin, since on Linux it is outside of
 * what is their root. The last of them, `devices`, closes it. */
#define DEVICES_DIRECTORY 1000

void terminals_run(void);
void background_run(void);
void devices_run(void);
void opening_run(void);
void making_run(void);
void removing_run(void);
void renaming_run(void);
void paths_run(void);
void attributes_run(void);
void times_run(void);
void contents_run(void);
void vectors_run(void);
void copies_run(void);
void mappings_run(void);
void descriptors_run(void);
void directories_run(void);
void entries_run(void);
void errors_run(void);
void library_run(void);
void identity_run(void);
void threads_run(void);
void pipes_run(void);
void sockets_run(void);
void socket_files_run(void);
void events_run(void);
void epolls_run(void);
void fifos_run(void);
void locks_run(void);
void processes_run(void);
void programs_run(void);
void signals_run(void);
void interruptions_run(void);
void signal_children_run(void);
void signal_faults_run(void);
void signal_threads_run(void);
void signal_timers_run(void);
void random_run(void);
