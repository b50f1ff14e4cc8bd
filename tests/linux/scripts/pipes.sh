# SPDX-License-Identifier: MIT
# Pipelines, long and short, and who ends first.
seq 1 5000 | grep 7 | sort -rn | head -n 3
yes | head -n 100000 | wc -l
seq 1 100000 | (read a; read b; echo $a $b)
echo x | cat | cat | cat | cat | cat | cat | cat | tr x y
set -o pipefail; false | true; echo $?; true | false | true; echo $?
{ echo out; echo err >&2; } 2>&1 | sort
seq 1 20000 | while read n; do [ $n = 10000 ] && echo $n; done
head -c 300000 /dev/zero | tr '\0' x | wc -c
cat /dev/null | wc
