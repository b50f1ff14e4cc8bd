# SPDX-License-Identifier: MIT
# A program of some length: counts words, and sorts by merging.
gen() { awk 'BEGIN { srand(3); split("the quick brown fox jumps over lazy dog and runs away from it", w, " "); for (i = 0; i < 3000; i++) printf "%s%s", w[1 + int(rand() * 13)], (i % 9 == 8) ? "\n" : " " }'; }
gen > t; tr -s ' \n' '\n\n' < t | sort | uniq -c | sort -k1,1nr -k2 | tr -s ' ' | head -n 5; wc t
msort() { if [ $# -le 1 ]; then echo "$@"; return; fi; h=$(($# / 2)); n=0; a= b=; for x; do n=$((n + 1)); if [ $n -le $h ]; then a="$a $x"; else b="$b $x"; fi; done; merge "$(msort $a)" "$(msort $b)"; }
merge() { set -- "$1" "$2"; (set -f; x=$1; y=$2; r=; while [ -n "$x" ] && [ -n "$y" ]; do p=${x%% *}; q=${y%% *}; if [ $p -le $q ]; then r="$r $p"; case $x in *' '*) x=${x#* };; *) x=;; esac; else r="$r $q"; case $y in *' '*) y=${y#* };; *) y=;; esac; fi; done; echo $r $x $y); }
msort 5 3 8 1 9 2 7 3 6 4 10
