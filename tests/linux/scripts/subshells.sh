# SPDX-License-Identifier: MIT
# What a subshell changes stays there; statuses come back.
x=1; (x=2; cd /; echo $x); echo $x
y=$(x=3; echo $x; exit 4); echo $y $?
(exit 5); echo $?; { (exit 6); }; echo $?
echo $(echo $(echo $(echo deep)))
i=0; while [ $i -lt 30 ]; do i=$((i + $(echo 1))); done; echo $i
(trap 'echo bye' EXIT; exit 9); echo $?
a=$(seq 1 2000); echo ${#a}
(sleep 0.5; echo one) & (wait; echo two) ; wait; echo three
