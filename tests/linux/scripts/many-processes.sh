# SPDX-License-Identifier: MIT
# A hundred programs one after the other, and twenty at once.
i=0; while [ $i -lt 100 ]; do /proc/self/exe true || echo failed; i=$((i + 1)); done; echo $i
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do (echo $i | sed 's/^/n/') & done | sort
wait; echo done
