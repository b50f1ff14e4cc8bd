# SPDX-License-Identifier: MIT
# find and xargs.
mkdir -p a/b/c a/d; seq 1 100 > a/big; touch a/b/x.c a/b/y.h a/b/c/z.c 'a/d/sp ace'; ln -s ../b a/d/link
find a | sort; find a -name '*.c' | sort; find a -type d | sort; find a -type l; find a -size +0c -type f; find a -maxdepth 1 | sort; find a -name c -prune -o -type f -print | sort; find a -path '*b*' -name '*.h'; find a -name '*.c' -exec echo got {} \; | sort; find a -type f -exec wc -c {} + | tail -n 1 | tr -s ' '
find a -type f -print0 | sort -z | xargs -0 -n 1 echo; seq 1 10 | xargs -n 3; seq 1 3 | xargs -I% echo n%; echo a b | xargs -t echo 2>&1; seq 1 5 | xargs -n1 sh -c 'exit $(($0 == 3))'; echo $?; find a -name '*.c' -exec rm {} \;; find a -name '*.c' | sort; find nothing; echo $?; find a -newer a/big -name '*ace'; find a -perm 644 -name big
