# SPDX-License-Identifier: MIT
# The primes below 400, by the shell alone.
n=2; p=; while [ $n -lt 400 ]; do ok=1; for q in $p; do [ $((q * q)) -gt $n ] && break; [ $((n % q)) = 0 ] && { ok=; break; }; done; [ "$ok" ] && p="$p $n"; n=$((n + 1)); done; echo $p | wc -w; echo $p | tr ' ' '\n' | tail -n 3
eval 'x=5; echo $((x * 2))'; eval "$(printf 'f() { echo made; }')"; f; . ./part 2>/dev/null; echo $?; echo 'y=sourced; return 4' > part; . ./part; echo $? $y
