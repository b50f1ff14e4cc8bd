# SPDX-License-Identifier: MIT
# Names that match.
touch a.txt b.txt c.log .hidden 'with space.txt' 'x[1]'; mkdir d d/e; touch d/e/f.txt
echo *; echo *.txt; echo .h*; echo [ab]*; echo [!ab]*; echo ?.log; echo d/*/*.txt; echo nothing*; echo 'x[1]'
for f in *.txt; do echo "<$f>"; done
set -f; echo *; set +f
echo */; ls -a | wc -l
