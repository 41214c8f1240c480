#!/usr/bin/env bash
# Runs the tests but those with a real Asterisk (make telephony) or a real chat server (make channels): first all that may run side by side, then the journeys, whose people listen to each other and want the machine for themselves.
# run_tests.sh PYTHON [ARGUMENTS FOR PYTEST]; RINGBACK_TEST_WORKERS says how many run side by side.
set -euo pipefail

python=$1
shift
nothing=5 # pytest's exit code when no test was chosen
others=0
journeys=0

"$python" -m pytest -m "not journey and not asterisk and not channel" -n "${RINGBACK_TEST_WORKERS:-3}" --dist loadgroup "$@" || others=$?
"$python" -m pytest -m "journey and not asterisk and not channel" -n "${RINGBACK_TEST_JOURNEYS:-2}" --dist loadscope "$@" || journeys=$?

if [ "$others" -eq "$nothing" ] && [ "$journeys" -ne "$nothing" ]; then exit "$journeys"; fi
if [ "$journeys" -eq "$nothing" ]; then exit "$others"; fi
if [ "$others" -ne 0 ]; then exit "$others"; fi
exit "$journeys"
