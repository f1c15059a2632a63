"""Measures the store beside diskcache and LMDB, and prints one Markdown table. Started by `run`, beside it.

Eight processes of each engine are started once and wait for orders. A cell of the table is one order to 1, 4 or 8 of
them, all from the same moment on; engines take turns within a round, and the table holds the medians of the rounds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUICK = os.environ.get("QUICK", "") not in ("", "0")
HERE = Path(__file__).resolve().parent
ROUNDS, SECONDS = (2, 0.03) if QUICK else (5, 0.15)
SIZES = {"1 KiB": 1 << 10, "100 KiB": 100 << 10, "10 MiB": 10 << 20}
PROCESSES = (1, 4, 8)


def note(text):
    print(f"store bench: {text}", file=sys.stderr, flush=True)


class Engine:
    def __init__(self, name, argv):
        self.name, self.argv, self.workers = name, argv, []

    def start(self):
        self.workers = [
            subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            for _ in range(max(PROCESSES))
        ]
        for worker in self.workers:
            if worker.stdout.readline().strip() != "ready":
                sys.exit(f"store bench: {self.name} did not start")

    def order(self, action, size, count, seconds=SECONDS):
        """Operations a second of all `count` processes together, and the median nanoseconds of one operation."""
        # Whoever has to open something does so before anything is measured.
        self.exchange(action, size, count, 0, 0)
        answers = self.exchange(action, size, count, time.monotonic_ns() + 5_000_000, seconds)
        rate = sum(done for done, _, _ in answers) * 1e9 / max(elapsed for _, elapsed, _ in answers)
        return rate, statistics.median(median for _, _, median in answers)

    def exchange(self, action, size, count, start, seconds):
        workers = self.workers[:count]
        for worker in workers:
            worker.stdin.write(f"{action} {size} {start} {seconds}\n")
        answers = [worker.stdout.readline().split() for worker in workers]
        if any(len(words) != 3 for words in answers):
            sys.exit(f"store bench: {self.name} failed at {action} of {size} bytes")
        return [[int(word) for word in words] for words in answers]

    def stop(self):
        for worker in self.workers:
            worker.stdin.close()
        for worker in self.workers:
            worker.wait(timeout=10)


def engines(work, program, lmdb_program):
    larder = str(work / "larder")
    yield Engine("reader", [program, larder, "reader"])
    yield Engine("store", [program, larder, "store"])
    for name in ("diskcache", "lmdb", "lmdb+crc32"):
        module = name.split("+")[0]
        if subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode:
            note(f"{module} is not installed and PyPI cannot be reached; going on without {name}")
        else:
            yield Engine(name, [sys.executable, "-B", str(HERE / "peers.py"), str(work / name), name])
    if lmdb_program:
        yield Engine("lmdb in C", [lmdb_program, str(work / "lmdb")])


def amount(number):
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:.0f}"


def cell(result):
    if result is None:
        return "-"
    rate, median = result
    return f"{amount(median / 1000)} us, {amount(rate / 1000)} k/s" if rate >= 1000 else (
        f"{amount(median / 1e6)} ms, {amount(rate)}/s")


def measure(found):
    """{(action, size, processes, engine): (operations a second, median nanoseconds)}"""
    cases = [
        (action, size, count)
        for action in ("get", "put", "put-flushed")
        for size in SIZES.values()
        for count in PROCESSES
        # Four writers of 10 MiB say nothing that one and eight do not, and take long.
        if not (QUICK and action != "get" and (count == 4 or size > 1 << 20))
    ]
    results = {}
    for turn in range(ROUNDS):
        for number, (action, size, count) in enumerate(cases):
            taking_part = [e for e in found if action == "get" or e.name in ("store", "diskcache", "lmdb")]
            for i in range(len(taking_part)):
                engine = taking_part[(turn + number + i) % len(taking_part)]
                results.setdefault((action, size, count, engine.name), []).append(engine.order(action, size, count))
    return {
        case: tuple(statistics.median(column) for column in zip(*samples)) for case, samples in results.items()
    }


def print_table(results, names):
    shown = {"reader": "Larder, reader", "store": "Larder, store", "diskcache": "diskcache", "lmdb": "lmdb",
             "lmdb+crc32": "lmdb + crc32 (info)", "lmdb in C": "lmdb in C (info)"}
    print("| operation | size | processes | " + " | ".join(shown[name] for name in names) + " | |")
    print("|---|---|---|" + "---|" * (len(names) + 1))
    behind, peers = [], [name for name in ("diskcache", "lmdb") if name in names]
    for action in ("get", "put", "put-flushed"):
        for label, size in SIZES.items():
            for count in PROCESSES:
                row = {name: results.get((action, size, count, name)) for name in names}
                if not any(row.values()):
                    continue
                verdict = ""
                if action == "get" and peers:
                    best = min(row[name][1] for name in peers)
                    verdict = f"{best / row['reader'][1]:.1f}x"
                    # Rates of a few milliseconds say more of the scheduler than of the store.
                    fastest = 0 if QUICK else max(row[name][0] for name in peers)
                    if row["reader"][1] > best or row["reader"][0] < fastest:
                        behind.append(f"{label} with {count} processes")
                print(f"| {action} | {label} | {count} | " + " | ".join(cell(row[name]) for name in names) + f" | {verdict} |")
    print()
    print("Median of one operation, and operations a second of all processes together. Last column: the best peer's median")
    print("over the reader's. Ten keys, random bytes that nobody compresses, everything in the page cache.")
    print()
    print("- Larder verifies a 128-bit checksum at every get, also where the reader has the value in memory. diskcache and")
    print("  lmdb verify nothing; `lmdb + crc32` shows what the cheapest check in Python adds.")
    print("- diskcache and lmdb are Python packages, their figures include the interpreter, as they do for whoever uses them;")
    print("  `lmdb in C` is the same database through its C library, each value copied out.")
    print("- Flushed: Larder flushes file and directory; lmdb its file; diskcache SQLite's log, but never the files in which it")
    print("  keeps values of more than 32 KiB. Writers of lmdb and diskcache wait for each other, Larder's do not.")
    print()
    if peers:
        print("Bar: ahead on get in every size and with every number of processes: " + (
            "kept." if not behind else "MISSED at " + ", ".join(behind) + "."))
    else:
        print("Bar: not judged, there is no peer.")


def main():
    program, lmdb_program = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="store-bench-", dir=os.environ.get("TMPDIR")) as folder:
        found = list(engines(Path(folder), program, lmdb_program))
        try:
            for engine in found:
                engine.start()
                for size in SIZES.values() if engine.name not in ("reader", "lmdb in C") else ():
                    engine.exchange("fill", size, 1, 0, 0)
            results = measure(found)
        finally:
            for engine in found:
                engine.stop()
    print_table(results, [engine.name for engine in found])
    note(f"took {time.monotonic() - begin:.0f} s")


main()
