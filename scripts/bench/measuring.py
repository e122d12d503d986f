# SPDX-License-Identifier: MIT
"""Runs commands in turns, and prints how they compare as rows of a table in markdown."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SYMBOLS = "**/*.{pdb,dll,exe,elf,sym,dylib}"  # what floors/floor.c takes
READERS = "windbg,visualstudio,symproxy,dotnet,bugsplat,breakpad,debuginfod,gdb,lldb,sentry"
PEAK_BASE_KIB, PEAK_FILE_BYTES = 32 << 10, 256

HEADER = ("| figure | against | ours: wall s (min..max), CPU s, peak MiB | theirs: wall s (min..max), "
          "CPU s | wall ratio | CPU ratio | goal | |\n|---|---|---|---|---|---|---|---|")


class Timing(NamedTuple):
    wall: float  # seconds
    user: float
    system: float
    peak_kib: int
    status: int

    @property
    def cpu(self):
        return self.user + self.system


class Contender(NamedTuple):
    name: str
    command: list
    prepare: object = lambda: None  # called before each turn, outside the timing
    statuses: tuple = (0,)


def build(bench, name, *sources, flags=()):
    program = os.path.join(bench.folder("bin"), name)
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", *flags,
                    "-o", program, *(os.path.join(HERE, source) for source in sources)], check=True)
    return program


class Bench:
    def __init__(self, options):
        self.work = os.path.realpath(options.work)
        self.disk = os.path.realpath(options.disk or self.folder("stores"))
        self.runs = options.runs
        self.program = os.path.realpath(options.program)
        self.memory = tempfile.mkdtemp(prefix="symbol-upload-bench-", dir="/dev/shm")
        self.loads = []
        self.meter = build(self, "measure", "measure.c")

    def close(self):
        shutil.rmtree(self.memory, ignore_errors=True)

    def folder(self, name):
        path = os.path.join(self.work, name)
        os.makedirs(path, exist_ok=True)
        return path

    def corpus(self, shape):
        subprocess.run([os.path.join(HERE, "corpus/make"), self.folder("corpus"), shape], check=True)
        return os.path.realpath(os.path.join(self.folder("corpus"), shape))

    def floor(self, name, *parts):
        return build(self, f"floor-{name}", f"floors/{name}.c", "floors/floor.c", *parts, flags=["-pthread"])

    def measure(self, command, cwd=None):
        """One run of a command, its output thrown away."""
        result = os.path.join(self.memory, "result")
        subprocess.run([self.meter, result, *command], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd, check=True)
        with open(result, encoding="ascii") as file:
            wall, user, system, peak, status = file.read().split()
        return Timing(float(wall), float(user), float(system), int(peak), int(status))

    def take_turns(self, *contenders, runs=None):
        """Lists of timings, one a contender. Who begins changes each time."""
        timings = [[] for _ in contenders]
        for turn in range(-1, runs or self.runs):
            self.loads.append(os.getloadavg()[0])
            order = list(enumerate(contenders))
            for i, contender in order if turn % 2 else reversed(order):
                contender.prepare()
                timing = self.measure(contender.command)
                if timing.status not in contender.statuses:
                    sys.exit(f"{contender.name} ended with {timing.status}: {contender.command}")
                if turn >= 0:
                    timings[i].append(timing)
        return timings

    def compare(self, figure, ours, theirs, goal, files=None, runs=None, peak_base_kib=PEAK_BASE_KIB, less_cpu=False):
        """Prints one row: ours against theirs. `goal`: the highest ratio; negative: theirs must
        take at least so many times as long. `less_cpu`: and more processor time than ours."""
        mine, other = self.take_turns(ours, theirs, runs=runs)
        ratio = statistics.median(a.wall / b.wall for a, b in zip(mine, other))
        cpu = statistics.median(a.cpu / b.cpu for a, b in zip(mine, other))
        if goal is None:
            reached, wanted = True, ""
        elif goal < 0:
            ratio, cpu = 1 / ratio, 1 / cpu
            reached, wanted = ratio >= -goal, f">= {-goal}"
        else:
            reached, wanted = ratio <= goal, f"<= {goal}"
        peak = statistics.median(t.peak_kib for t in mine)
        if files is not None and peak > peak_base_kib + files * PEAK_FILE_BYTES / 1024:
            reached = False
        if less_cpu and cpu <= 1:
            reached = False
        verdict = "**missed**" if not reached else "" if goal is None else "reached"
        print(f"| {figure} | {theirs.name} | {shown(mine)}, {peak / 1024:.1f} | {shown(other)} | "
              f"{ratio:.2f} | {cpu:.2f} | {wanted} | {verdict} |", flush=True)
        return mine


def shown(timings):
    walls = [t.wall for t in timings]
    cpu = statistics.median(t.cpu for t in timings)
    return f"{statistics.median(walls):.3f} ({min(walls):.3f}..{max(walls):.3f}), {cpu:.3f}"
