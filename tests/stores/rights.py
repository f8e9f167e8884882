"""Let a test's own process meet a folder that it may not write, also where tests run as root."""

import sys

DROP_FROM_BOUNDS = 24  # PR_CAPBSET_DROP
OVERRIDES = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: why a mode stops nobody who is root

GIVE_UP = f"""
import ctypes, os, sys
libc = ctypes.CDLL(None)
for right in {OVERRIDES}:
    libc.prctl({DROP_FROM_BOUNDS}, right, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
# Not `preexec_fn`: it runs the hooks on fork of every library that the tests have loaded, and
# lance and grpc warn there.
WITHOUT_ROOT = (sys.executable, "-c", GIVE_UP)
"""Set before a command: gives up what lets root pass over the modes of files."""
