#!/bin/bash
# Runs all tests, with the static programs where there are any in build/: they are what users get, start in a way of their own,
# and are fast. Calls that need moments at which a test can end a program get the debug build. Where tests fail, names them again
# at the end, below the thousands of lines of the others. Tests that have not ended after LARDER_TEST_MINUTES=45 are ended and
# named, with what they wait for.
set -uo pipefail
swift=${1:-swift}
minutes=${LARDER_TEST_MINUTES:-45}
log=$PWD/.build/test.log
bundle=$("$swift" build --show-bin-path)/larderPackageTests.xctest

# Runs the tests themselves, not `swift test`, which waits for whatever a test has left behind, and holds back the last lines
# of tests that do not end. They are a session of their own, so that nothing of it stays.
run() {
    setsid "$bundle" --testing-library swift-testing "$@" </dev/null &
    local tests=$! watcher
    trap 'pkill -KILL -s "$tests"; exit 130' INT TERM
    (
        trap 'kill $!; exit' TERM
        sleep "$((minutes * 60))" &
        wait $!
        echo "error: the tests have not ended in $minutes minutes; what runs, and where the tests wait:"
        ps -s "$tests" --forest -o pid,stat,etime,wchan:20,args | cut -c 1-300
        ! command -v gdb >/dev/null || gdb -p "$tests" -batch -ex 'thread apply all backtrace 40' 2>/dev/null | grep -E '^(Thread|#)'
        pkill -KILL -s "$tests"
    ) &
    watcher=$!
    wait "$tests"
    local status=$?
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
    pkill -KILL -s "$tests"
    return "$status"
}

# Directories in it are spread over the disk. In one place, ext4 would look at each file that was removed there lately before it
# makes a new one, which took a tenth of all the time.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lt.XXXX")
trap 'rm -rf "$scratch"' EXIT
chmod 1777 "$scratch"
chattr +T "$scratch" 2>/dev/null
export TMPDIR=$scratch

mkdir -p .build
if [ -x build/larder ] && [ -x build/larderd ]; then
    # Together with what a launcher looks for beside itself.
    export LARDER_TEST_PROGRAMS=$PWD/.build/programs
    mkdir -p "$LARDER_TEST_PROGRAMS"
    cp -f build/larder build/larderd build/liblarder-trace.so "$(dirname "$bundle")"/{larder-pdf,larder-jdk,larder-remote,larder-fuzz,LockProbe} \
        "$LARDER_TEST_PROGRAMS"
fi
# The debug build looks for the library beside itself, too.
[ ! -e build/liblarder-trace.so ] || cp -f build/liblarder-trace.so "$(dirname "$bundle")"
# Tests of connections take turns with each other on a thread for each processor; tests that wait for a compiler keep such a thread
# for minutes. So these go first, and by themselves: without, and then with the programs. All others go in several parts at once,
# so that a processor is busy while a test waits for a file's time, a server or a disk.
all() {
    local failed=0 part
    local parts=()
    run --filter 'RemoteTests\.' --skip 'Scenarios' || failed=1
    run --filter 'RemoteTests\..*Scenarios' || failed=1
    # What goes beside ignores an interrupt.
    trap 'kill "${parts[@]}"; wait; exit 130' INT TERM
    run --filter '^ScenarioTests\.[A-M]' &
    parts+=($!)
    run --filter '^ScenarioTests\.[^A-M]' &
    parts+=($!)
    run --filter '^DriverTests\.' &
    parts+=($!)
    run --filter '^(PDFTests|JDKTests)\.' &
    parts+=($!)
    run --skip '^(RemoteTests|ScenarioTests|DriverTests|PDFTests|JDKTests)\.' &
    parts+=($!)
    for part in "${parts[@]}"; do wait "$part" || failed=1; done
    return "$failed"
}
all 2>&1 | sed -u 's/\x1b\[[0-9;]*m//g' | tee "$log"
status=${PIPESTATUS[0]}
[ "$status" -eq 0 ] && exit

# What matters most comes last: whoever shows only the end of all this shows that.
echo
unended=$(comm -23 <(sed -nE '/^◇ Test (run|case) /d; s/^◇ Test (.*) started\.$/\1/p' "$log" | sort) \
    <(sed -nE 's/^[✔✘] Test (.*) (passed|failed) after .*/\1/p' "$log" | sed -E 's/ with [0-9]+ test cases?$//' | sort))
[ -z "$unended" ] || printf 'Not ended:\n%s\n' "$unended"
echo "Failed:"
grep -A 6 -E '^✘ Test .* recorded an issue' "$log" | grep -vE '^(◇|✔)' | cut -c 1-400
# A crash leaves no such line, but its last words.
grep -E '(^|[^a-z])(error|Fatal error):' "$log" | tail -n 20
grep -E '^✘ Test .* failed after' "$log"
exit "$status"
