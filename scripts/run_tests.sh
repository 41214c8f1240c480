#!/usr/bin/env bash
# Runs the tests: first all that may run side by side, then the journeys, whose people listen to each other and want the machine for themselves.
# run_tests.sh PYTHON [ARGUMENTS FOR PYTEST]; RINGBACK_TEST_WORKERS says how many run side by side.
set -uo pipefail

python=$1
shift
nothing=5 # pytest's exit code when no test was chosen

"$python" -m pytest -m "not journey" -n "${RINGBACK_TEST_WORKERS:-3}" --dist loadgroup "$@"
others=$?
"$python" -m pytest -m journey "$@"
journeys=$?

[ $others -eq $nothing ] && [ $journeys -ne $nothing ] && exit $journeys
[ $journeys -eq $nothing ] && exit $others
[ $others -ne 0 ] && exit $others
exit $journeys
