# SPDX-License-Identifier: MIT
# sort, uniq, and their relatives.
printf '10\n9\n2\n33\n1\n' > n; sort n; sort -n n; sort -rn n; printf 'b 2\na 3\nc 1\na 1\n' | sort -k1,1 -k2,2n; printf 'x:3\ny:1\n' | sort -t: -k2; printf 'a\na\nb\n' | uniq -c | tr -s ' '; printf 'a\nB\nb\n' | sort -f; sort -u n n | wc -l; seq 1 20000 | shuf | sort -n | md5sum; seq 30000 -1 1 | sort -n | head -n 2
printf '1.10\n1.9\n1.2\n' | sort -V; printf 'a\nb\n' | sort -c; echo $?; printf 'b\na\n' | sort -c; echo $?; printf 'a 1\nb 2\n' > j; printf '1\n2\n' | paste - j; seq 1 5 | tac | tr '\n' ' '; seq 5 | shuf | sort | paste -s -d+; printf 'a\nb\nb\n' | uniq -d
