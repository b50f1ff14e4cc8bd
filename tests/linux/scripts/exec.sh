# SPDX-License-Identifier: MIT
# Programs in the place of the shell, scripts, and what cannot be one.
(exec echo replaced); (exec 3>f; exec sh -c 'echo kept >&3'); cat f
cat > s <<'END'
#!/bin/sh
echo script $# "$1"
END
cat > t <<'END'
echo without a first line $0
END
chmod 755 s t; ./t; echo not executable > u; ./u; echo $?; chmod 755 u; mkdir dir; ./dir; echo $?; nothing_at_all; echo $?
env A=1 B=2 sh -c 'echo $A $B'; env -i /proc/self/exe env
sh -c 'echo $0 $1 $#' name arg1 arg2; sh -c 'exit 200'; echo $?
x=$(head -c 100000 /dev/zero | tr '\0' a); echo "$x" | wc -c; sh -c 'echo ${#1}' - "$x"
