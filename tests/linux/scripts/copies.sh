# SPDX-License-Identifier: MIT
# A tree, copied in several ways and compared.
mkdir -p t/one/two/three t/empty; for i in 1 2 3 4 5 6 7 8 9; do seq 1 $((i * 300)) > t/one/f$i; ln -s ../f$i t/one/two/l$i; cp t/one/f$i t/one/two/three/g$i; done; chmod 500 t/empty; chmod 600 t/one/f3
cp -a t a; (cd t; tar cf - .) | (mkdir b; cd b; tar xf -); mkdir c; (cd t; find . -type f | cpio -pd ../c 2>/dev/null); cp -RL t l
for x in a b; do diff -r t $x && echo $x same; find $x -type l | wc -l; stat -c %a $x/empty $x/one/f3; done; find c -type f | wc -l; find l -type l | wc -l; find l -type f | wc -l; du -a t | wc -l; chmod 700 t/empty a/empty b/empty l/empty; mv a a2; rm -rf b c l; ls; md5sum a2/one/f* | md5sum; md5sum t/one/f* | sed 's/t.one/x/' > sums; sed 's/x/a2\/one/' sums | md5sum -c | sort | uniq -c | wc -l
