# SPDX-License-Identifier: MIT
# Files, numbers, and the order of both.
echo one > f; echo two >> f; cat < f; : > g; wc -c < g
ls nothing > both 2>&1; echo $?; cat both
ls nothing 2>/dev/null >&2; echo $?
{ echo a; echo b >&2; } > o 2> e; cat e o
exec 5<>rw; echo text >&5; exec 5>&-; cat rw
set -C; echo x > f; echo $?; echo x >| f; cat f; set +C
cat nothing_there < /nowhere; echo $?
echo to >&9; echo $?
echo three 3>h >&3; cat h
> empty; ls -l empty | cut -c1-10; cat <&-; echo $?
