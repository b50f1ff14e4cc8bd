# SPDX-License-Identifier: MIT
# test, in all its forms.
t() { if "$@"; then echo yes; else echo no; fi; }
touch f; chmod 4755 f; mkdir d; ln -s f l; ln -s nowhere broken; mkfifo p 2>/dev/null
for o in -e -f -d -h -L -p -S -b -c -r -w -x -u -g -k; do printf '%s ' $o; for n in f d l broken p none; do [ $o $n ] && printf 1 || printf 0; done; echo; done
t [ 5 -eq 05 ]; t [ a \< b ]; t [ ! -e none -a -e f ]; t [ \( a = b -o 1 -ne 2 \) ]; t [ "x y" = "x y" ]; t [ -n ]; t [ f -ef l ]; t [ 1 -eq x ]; t [ ]; t test -z ""; [ 1 = 1; echo $?
[[ abc =~ ^a.c$ ]] && echo regex; [[ -e f && ! -e none ]] && echo both; [[ a < b ]] && echo order
