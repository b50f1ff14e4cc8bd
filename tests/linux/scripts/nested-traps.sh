# SPDX-License-Identifier: MIT
# Traps in functions, subshells, loops and each other.
trap 'echo term; trap "echo again" TERM' TERM; kill -TERM $$; kill -TERM $$
f() { trap 'echo int in f' INT; kill -INT $$; }; f; kill -INT $$
(trap 'echo inner exit' EXIT; trap; :) ; trap - INT TERM
i=0; trap 'i=$((i + 100))' USR1; while [ $i -lt 300 ]; do kill -USR1 $$; i=$((i + 1)); done; echo $i
trap 'echo caught; kill $p 2>/dev/null' USR2; sleep 20 & p=$!; (sleep 0.2; kill -USR2 $$) & wait $p; echo waited $?; wait; trap 'exit 11' HUP; trap 'echo last' EXIT; kill -HUP $$
