# SPDX-License-Identifier: MIT
# Archives, made and unpacked.
mkdir -p t/a/b; seq 1 1000 > t/a/n; echo x > t/a/b/f; ln -s ../n t/a/b/l; ln t/a/n t/hard; chmod 640 t/a/n; touch -d '2020-01-02 03:04:05' t/a/b/f t/a/n
tar cf t.tar t; tar tf t.tar | sort; mkdir u; tar xf t.tar -C u; cmp t/a/n u/t/a/n && echo same; readlink u/t/a/b/l; ls -l u/t/a/n | cut -c1-10; [ u/t/hard -ef u/t/a/n ] && echo linked; date -r u/t/a/b/f +%F-%T
for z in z j J; do tar c${z}f t.t$z t 2>/dev/null && tar tf t.t$z | wc -l; done; gzip -c t/a/n | zcat | cmp - t/a/n && echo gzip; bzip2 -c t/a/n | bzcat | cmp - t/a/n && echo bzip2; tar cf - t | (mkdir v; cd v; tar xf -); find v | wc -l
rm t/hard; (cd t; find . | cpio -o -H newc 2>/dev/null) > t.cpio; cpio -t < t.cpio 2>/dev/null | sort; mkdir w; (cd w; cpio -id < ../t.cpio 2>/dev/null); cmp w/a/n t/a/n && echo cpio; gunzip nothing; echo $?; echo junk > j.gz; gunzip j.gz; echo $?; ar -rc l.a t/a/n 2>/dev/null; ar -t l.a
