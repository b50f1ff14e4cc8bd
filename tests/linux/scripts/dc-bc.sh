# SPDX-License-Identifier: MIT
# Arithmetic of any length, and other small languages.
echo '2^200; scale=20; 1/7; sqrt(2); 10 % 3' | bc; echo '5 6 * p 2 10 ^ p' | dc; echo 'define f(n) { if (n < 2) return (1); return (n * f(n - 1)); } f(30)' | bc; echo 'for (i = 0; i < 5; ++i) i^i' | bc; echo 's(1)' | bc -l; echo 'obase=16; 255; ibase=2; 101' | bc; echo '1/0' | bc; echo $?
ed <<X
a
one
two
three
.
2d
1,\$p
s/one/1/
w out
q
X
cat out; printf 'a\nb\n' > v; printf 'iX\033:wq\n' | vi v >/dev/null 2>&1; head -n 1 v | wc -l
