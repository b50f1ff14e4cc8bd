# SPDX-License-Identifier: MIT
# diff, cmp and patch.
seq 1 20 > a; sed '5d;10s/.*/ten/;15a\
new' a > b; diff a b; echo $?; diff -u a b | tail -n +3; cmp a b; echo $?; cmp a a; echo $?; diff -u a b > p; cp a c; patch c < p; cmp b c && echo same; patch -R c < p; cmp a c && echo back; diff -q a b; mkdir x y; cp a x; cp b y/a; touch x/only; diff -r x y | head -n 3; diff a nothing; echo $?
