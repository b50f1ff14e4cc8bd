# SPDX-License-Identifier: MIT
# Files that are gone while they are open, and renamed under who reads them.
echo text > f; exec 3< f; rm f; cat <&3; exec 3<&-; ls
echo one > a; exec 4>> a; mv a b; echo two >&4; exec 4>&-; cat b
seq 1 1000 > n; (sleep 0.1; cat) < n > copy & rm n; wait; wc -l < copy
mkdir d; cd d; rmdir ../d; ls; echo $?; : > x; echo $?; cd ..; [ -d d ]; echo $?
t=$(mktemp ./tXXXXXX); echo $t | wc -c; [ -s $t ]; echo $?; stat -c %a $t; ln b c; rm b; cat c; : > c; exec 5< c; echo more >> c; cat <&5; mv c d; cat d
