# SPDX-License-Identifier: MIT
# Children in the background.
(exit 3) & a=$!; (exit 4) & b=$!; wait $b; echo $?; wait $a; echo $?
for i in 9 3 6; do (sleep 0.$i; echo $i) & done; wait; echo all
sleep 50 & jobs; sleep 0.5; kill %1; wait %1; echo $?
wait 999999; echo $?
sh -c 'sleep 0.2; exit 7' & while kill -0 $! 2>/dev/null; do sleep 0.1; done; wait $!; echo $?
i=0; while [ $i -lt 40 ]; do (exit $i) & i=$((i + 1)); done; wait; echo $?
