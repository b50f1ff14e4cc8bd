# SPDX-License-Identifier: MIT
# Texts of the shell, long and taken apart.
s=; i=0; while [ $i -lt 500 ]; do s="$s$i,"; i=$((i + 1)); done; echo ${#s}; n=0; IFS=,; for x in $s; do n=$((n + x)); done; IFS=' '; echo $n; r=$s; c=0; while [ -n "$r" ] && [ $c -lt 300 ]; do r=${r#*,}; c=$((c + 1)); done; echo ${#r} ${r%%,*}
rev=; w=hello; while [ -n "$w" ]; do rest=${w#?}; rev=${w%"$rest"}$rev; w=$rest; done; echo $rev; p=/a/b/c.tar.gz; echo ${p##*/} ${p%/*} ${p%.*} ${p%%.*} ${p#/*/}; v='a*b?c'; echo "${v#a\*}" "${v%\?c}"; x='  lead and trail  '; set -- $x; echo "$#:$*:"; unset u; echo "${u-A}${u:-B}${u+C}${x:+D}"; printf '%s\n' "${s:0:20}" "${s: -5}" 2>/dev/null; printf '%.3s|%10.4s|\n' abcdef ghijkl; printf '%b' 'tab\there\n'; printf '%03d %+d % d %#x %#o\n' 5 5 5 255 8; echo "$(printf 'multi\nline')" | while read l; do echo "<$l>"; done; printf %s "a
b
c" | { while IFS= read -r l || [ -n "$l" ]; do echo "[$l]"; done; }
