# SPDX-License-Identifier: MIT
# A thousand files in one directory.
mkdir d; i=0; while [ $i -lt 1000 ]; do : > d/file$i; i=$((i + 1)); done; ls d | wc -l; ls d | sort -V | tail -n 2; ls d | md5sum; find d -name 'file*7' | wc -l; rm d/file?; ls d | wc -l; for f in d/*5; do mv $f $f.x; done; ls d | grep -c x; rm -rf d; ls | wc -l
n=x; i=0; while [ $i -lt 60 ]; do mkdir $n; cd $n; i=$((i + 1)); done; pwd | wc -c | { read l; [ $l -gt 120 ] && echo deep; }; echo here > f; cd - > /dev/null; cat x/f 2>/dev/null; cd ..; find . -name f 2>/dev/null | wc -l
