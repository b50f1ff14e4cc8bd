# SPDX-License-Identifier: MIT
# Pipelines in the background, and processes that outlive who made them.
(seq 1 1000 | sort -n | tail -n 1 > r) & wait $!; cat r
for i in 1 2 3 4; do (yes $i | head -n 5000 | sort -u > o$i) & done; wait; cat o1 o2 o3 o4
sh -c '(sleep 0.3; echo late > late) & echo parent is done'; while [ ! -s late ]; do sleep 0.1; done; cat late
mkfifo p 2>/dev/null; (sleep 0.2; echo through) | cat; { sleep 0.1; echo a; } | { cat; echo b; } | { cat; echo c; }
(sleep 0.1; exit 5) | (exit 6) ; echo $?; cat /dev/zero | head -c 100000 | md5sum; (while :; do echo x; done) | head -n 3; echo $?
a=$( (sleep 0.5; echo 1; sleep 0.2; echo 2) & echo 0; wait); echo $a
