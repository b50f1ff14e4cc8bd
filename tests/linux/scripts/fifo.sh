# SPDX-License-Identifier: MIT
# Two ends of what is only a name.
seq 1 100 > in; (cat in; echo end) > out & wait $!; tail -n 2 out
exec 3<in; read a <&3; read b <&3; echo $a $b; exec 3<&-
exec 4>log; echo first >&4; echo second >&4; exec 4>&-; cat log
read x <&3; echo $?
