# SPDX-License-Identifier: MIT
# What is packed comes back.
seq 1 30000 > n; head -c 200000 /dev/zero > z; awk 'BEGIN { srand(7); for (i = 0; i < 20000; i++) printf "%c", 33 + int(rand() * 90) }' > r
for f in n z r; do for p in gzip bzip2; do $p -c $f > c; $p -dc c | cmp - $f && echo $f $p; done; done
gzip n; ls; gunzip n.gz; wc -l < n; gzip -9 -c z | wc -c; lzop -c n 2>/dev/null | lzop -dc 2>/dev/null | cmp - n && echo lzop
printf '\x1f\x8b\x08\0' | zcat; echo $?; head -c 100 n | gzip | head -c 30 | zcat > /dev/null; echo $?; unzip -l nothing.zip; echo $?
