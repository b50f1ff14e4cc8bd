# SPDX-License-Identifier: MIT
# How ends by signals are told.
for s in HUP INT QUIT ABRT KILL SEGV PIPE ALRM TERM USR1; do sh -c "kill -$s \$\$" 2>/dev/null; echo $s $?; done
kill -l 9 15; kill -0 $$; echo $?; kill -0 999999; echo $?
sh -c 'trap "" INT; kill -INT $$; echo lives; exit 4'; echo $?
sh -c 'kill -STOP $$; echo went on' & sleep 1; kill -CONT $!; wait $!; echo $?
timeout 1 sleep 10; echo $?; timeout -s KILL 1 sleep 10; echo $?
yes | head -n 1; (sleep 100 & echo $! > p; wait) & sleep 1; kill $(cat p); wait; echo over
