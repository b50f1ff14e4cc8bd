# SPDX-License-Identifier: MIT
# The limits of names.
n=$(printf '%0255d' 0); : > $n; ls | wc -c; : > ${n}1; echo $?; p=$(printf 'a/%.0s' $(seq 1 2100)); ls $p 2>&1 | grep -c 'too long'; ln -s loop1 loop2; ln -s loop2 loop1; cat loop1; echo $?; : > "$(printf 'new\nline')"; ls | tail -n 2; : > -- ; ls -- --; mkdir 'sp ace'; cd 'sp ace'; pwd | grep -o 'sp ace'
