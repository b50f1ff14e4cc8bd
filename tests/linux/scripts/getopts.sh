# SPDX-License-Identifier: MIT
# Options, read, and test.
f() { OPTIND=1; while getopts 'ab:c' o; do case $o in a|c) echo $o;; b) echo b=$OPTARG;; ?) echo bad;; esac; done; shift $((OPTIND - 1)); echo rest "$@"; }
f -a -b 1 -c x y; f -b2 -ac; f -z; f -b
printf 'a b  c\\ d\nnext\n' | { read x y; echo "$x|$y"; read -r z; echo $z; read w; echo $? "$w"; }
printf 'p:q:r\n' | { IFS=: read x y z; echo $z $y $x; }
[ -f . ]; echo $?; [ -d . ]; echo $?; [ a = a -a b != c ]; echo $?; [ 1 -lt 2 ] && echo less; [ -z '' ] && echo empty; [[ abc == a* ]] && echo match; test; echo $?
touch old; sleep 0.1; touch new; [ new -nt old ] && echo newer; [ -s new ] || echo without contents; [ -x old ] || echo no
