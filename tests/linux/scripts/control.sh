# SPDX-License-Identifier: MIT
# Loops, case, and what ends them.
for i in 1 2 3; do for j in a b c; do [ $j = b ] && continue 2; [ $i = 3 ] && break 2; echo $i$j; done; done
for f in x.c y.h z z.tar.gz; do case $f in *.c|*.h) echo source $f;; *.t?r.*) echo archive $f;; *) echo other $f;; esac; done
until [ ${n:=0} -ge 3 ]; do n=$((n + 1)); echo $n; done
case word in [!a-v]*) echo yes;; *) echo no;; esac
if false; then echo a; elif true; then echo b; else echo c; fi
! false && echo not; false || echo or; { echo group; false; } ; echo $?
while :; do (exit 3) || break; done; echo $?
set -e; false || true; echo still; (false; echo never); echo $?
