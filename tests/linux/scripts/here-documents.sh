# SPDX-License-Identifier: MIT
# Here-documents with and without expansion, nested and long.
x=value
cat <<END
$x $(echo cmd) $((1+1)) \$x
END
cat <<'END'
$x $(echo cmd)
END
cat <<-END
	tabs are gone
	END
cat <<A; cat <<B
first
A
second
B
while read l; do echo "[$l]"; done <<X
a
 b
c\
d
X
n=$(cat <<BIG
$(seq 1 20000)
BIG
); echo ${#n}
