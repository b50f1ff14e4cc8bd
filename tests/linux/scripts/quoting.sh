# SPDX-License-Identifier: MIT
# Quotes, escapes, printf.
echo 'a"b' "c'd" e\ f "g\$h" $'i\tj\n'k
printf '%s|%5d|%-6s|%05.2f|%x|%o|%c|%%|%b\n' text 42 left 3.14159 255 8 xyz 'a\tb\0101'
printf '%d %d\n' 1 2 3; printf '%s\n' "$(printf 'trailing\n\n\n')" end
echo "a
b" | wc -l; echo -e 'x\ty\x41'; echo -n no newline; echo
printf '%q\n' 'two words' 2>/dev/null || echo no q
