# SPDX-License-Identifier: MIT
# sed: the whole language.
seq 1 10 | sed -n '2,4p;$p'; seq 1 10 | sed '/3/,/5/d;s/^/n/'; echo hello | sed 's/l/L/2;s/\(.\)\(.\)/\2\1/'
printf 'a\nb\nc\n' | sed '1!G;h;$!d'; seq 1 6 | sed 'N;s/\n/ /'; seq 3 | sed '2i\
before
2a\
after
2c\
changed'
echo 'aXbXc' | sed 's/X/\n/g'; printf 'x y\n' | sed -E 's/(\w) (\w)/\2 \1/;y/xy/XY/'; seq 1 5 | sed ':a;N;$!ba;s/\n/,/g'
printf 'one\ntwo\n' > f; sed -i 's/o/0/g' f; cat f; sed -n '/t/{s//T/;p}' f; sed '1q' f; sed = f; echo a.b | sed 's/[.]/\//'
sed 's/a/b' f; echo $?
