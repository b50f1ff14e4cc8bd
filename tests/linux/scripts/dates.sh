# SPDX-License-Identifier: MIT
# Times that are told.
date -u -d @0 +%F-%T; date -u -d @1700000000 '+%a %b %e %Y %j %U %y'; date -u -d '2024-02-29 12:00' +%s; TZ=EST5EDT date -d @1700000000 +%H; date -d nonsense; echo $?; cal 2 2024; touch -d @86400 f; stat -c %y f; a=$(date +%s); sleep 1; b=$(date +%s); [ $((b - a)) -ge 1 ] && echo later; [ $a -gt 1700000000 ] && echo wall
