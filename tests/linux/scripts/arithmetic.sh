# SPDX-License-Identifier: MIT
# Numbers of the shell, with overflow and bases.
i=0; s=0
while [ $i -lt 300 ]; do i=$((i + 1)); s=$((s + i * i)); done
echo $s $((1 << 40)) $((0x7fffffffffffffff + 1)) $((-7 / 2)) $((-7 % 3)) $((017)) $((0xff ^ 0x0f))
echo $((2 > 1 && 3 < 2)) $((i++ + ++i)) $i $((5 ? 7 : 9))
expr 17 \* 3; expr length abcdef; expr abc : 'a\(.\)'; expr 3 \> 4
echo $((1 / 0)); echo not reached
