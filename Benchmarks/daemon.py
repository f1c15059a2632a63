"""Measures the daemon against its targets: what a miss costs, what a hit does not, and what it takes to keep thousands.

Started by `run`, or alone: LARDER=build/larder python3 -B Benchmarks/daemon.py
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench import GCC, JOBS, QUICK, Table, interleaved, milliseconds, note, timed

LARDER = os.path.realpath(os.environ.get("LARDER", "build/larder"))


def environment(work, name, **more):
    base = {"PATH": "/usr/bin:/bin", "HOME": str(work), "LANG": "C", "TMPDIR": str(work)}
    return base | {"LARDER_DIR": str(work / name)} | more


def status(env):
    done = subprocess.run([LARDER, "daemon", "status", "--json"], env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def settle(env):
    """Waits until everything that was handed over is kept."""
    return json.loads(subprocess.run([LARDER, "stats", "--json"], env=env, capture_output=True, check=True).stdout)


def share_of_a_miss(table, work):
    """How much longer a launcher takes than the compiler that it runs."""
    source = work / "miss.c"
    source.write_text("#include <stdio.h>\nint main(void) { return puts(\"x\") < N; }\n")
    time.sleep(2)
    cases = {"bare": [], "larder": [LARDER], "larder alone": [LARDER]}
    environments = {
        "bare": environment(work, "none"),
        "larder": environment(work, "miss"),
        "larder alone": environment(work, "alone", LARDER_DAEMON="off"),
    }
    # The daemon is started, and the compiler examined, once in the life of a cache.
    for name in ("larder", "larder alone"):
        timed([LARDER, GCC, "-DN=0", "-c", str(source), "-o", str(work / "miss.o")], environments[name])
    times = {name: [] for name in cases}
    for turn in range(30 if QUICK else 150):
        names = list(cases)
        for i in range(len(names)):
            name = names[(turn + i) % len(names)]
            argv = [*cases[name], GCC, f"-DN={turn + 1}", "-c", str(source), "-o", str(work / f"{name}.o")]
            times[name].append(timed(argv, environments[name])[0])
    medians = {name: statistics.median(values) for name, values in times.items()}
    # Pairs of one round, because the machine's mood changes from one to the next.
    share = statistics.median(b - a for a, b in zip(times["bare"], times["larder"]))
    table.add("a miss of a small C file", milliseconds(medians), "the launcher's own share < 3 ms", (share, 3, "ms"))
    settle(environments["larder"])


def hits_beside_it(table, work):
    """The same hit, with the daemon there and without."""
    source = work / "hit.c"
    source.write_text("#include <stdio.h>\nint main(void) { return puts(\"x\"); }\n")
    time.sleep(2)
    there, gone = environment(work, "hit"), environment(work, "hit", LARDER_DAEMON="off")
    compile_it = [LARDER, GCC, "-c", str(source), "-o", str(work / "hit.o")]
    timed(compile_it, there)
    settle(there)
    rounds = 60 if QUICK else 400
    with_it = interleaved({"with": (compile_it, there), "off": (compile_it, gone)}, rounds)
    subprocess.run([LARDER, "daemon", "stop"], env=there, capture_output=True, check=True)
    without = interleaved({"without": (compile_it, there)}, rounds)
    ratio = with_it["with"] / min(with_it["off"], without["without"])
    table.add("a hit, with and without the daemon", milliseconds(with_it | without), "unchanged (within 5 %)",
              (ratio, 1.05, "with over without"))


def eight_at_once(table, work):
    """Eight processes that compile the same files at the same time, and one that does so alone."""
    folder = work / "flight"
    folder.mkdir()
    files = 8 if QUICK else 30
    for i in range(files):
        text = "#include <map>\n#include <string>\n" + f"int f{i}(std::map<std::string, int> &m) {{ return m[\"{i}\"]; }}\n"
        (folder / f"{i}.cpp").write_text(text)
    time.sleep(2)

    def script(who):
        return "; ".join(f"{LARDER} g++ -O1 -c {i}.cpp -o {who}.{i}.o || exit" for i in range(files))

    def run(name, count):
        env = environment(work, name)
        timed([LARDER, GCC, "-c", "-x", "c", "/dev/null", "-o", str(work / "first.o")], env)
        begin = time.perf_counter()
        running = [subprocess.Popen(["bash", "-c", script(who)], cwd=folder, env=env) for who in range(count)]
        failed = sum(process.wait() != 0 for process in running)
        seconds = time.perf_counter() - begin
        counts = settle(env)
        subprocess.run([LARDER, "daemon", "stop"], env=env, capture_output=True, check=True)
        return seconds, counts["misses"], failed

    ones, eights = [], []
    for turn in range(1 if QUICK else 3):
        ones.append(run(f"one{turn}", 1))
        eights.append(run(f"eight{turn}", 8))
    one, eight = (statistics.median(times[0] for times in all_of) for all_of in (ones, eights))
    # One miss is the look at the compiler, before.
    compiled = max(times[1] for times in eights) - 1
    shown = f"one {one:.1f} s, eight {eight:.1f} s, {compiled} compiles, {sum(times[2] for times in eights)} failures"
    table.add(f"8 processes missing the same {files} files", shown, "each compiled once, ≤ 1.15 × one process",
              (eight / one, 1.15, "over one"), (compiled, files, "compiles"))


def memory(table, work):
    """The daemon's memory while it keeps thousands of results."""
    folder = work / "memory"
    folder.mkdir()
    env = environment(work, "memory-cache")
    count = 400 if QUICK else 2000
    source = folder / "many.c"
    source.write_text("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint a = N;\n")
    time.sleep(2)
    resident = {}
    for i in range(1, count + 1):
        timed([LARDER, GCC, f"-DN={i}", "-c", str(source), "-o", str(folder / "many.o")], env)
        if i in (count // 2, count):
            settle(env)
            resident[i] = status(env)["rss_bytes"] / (1 << 20)
    half, whole = resident[count // 2], resident[count]
    shown = f"{half:.1f} MiB after {count // 2}, {whole:.1f} after {count}; {status(env)['published']} kept"
    table.add("memory of the daemon", shown, "≤ 64 MiB, no growth", (whole, 64, "MiB"), (whole / half, 1.05, "growth"))


def herd(table, work):
    """64 launchers that find no daemon."""
    folder = work / "herd"
    folder.mkdir()
    env = environment(work, "herd-cache")
    for i in range(64):
        (folder / f"{i}.c").write_text(f"int a{i};\n")
    (folder / "Makefile").write_text("all: " + " ".join(f"{i}.o" for i in range(64)) + "\n%.o: %.c\n\t$(L) gcc -c $< -o $@\n")
    done = subprocess.run(["make", "-s", "-j64", f"L={LARDER}"], cwd=folder, env=env, capture_output=True)
    settle(env)
    log = (work / "herd-cache" / "daemon.log").read_text()
    table.add("make -j64 with no daemon running", f"exit {done.returncode}, {log.count(' listens')} daemon",
              "one daemon, no failed compile", (abs(done.returncode), 0, "exit"), (log.count(" listens"), 1, "daemons"))


def main():
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="larder-bench."))
    table = Table()
    try:
        for part in (share_of_a_miss, hits_beside_it, eight_at_once, memory, herd):
            part(table, work)
    finally:
        for cache in ("miss", "hit", "memory-cache", "herd-cache"):
            subprocess.run([LARDER, "daemon", "stop"], env=environment(work, cache), capture_output=True)
        shutil.rmtree(work, ignore_errors=True)
    print(f"The daemon; {JOBS} cores; {time.strftime('%Y-%m-%d')}; {time.monotonic() - began:.0f} s\n")
    print(table)


if __name__ == "__main__":
    main()
