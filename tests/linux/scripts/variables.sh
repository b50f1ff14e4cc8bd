# SPDX-License-Identifier: MIT
# Expansions.
x=/usr/lib/libfoo.so.1.2
echo ${x##*/} ${x%%.*} ${x#*/} ${x%.*} ${#x} ${y:-default} ${y:=set} $y ${y:+other}
set -- one 'two three' four; echo $# "$@"; for a in "$@"; do echo "<$a>"; done; shift 2; echo "$*"
IFS=:; p=a:b::c; set -- $p; echo $# "$3"; IFS=' '
unset z; echo "${z-unset}" "${z:-empty}"; z=; echo "${z-unset}" "${z:-empty}"
echo ${x/lib/LIB} ${x//lib/LIB} ${x:5:3}
(set -u; echo $nothing_set) ; echo status $?
echo ${q:?is not set}; echo not reached
