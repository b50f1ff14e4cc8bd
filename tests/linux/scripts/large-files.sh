# SPDX-License-Identifier: MIT
# Files of some megabytes, with holes.
seq 1 200000 > n; wc n; md5sum n; split -b 500000 n part; ls part* | tr '\n' ' '; cat part* | cmp - n && echo joined; sort -n -r n | head -n 1; tail -c 7 n; head -c 5 n; dd if=/dev/zero of=h bs=1 count=1 seek=3000000 2>/dev/null; wc -c < h; od -A d h | tail -n 1; sed -n '100000p' n; awk 'END { print NR }' n; cp n m; cmp n m; echo $?; echo x >> m; cmp n m; tac n | head -n 1; cut -c1 n | sort | uniq -c | tr -s ' '; wc -c < h; dd if=n bs=4k skip=10 count=1 2>/dev/null | md5sum
