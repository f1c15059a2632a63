#!/bin/bash
# Runs all tests, then the most telling ones once more through the static programs, which start in a way of their own and have
# no moments at which a test can end them; where some fail, names them again at the end, below the thousands of lines of
# the others.
set -uo pipefail
swift=${1:-swift}
static='ScenarioTests.(FirstTests|ProcessTests|StreamTests|CheckoutTests)|DaemonScenarios|RunScenarioTests'
mkdir -p .build
{
    "$swift" test && LARDER_TEST_PROGRAMS=$PWD/build "$swift" test --skip-build --filter "$static"
} 2>&1 | tee .build/test.log
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
    echo
    echo "Failed:"
    grep -A 6 -E '^✘ Test .* recorded an issue' .build/test.log | grep -vE '^(◇|✔)' | cut -c 1-400
    grep -E '^✘ Test .* failed after' .build/test.log
    # A crash leaves no such line, but its last words.
    grep -E '(^|[^a-z])(error|Fatal error):' .build/test.log | tail -n 20
fi
exit "$status"
