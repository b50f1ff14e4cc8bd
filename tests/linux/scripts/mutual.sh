# SPDX-License-Identifier: MIT
# Processes that wait for each other.
mkdir lock; (sleep 0.3; rmdir lock) & n=0; while ! mkdir lock 2>/dev/null; do sleep 0.05; n=$((n + 1)); done; [ $n -gt 0 ] && echo waited; wait
echo 0 > c; add() { i=0; while [ $i -lt 10 ]; do until mkdir l 2>/dev/null; do :; done; read v < c; echo $((v + 1)) > c; rmdir l; i=$((i + 1)); done; }; add & add & add & wait; cat c
(trap 'echo ping' USR1; echo ready > r; while [ ! -e stop ]; do sleep 0.1; done) & p=$!; while [ ! -s r ]; do sleep 0.05; done; kill -USR1 $p; sleep 0.3; touch stop; wait $p; echo $?
coproc_in=$(mktemp -u ./p.XXXX); (echo request; sleep 0.1) | (read q; echo answer to $q)
