# SPDX-License-Identifier: MIT
# Signals that the shell catches.
trap 'echo usr1' USR1; trap 'echo usr2; exit 3' USR2; trap 'echo exit $?' EXIT
kill -USR1 $$; echo after
trap '' TERM; kill -TERM $$; echo immune
trap - TERM
(trap 'echo sub; exit 1' TERM; kill -TERM $(exec sh -c 'echo $PPID'); echo no); echo $?
trap
kill -USR1 $$
kill -USR2 $$; echo never
