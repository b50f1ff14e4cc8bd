# SPDX-License-Identifier: MIT
# awk: fields, arrays, functions, numbers, getline, pipes.
seq 1 1000 | awk '{ s += $1; q[$1 % 7]++ } END { print s; for (i = 0; i < 7; i++) printf "%d ", q[i]; print "" }'
printf 'b 2\na 10\nc 3\n' | awk '{ v[$1] = $2 } END { for (k in v) n++; print n, v["a"] + v["b"] * v["c"]; printf "%.3f %5s|%-5s|%e %c\n", 3.14159, "r", "l", 12345.678, 65 }'
awk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(18), length("hello"), substr("abcdef", 2, 3), index("abc", "c"), toupper("x"), int(-3.9), 7 % 3 }'
awk 'BEGIN { while (("echo 1; echo 2" | getline l) > 0) print "got", l; print "x" | "read a; echo told $a"; close("read a; echo told $a"); n = split("a:b:c", p, ":"); print n, p[3]; s = "aaa"; gsub(/a/, "b&", s); print s; print match("xxabcx", /a.c/), RSTART, RLENGTH }'
printf 'one,two\nthree,four\n' | awk -F, -v OFS=- 'NR == 2 { $1 = $1; print } /one/ { print NF, $NF }'
awk 'BEGIN { exit 3 }'; echo $?; awk 'BEGIN { printf "%s\n", 0.1 + 0.2; print 1e6, 1e300 * 1e10, -1 / 3, 100000 * 100000 }'
awk 'BEGIN { for (i = 0; i < 20000; i++) a[i] = i * i; s = 0; for (i in a) s += a[i]; print s }'
