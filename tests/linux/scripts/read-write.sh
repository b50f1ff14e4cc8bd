# SPDX-License-Identifier: MIT
# Many small reads and writes, and offsets that are shared.
exec 3<<X
line 1
line 2
line 3
X
(read a <&3; echo $a); read b <&3; echo $b
i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i + 1)); done > f; md5sum f; n=0; while read l; do n=$((n + l)); done < f; echo $n
(echo a; sleep 1; echo c) > s & (sleep 0.5; echo b >> s); wait; cat s; (exec 4>>app; echo 1 >&4; echo 2 >> app; echo 3 >&4); cat app; dd if=f bs=3 count=4 skip=2 2>/dev/null | od -c | head -n 2; (dd bs=10 count=1; dd bs=10 count=1) < f 2>/dev/null | tr '\n' .; echo; head -n 1 < f; { head -c 2 > /dev/null; cat; } < f | head -n 2
