# SPDX-License-Identifier: MIT
# Sums over inputs of many lengths.
for n in 0 1 55 56 63 64 65 119 1000 65536 200001; do head -c $n /dev/zero > f; echo $n $(md5sum < f) $(sha1sum < f | cut -c1-16) $(sha256sum < f | cut -c1-16) $(sha512sum < f | cut -c1-16) $(cksum < f); done
seq 1 500 > a; md5sum a > sums; md5sum -c sums; echo x >> a; md5sum -c sums; echo $?; uuencode name < a | uudecode -o b; cmp a b && echo same; base64 < a | base64 -d | cmp - a && echo base64; xxd a | xxd -r | cmp - a && echo xxd; od -A n -v -t x1 < a | md5sum; crc32 a 2>/dev/null; echo $?
