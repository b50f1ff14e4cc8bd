# SPDX-License-Identifier: MIT
# Functions, recursion, local variables, return codes.
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
depth() { local n=$1; [ $n -eq 0 ] && return 7; depth $((n - 1)); }
depth 200; echo $?
x=outer; f() { local x=inner; g; }; g() { echo $x; }; f; g
h() { return 300; }; h; echo $?
unset -f h; h; echo $?
alias hello='echo hi'; hello there
command -v fact cat; type fact
