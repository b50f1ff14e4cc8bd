# SPDX-License-Identifier: MIT
# grep: patterns and ways to tell.
printf 'apple\nBanana\ncherry pie\napple pie\n' > f; grep apple f; grep -c pie f; grep -n an f; grep -iv a f; grep -E '^(a|B)' f; grep -o 'p+' f; grep -oE 'p+' f; grep -w pie f; grep -F . f; echo $?
grep -q cherry f && echo there; grep -l apple f /dev/null; grep -A1 -B1 cherry f; grep -e Ban -e cher f; mkdir d; cp f d; grep -r cherry . | sort; grep nothing f; echo $?; grep x /no; echo $?; seq 1 10000 | grep -c '^[0-9]*9$'; grep '[' f; echo $?
