"""Measures the launcher against its targets, beside ccache, sccache and zccache. Started by `run`, beside it; leaves
the figures that `plot.py` draws in build/bench.json.

Every comparison is between runs that alternate within one round, so that a machine that slows down slows all of
them; the table holds medians, and the verdicts are ratios of medians. Each tool has a cache folder of its own and
its default settings; servers are started before and stopped afterwards.
"""

import json
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUICK = os.environ.get("QUICK", "") not in ("", "0")
GCC, GXX = "/usr/bin/gcc", "/usr/bin/g++"
HERE = Path(__file__).resolve().parent
PROJECT = Path("/usr/src/googletest")
JOBS = os.cpu_count() or 1


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


# --- Processes -------------------------------------------------------------------------------------------------


def spawn(argv, env):
    """In a session of its own: on a busy machine the kernel shares the processors out by session (sched(7), autogroup), and a
    server that compiles has one."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    return os.posix_spawn(argv[0], argv, env, file_actions=quiet, setsid=True)


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def environment_and_arguments(pid):
    """What a process was started with; empty when it has ended or is another user's."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def timed(argv, env):
    """Wall time of one process in milliseconds, from before its spawn until it is reaped, and whether it succeeded."""
    begin = time.perf_counter_ns()
    _, status, _ = os.wait4(spawn(argv, env), 0)
    return (time.perf_counter_ns() - begin) / 1e6, status == 0


def medians_of(times):
    return {name: statistics.median(values) for name, values in times.items()}


def interleaved(cases, rounds, prepare=lambda: None):
    return medians_of(in_turn(cases, rounds, prepare))


def in_turn(cases, rounds, prepare=lambda: None):
    """Times in milliseconds of cases {name: (argv, env)}, which take turns and do not always start with the same."""
    names, times = list(cases), {name: [] for name in cases}
    for turn in range(rounds):
        for i in range(len(names)):
            name = names[(turn + i) % len(names)]
            prepare()
            elapsed, succeeded = timed(*cases[name])
            if not succeeded:
                sys.exit(f"bench: {name} failed: {' '.join(cases[name][0])}")
            times[name].append(elapsed)
    return times


# --- Tools -----------------------------------------------------------------------------------------------------


class Tool:
    """One compiler cache: its program, its environment (a cache folder of its own), its server if it has one."""

    def __init__(self, name, program, folder, env, start=None, stop=None):
        self.name, self.program, self.folder, self.env = name, program, str(folder), env
        self.start, self.stop = start, stop
        self.version = subprocess.run([program, "--version"], capture_output=True, text=True, env=env).stdout.split("\n")[0]

    def server(self, action):
        if action:
            subprocess.run([self.program, *action.split()], env=self.env, capture_output=True, check=False)

    def __enter__(self):
        self.server(self.start)
        return self

    def __exit__(self, *_):
        self.server(self.stop)
        self.end_servers()

    def end_servers(self):
        """Waits for the servers that were started here, known by this run's cache folder, and ends what stays."""
        folder = self.folder.encode()
        begin = time.monotonic()
        while running := [pid for pid in processes() if folder in environment_and_arguments(pid)]:
            waited = time.monotonic() - begin
            for pid in running if waited > 10 else ():
                try:
                    os.kill(pid, signal.SIGKILL if waited > 15 else signal.SIGTERM)
                except ProcessLookupError:
                    pass
            time.sleep(0.2)


def real_program(name):
    """The program behind `name` on PATH: a shell wrapper (as pyenv makes) would be measured instead of the tool."""
    found = shutil.which(name)
    if found and Path(found).read_bytes()[:2] == b"#!":
        pyenv = shutil.which("pyenv")
        found = pyenv and subprocess.run([pyenv, "which", name], capture_output=True, text=True).stdout.strip()
    return os.path.realpath(found) if found else None


def tools(work):
    base = {"PATH": "/usr/bin:/bin", "HOME": str(work / "home"), "LANG": "C", "TMPDIR": str(work / "tmp")}
    for folder in ("home", "tmp"):
        (work / folder).mkdir()
    larder = os.path.realpath(os.environ.get("LARDER", "build/larder"))
    if not os.access(larder, os.X_OK):
        sys.exit(f"bench: {larder} is not there; run `make build` first")
    folder = {name: str(work / name) for name in ("larder", "ccache", "sccache", "zccache")}
    # CCACHE_DIR too, so that ccache can stand in for Larder when this script itself is tried.
    own = {"LARDER_DIR": folder["larder"], "CCACHE_DIR": folder["larder"]}
    result = [Tool("larder", larder, folder["larder"], base | own, stop="daemon stop")]
    sccache = {"SCCACHE_DIR": folder["sccache"], "SCCACHE_SERVER_UDS": folder["sccache"] + ".sock"}
    sccache["SCCACHE_IDLE_TIMEOUT"] = "0"
    peers = {
        "ccache": ({"CCACHE_DIR": folder["ccache"]}, None, None),
        "sccache": (sccache, "--start-server", "--stop-server"),
        "zccache": ({"ZCCACHE_CACHE_DIR": folder["zccache"]}, "start", "stop"),
    }
    for name, (env, start, stop) in peers.items():
        if program := real_program(name):
            result.append(Tool(name, program, folder[name], base | env, start, stop))
        else:
            note(f"{name} is not here")
    return base, result


def brief(number):
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


# --- The table -------------------------------------------------------------------------------------------------


class Table:
    """Rows as they come; a verdict only where there is a target. Beside them the figures that `plot.py` draws."""

    def __init__(self):
        self.rows = []
        self.figures = []

    def figure(self, name, title, unit, times):
        """The fastest run of each tool: whatever else a machine does only adds to a time."""
        fastest = {name: round(min(values), 3) for name, values in times.items()}
        self.figures.append({"name": name, "title": title, "unit": unit, "fastest": fastest})

    def add(self, measure, values, bar="", *conditions):
        """Each condition is (ratio or number, limit, what): met when no number is above its limit."""
        if conditions:
            shown = "; ".join(f"{what} {brief(value)} (≤ {brief(limit)})" for value, limit, what in conditions)
            verdict = "**met**" if all(value <= limit for value, limit, _ in conditions) else "**not met**"
            verdict = f"{verdict}: {shown}"
        else:
            verdict = ""
        self.rows.append((measure, values, bar, verdict))
        note(f"{measure}: {values} {verdict}")

    def __str__(self):
        lines = ["| measure | result | target | verdict |", "|---|---|---|---|"]
        return "\n".join(lines + [f"| {' | '.join(row)} |" for row in self.rows])


def milliseconds(medians):
    return ", ".join(f"{name} {value:.2f}" for name, value in medians.items()) + " ms"


def best(peers, medians):
    """The fastest peer's figure, or None when none is here."""
    return min((medians[tool.name] for tool in peers if tool.name in medians), default=None)


# --- Single files ----------------------------------------------------------------------------------------------


class Sample:
    """One file to compile: its command without a launcher, its object, and what it reads."""

    def __init__(self, title, folder, compiler, flags, name, text):
        self.title, self.folder, self.source, self.object = title, folder, folder / name, folder / (name + ".o")
        self.source.write_text(text)
        self.command = [compiler, *flags, "-c", str(self.source), "-o", str(self.object)]
        listing = subprocess.run([*self.command[:-4], "-M", str(self.source)], capture_output=True, text=True, check=True)
        self.inputs = len(listing.stdout.replace("\\\n", " ").split()) - 1
        self.aside = folder / "aside"
        self.aside.mkdir(exist_ok=True)

    def clear(self):
        """Takes the object out of the way without deleting it.

        ext4 does not give a deleted inode out again for minutes, but walks over all of them at each new file: after a few
        hundred deletions a new file would cost more than the rest of a hit, and whoever came later would pay for it.
        """
        if self.object.exists():
            aside = self.aside / f"{self.object.name}.{time.monotonic_ns()}"
            self.object.rename(aside)
            os.truncate(aside, 0)

    def compiled_by(self, tool, output=None):
        command = [tool.program, *self.command]
        if output:
            command[-1] = str(output)
        return command

    def fill(self, all_tools):
        """Compiles bare, then with each tool until it has the object; names the tools whose object is another one."""
        subprocess.run(self.command, check=True)
        self.size = self.object.stat().st_size
        expected, different = self.object.read_bytes(), []
        for tool in all_tools:
            for _ in range(3):
                self.clear()
                subprocess.run(self.compiled_by(tool), env=tool.env, check=True, capture_output=True)
            if self.object.read_bytes() != expected:
                different.append(f"{tool.name} ({self.title})")
        return different


def toolchain_files(compiler):
    """The programs that a compile runs and the libraries that they load: they are checked at each hit, too."""
    proper = "cc1plus" if compiler == GXX else "cc1"
    files = {os.path.realpath(compiler)}
    for name in (proper, "as"):
        found = subprocess.run([compiler, f"-print-prog-name={name}"], capture_output=True, text=True).stdout.strip()
        files.add(os.path.realpath(shutil.which(found) or found))
    for program in list(files):
        listing = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
        files.update(os.path.realpath(word) for word in listing.split() if word.startswith("/"))
    return files


def samples(work):
    folder = work / "samples"
    headers = folder / "include"
    headers.mkdir(parents=True)
    for i in range(40):
        (headers / f"part{i}.h").write_text(f"#pragma once\ninline int part{i}(int x) {{ return x + {i}; }}\n")
    own = "".join(f'#include "part{i}.h"\n' for i in range(40))
    include = ["-I", str(headers)]

    small = '#include <stdio.h>\n#include <string.h>\nint main(int argc, char **argv) {\n'
    small += '    return argc > 1 ? printf("%zu\\n", strlen(argv[1])) : 0;\n}\n'
    middle = own + "#include <algorithm>\n#include <functional>\n#include <iostream>\n#include <map>\n"
    middle += "#include <thread>\nint main() {\n    std::map<std::string, int> words;\n"
    middle += "    for (std::string w; std::cin >> w;) words[w] += part7(1);\n"
    middle += "    for (auto &[w, n] : words) std::cout << w << n;\n}\n"
    large = own + """#include <bits/stdc++.h>
template <int N> struct Tag { int v; bool operator<(const Tag &o) const { return v < o.v; } };
template <int N> int use(int x) {
    std::map<Tag<N>, std::vector<std::string>> m;
    m[Tag<N>{x}].push_back(std::to_string(x));
    std::function<int(int)> f = [&m](int y) { return int(m.size()) + y; };
    std::vector<Tag<N>> v{{x}};
    std::sort(v.begin(), v.end());
    return f(v.size());
}
template <int... I> int all(int x, std::integer_sequence<int, I...>) { return (use<I>(x) + ... + 0); }
int total(int x) { return all(x, std::make_integer_sequence<int, 29>()); }
"""
    result = [
        Sample("small C file", folder, GCC, ["-O2"], "small.c", small),
        Sample("C++ file", folder, GXX, ["-O2", "-std=c++17", *include], "middle.cpp", middle),
        Sample("10 MB debug object", folder, GXX, ["-g", "-std=c++17", *include], "large.cpp", large),
    ]
    # Files as young as the recording are rightly not trusted by their times alone; a user's are older.
    time.sleep(3)
    return result


def bench_hits(table, work, base, all_tools, files):
    larder, peers = all_tools[0], all_tools[1:]
    small, middle, large = files
    rounds = 40 if QUICK else 200
    empty = {"empty process": ([str(work / "empty")], base)}

    def hits(sample, more, rounds):
        cases = more | {tool.name: (sample.compiled_by(tool), tool.env) for tool in all_tools}
        interleaved(cases, 3, sample.clear)
        return in_turn(cases, rounds, sample.clear)

    for sample, over_empty in ((small, 1.7), (middle, 2.5)):
        times = hits(sample, empty, rounds)
        medians = medians_of(times)
        if sample is middle:
            table.figure("hit", f"hit: a C++ file that reads {sample.inputs} files", "ms", times)
        conditions = [(medians["larder"] / medians["empty process"], over_empty, "over the empty process")]
        if peer := best(peers, medians):
            conditions.insert(0, (medians["larder"] / peer, 1 / 3, "over the best peer"))
        title = f"hit, {sample.title}, {sample.inputs} files read, object of {sample.size / 1e3:.0f} kB"
        bar = f"≤ 1/3 of the best peer, ≤ {over_empty} × an empty static process"
        table.add(title, milliseconds(medians), bar, *conditions)

    original = work / "large.o"
    subprocess.run([*large.command[:-1], str(original)], check=True)
    copy = {"cp": (["/usr/bin/cp", str(original), str(large.object)], base)}
    medians = medians_of(hits(large, copy, 15 if QUICK else 60))
    conditions = [(medians["larder"] / medians["cp"], 1.6, "over cp")]
    if peer := best(peers, medians):
        conditions.append((medians["larder"] / peer, 1, "over the best peer"))
    title = f"hit, debug object of {large.size / 1e6:.1f} MB, {large.inputs} files read"
    table.add(title, milliseconds(medians), "≤ 1.6 × cp, ahead of every peer", *conditions)


def bench_misses(table, work, base, all_tools):
    """A compile that no cache has seen: the worst case, because a small file leaves nothing to hide the cache's share in."""
    source = work / "miss.c"
    source.write_text('#include <stdio.h>\n#include <stdlib.h>\nint main(void) { return puts("x") < N; }\n')
    # Files as young as the recording are rightly not trusted by their times alone; a user's are older.
    time.sleep(3)
    compilers = {"bare": ([], base)} | {tool.name: ([tool.program], tool.env) for tool in all_tools}
    times = {name: [] for name in compilers}
    names = list(compilers)
    for turn in range(20 if QUICK else 60):
        for i in range(len(names)):
            name = names[(turn + i) % len(names)]
            words, env = compilers[name]
            compile_it = [*words, GCC, "-O2", f"-DN={turn + 1}", "-c", str(source), "-o", str(work / f"miss-{name}.o")]
            elapsed, succeeded = timed(compile_it, env)
            if not succeeded:
                sys.exit(f"bench: {name} failed: {' '.join(compile_it)}")
            # What the compiler is made of is found out once in the life of a cache.
            if turn > 0:
                times[name].append(elapsed)
    table.figure("miss", "miss: a small C file", "ms", times)
    table.add("miss, small C file", milliseconds(medians_of(times)))


def bench_command(table, work, base, larder):
    """A command of `larder run` with ten inputs and an output, beside the command itself."""
    folder = work / "command"
    folder.mkdir()
    inputs = [folder / f"input{number}" for number in range(10)]
    for number, file in enumerate(inputs):
        file.write_text(f"{number}\n" * 1000)
    output, aside = folder / "output", folder / "aside"
    aside.mkdir()
    # Files as young as the recording are rightly not trusted by their times alone; a user's are older.
    time.sleep(3)
    bare = ["/bin/sh", "-c", f"cat {' '.join(map(str, inputs))} > {output}; echo done"]
    words = [word for file in inputs for word in ("--input", str(file))]
    cached = [larder.program, "run", *words, "--output", str(output), "--", *bare]

    def clear():
        """As for samples: nothing is deleted."""
        if output.exists():
            taken = output.rename(aside / str(time.monotonic_ns()))
            os.truncate(taken, 0)

    for command in (cached, cached):
        clear()
        if subprocess.run(command, env=larder.env, capture_output=True, text=True).stdout != "done\n":
            sys.exit("bench: larder run does not give what its command gives")
    cases = {"empty process": ([str(work / "empty")], base), "larder": (cached, larder.env), "bare": (bare, base)}
    interleaved(cases, 3, clear)
    medians = interleaved(cases, 40 if QUICK else 200, clear)
    condition = (medians["larder"] / medians["empty process"], 2.5, "over the empty process")
    title = "hit of `larder run`, 10 inputs and an output (sh and cat)"
    table.add(title, milliseconds(medians), "≤ 2.5 × an empty static process", condition)


def bench_system_calls(table, work, all_tools, files):
    for sample in files:
        counts = {}
        for tool in all_tools:
            sample.clear()
            report = work / "strace"
            command = ["strace", "-c", "-f", "-o", str(report), *sample.compiled_by(tool)]
            try:
                subprocess.run(command, env=tool.env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
            except subprocess.TimeoutExpired:
                continue  # A server was started, and strace stays with it.
            # The last line: "100.00  seconds  usecs/call  calls  [errors]  total".
            counts[tool.name] = int(re.search(r"100\.00\s+\S+\s+(?:\d+\s+)?(\d+)\s+(?:\d+\s+)?total", report.read_text())[1])
        # What a hit must check: the files that the compile read, those of the toolchain, and the directories in which a
        # header could have appeared before the one that was found.
        files_checked = sample.inputs + len(toolchain_files(sample.command[0]))
        directories = directories_checked(work, all_tools[0], sample)
        checked = files_checked + directories
        shown = ", ".join(f"{name} {count}" for name, count in counts.items())
        shown += " (of the client only, where a server works)"
        title = f"system calls of a hit, {sample.title}, {files_checked} files and {directories} directories checked"
        table.add(title, shown, f"≤ checked + 60 = {checked + 60}", (counts["larder"], checked + 60, "calls"))


def directories_checked(work, larder, sample):
    """How many directories a hit of Larder looks at by name."""
    sample.clear()
    report = work / "strace"
    command = ["strace", "-e", "trace=newfstatat,stat", "-o", str(report), *sample.compiled_by(larder)]
    subprocess.run(command, env=larder.env, check=True, capture_output=True)
    return len(set(re.findall(r'"(/[^"]*)", \{st_mode=S_IFDIR', report.read_text())))


def bench_memory(table, work, all_tools, files):
    peaks = {}
    for tool in all_tools:
        for sample in files:
            sample.clear()
            command = [str(work / "peak"), *sample.compiled_by(tool)]
            output = subprocess.run(command, env=tool.env, check=True, capture_output=True, text=True)
            peaks[tool.name] = max(peaks.get(tool.name, 0), int(output.stdout.split("\n")[-2]) / 1024)
    shown = ", ".join(f"{name} {peak:.1f}" for name, peak in peaks.items()) + " MiB"
    table.add("peak memory of a hit (highest of the three files)", shown, "≤ 12 MiB", (peaks["larder"], 12, "MiB"))


def bench_throughput(table, work, all_tools, sample):
    """Eight processes that hit without a pause. One shared source, an output for each."""
    larder, peers = all_tools[0], all_tools[1:]
    expected = None
    rates, failures = {}, {}
    rounds = 1 if QUICK else 2
    for turn in range(rounds):
        for tool in all_tools if turn % 2 == 0 else reversed(all_tools):
            duration = 3 if QUICK else 10 / rounds
            for i in range(8):
                subprocess.run(sample.compiled_by(tool, work / f"hit{i}.o"), env=tool.env, check=True, capture_output=True)
            pipes = []
            for i in range(8):
                reading, writing = os.pipe()
                if os.fork() == 0:
                    argv, hits, failed = sample.compiled_by(tool, work / f"hit{i}.o"), 0, 0
                    end = time.monotonic() + duration
                    while time.monotonic() < end:
                        succeeded = timed(argv, tool.env)[1]
                        hits, failed = hits + succeeded, failed + (not succeeded)
                    os.write(writing, f"{hits} {failed}".encode())
                    os._exit(0)
                os.close(writing)
                pipes.append(reading)
            answers = []
            for reading in pipes:
                with os.fdopen(reading) as pipe:
                    answers.append(pipe.read().split())
                os.wait()
            expected = expected or (work / "hit0.o").read_bytes()
            wrong = sum((work / f"hit{i}.o").read_bytes() != expected for i in range(8))
            rates.setdefault(tool.name, []).append(sum(int(hits) for hits, _ in answers) / duration)
            failures[tool.name] = failures.get(tool.name, 0) + sum(int(failed) for _, failed in answers) + wrong
    medians = {name: statistics.median(values) for name, values in rates.items()}
    shown = ", ".join(f"{name} {rate:.0f}" for name, rate in medians.items()) + f" hits/s; errors {sum(failures.values())}"
    conditions = [(failures["larder"], 0, "errors")]
    if peer := max((medians[tool.name] for tool in peers), default=None):
        conditions.append((peer / medians["larder"], 0.5, "best peer over larder"))
    title = f"8 processes hitting for {3 if QUICK else 10} s, {sample.title}"
    table.add(title, shown, "no error, ≥ 2 × the best peer", *conditions)


# --- A whole project -------------------------------------------------------------------------------------------


class Build:
    """The project configured in a folder of its own, with or without a launcher."""

    def __init__(self, tree, name, env, launcher=None):
        self.name, self.folder, self.env = name, tree.parent / f"out-{name}", env
        options = ["-Dgtest_build_samples=ON", "-Dgtest_build_tests=" + ("OFF" if QUICK else "ON")]
        options += [f"-DCMAKE_C_COMPILER={GCC}", f"-DCMAKE_CXX_COMPILER={GXX}"]
        if launcher:
            options += [f"-DCMAKE_{language}_COMPILER_LAUNCHER={launcher}" for language in ("C", "CXX")]
        self.run("cmake", "-G", "Ninja", "-S", str(tree), "-B", str(self.folder), *options)
        listing = self.run("ninja", "-C", str(self.folder), "-t", "targets", "all")
        self.objects = sorted(line.split(": ")[0] for line in listing.split("\n") if ".o: " in line)

    def run(self, *argv):
        # See `spawn`.
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, start_new_session=True)
        if done.returncode != 0:
            sys.exit(f"bench: {' '.join(argv)}\n{done.stdout[-3000:]}{done.stderr}")
        return done.stdout

    def seconds(self, *targets):
        """Builds from nothing, and says how long ninja took."""
        self.run("ninja", "-C", str(self.folder), "-t", "clean")
        begin = time.perf_counter()
        self.run("ninja", "-C", str(self.folder), "-j", str(JOBS), *targets)
        return time.perf_counter() - begin


def bench_project(table, work, base, all_tools):
    larder, peers = all_tools[0], all_tools[1:]
    tree = work / "project"
    shutil.copytree(PROJECT, tree)
    bare = Build(tree, "bare", base)
    objects = bare.objects
    saved = work / "objects"
    builds = {tool.name: Build(tree, tool.name, tool.env, tool.program) for tool in all_tools}
    copying = Build(tree, "copy only", base | {"OBJECTS": str(saved)}, work / "copy")

    # Cold: the bare compiler and Larder, with and without its daemon, take turns; each peer once, which also fills it.
    # Compile steps alone: what links, no cache shortens.
    alone = larder.env | {"LARDER_DAEMON": "off"}
    builds["larder alone"] = Build(tree, "alone", alone, larder.program)
    cold = {"bare": [], "larder alone": [], "larder": []}
    for turn in range(1 if QUICK else 2):
        cold["bare"].append(bare.seconds(*objects))
        for name in ("larder alone", "larder"):
            # A fresh cache each time, and with the daemon the time to start it.
            shutil.rmtree(larder.env["LARDER_DIR"], ignore_errors=True)
            cold[name].append(builds[name].seconds(*objects))
        note(f"cold round {turn + 1}: " + ", ".join(f"{name} {times[-1]:.1f} s" for name, times in cold.items()))
    del builds["larder alone"]
    subprocess.run([larder.program, "stats"], env=larder.env, capture_output=True, check=True)
    for tool in peers:
        cold[tool.name] = [builds[tool.name].seconds(*objects)]
    without_cache = cold["bare"]
    cold = medians_of(cold)
    shown = ", ".join(f"{name} {value:.1f}" for name, value in cold.items()) + " s"
    title = f"cold build of the demo project ({len(objects)} compiles, ninja -j{JOBS})"
    conditions = [(cold["larder"] / cold["bare"], 1.015, "over bare"), (cold["larder alone"] / cold["bare"], 1.03, "alone")]
    if peer := best(peers, cold):
        conditions.append((cold["larder"] / peer, 1, "over the best peer"))
    table.add(title, shown, "≤ 1.015 × bare, without the daemon ≤ 1.03; ahead of every peer", *conditions)
    bench_cold_files(table, work, bare, larder, objects)

    for name in objects:
        (saved / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(bare.folder / name, saved / name)
    different = [name for name in objects if (builds["larder"].folder / name).read_bytes() != (saved / name).read_bytes()]
    table.add("objects of the demo project that are not the bare compiler's", ", ".join(different[:5]) or "none", "none",
              (len(different), 0, "different"))

    contenders = builds | {"copy only": copying}
    for what, targets in (("compile steps", objects), ("whole build with links", [])):
        times = {name: [] for name in contenders}
        for turn in range(2 if QUICK else 5):
            order = list(contenders)
            for name in order[turn % len(order):] + order[:turn % len(order)]:
                times[name].append(contenders[name].seconds(*targets))
        warm = medians_of(times)
        if targets:
            table.figure("warm", f"warm build: the {len(objects)} compiles of googletest", "s", times | {"bare": without_cache})
        shown = ", ".join(f"{name} {value:.2f}" for name, value in warm.items()) + " s"
        over_copy = warm["larder"] / warm["copy only"]
        over_peer = warm["larder"] / (best(peers, warm) or float("inf"))
        # Either is enough, so show the one that is nearer to its limit.
        condition = (over_copy, 1.1, "over copy only")
        if over_peer / 0.5 < over_copy / 1.1:
            condition = (over_peer, 0.5, "over the best peer")
        bar = "≤ 1/2 of the best peer, or ≤ 1.1 × only copying"
        table.add(f"warm build of the demo project, {what}", shown, bar, condition)


def bench_cold_files(table, work, bare, larder, objects):
    """Cold compiles one at a time, bare and through Larder in turn, so that the load of the machine cancels out."""
    commands = bare.run("ninja", "-C", str(bare.folder), "-t", "compdb")
    jobs = {job["output"]: shlex.split(job["command"]) for job in json.loads(commands)}
    chosen = objects[:: max(1, len(objects) // (6 if QUICK else 16))]
    fresh = larder.env | {"LARDER_DIR": str(work / "cold"), "CCACHE_DIR": str(work / "cold")}
    ratios = []
    (work / "first.cpp").write_text("int first;\n")
    first = [larder.program, GXX, "-c", str(work / "first.cpp"), "-o", str(work / "first.o")]
    os.chdir(bare.folder)
    for turn in range(1 if QUICK else 3):
        for i, name in enumerate(chosen):
            shutil.rmtree(work / "cold", ignore_errors=True)
            # What the compiler is made of is found out once in the life of a cache.
            timed(first, fresh)
            pair = {"bare": (jobs[name], larder.env), "larder": ([larder.program, *jobs[name]], fresh)}
            order = ["bare", "larder"] if (turn + i) % 2 else ["larder", "bare"]
            elapsed = {one: timed(*pair[one])[0] for one in order}
            ratios.append(elapsed["larder"] / elapsed["bare"])
    os.chdir(work)
    middle = statistics.median(ratios)
    title = f"cold compile of one file over bare, {len(chosen)} files of the project, in turn"
    table.add(title, f"median ratio {middle:.3f}", "≤ 1.03", (middle, 1.03, "over bare"))


# --- All of it -------------------------------------------------------------------------------------------------


def main():
    began = time.monotonic()
    # What others did on this machine before; it slows every tool down, and all within one round alike.
    load = round(os.getloadavg()[1], 1)
    work = Path(tempfile.mkdtemp(prefix="larder-bench."))
    table = Table()
    try:
        base, all_tools = tools(work)
        os.chdir(work)
        for name in ("empty", "peak", "copy"):
            subprocess.run([GCC, "-O2", "-static", str(HERE / f"{name}.c"), "-o", str(work / name)], check=True)
        entered = []
        try:
            for tool in all_tools:
                entered.append(tool.__enter__())
            files = samples(work)
            different = []
            for sample in files:
                note(f"filling the caches with the {sample.title}")
                different += sample.fill(all_tools)
            table.add("objects of hits that are not the bare compiler's", ", ".join(different) or "none", "none of ours",
                      (sum(name.startswith("larder ") for name in different), 0, "different"))
            bench_hits(table, work, base, all_tools, files)
            bench_misses(table, work, base, all_tools)
            bench_command(table, work, base, all_tools[0])
            bench_system_calls(table, work, all_tools, files)
            bench_memory(table, work, all_tools, files)
            bench_throughput(table, work, all_tools, files[1])
            bench_project(table, work, base, all_tools)
        finally:
            for tool in entered:
                tool.__exit__()
    finally:
        os.chdir("/")
        shutil.rmtree(work, ignore_errors=True)
    versions = ", ".join(f"{tool.name} ({tool.version})" for tool in all_tools)
    compiler = subprocess.run([GXX, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    result = {"date": time.strftime("%Y-%m-%d"), "cores": JOBS, "load": load, "quick": QUICK, "compiler": compiler}
    result |= {"tools": {tool.name: tool.version for tool in all_tools}, "figures": table.figures}
    (HERE.parent / "build").mkdir(exist_ok=True)
    (HERE.parent / "build" / "bench.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"{versions}; {compiler}; {JOBS} cores; {time.strftime('%Y-%m-%d')}; {time.monotonic() - began:.0f} s\n")
    print(table)


if __name__ == "__main__":
    main()
