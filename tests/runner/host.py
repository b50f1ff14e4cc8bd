# SPDX-License-Identifier: MIT
"""Tests that run on the host: tests/host/test_*.c and fuzz_*.c, built with sanitizers.

A test names the sources it links in a comment `SOURCES: a.c b.c` in its first lines and prints TAP.
A fuzzer has LLVMFuzzerTestOneInput; its corpus is tests/host/corpus/NAME. It runs a fixed number of
inputs from a fixed seed, so that a run repeats.
"""
import glob
import os
import re
import subprocess

from . import tap

FLAGS = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-fno-omit-frame-pointer", "-DHOST_TEST=1"]
INCLUDES = ["-I.", "-Itests/host", "-Itests/host/include"]
# Only for the kernel's sources: some of its headers are called like the C library's.
KERNEL_INCLUDES = ["-Ikernel/include", "-Ikernel/arch/x86_64/include"]
FUZZ_RUNS = 200000
TIME_LIMIT = 300


def sources_of(path):
    with open(path) as f:
        head = f.read(2000)
    match = re.search(r"SOURCES:((?:[^*]|\*(?!/))*)\*/", head)
    return [located(f) for f in re.findall(r"@?[\w./-]+\.[cS]\b", match[1])] if match else []


def located(name):
    """`@PACKAGE/...` is in the source package that deps.lock names."""
    match = re.match(r"((?:-I)?)@([^/]+)(.*)", name)
    if not match:
        return name
    found = glob.glob(os.path.join(os.environ.get("BUILD", "build"), "sources", match[2] + "-*"))
    return match[1] + (found[0] if found else f"{match[2]}-is-not-fetched") + match[3]


def flags_of(path):
    """More compiler options, from a comment `FLAGS: ... */`; -I@PACKAGE/... as in SOURCES."""
    with open(path) as f:
        match = re.search(r"FLAGS:([^*]*)\*/", f.read(2000))
    return [located(f) for f in match[1].split()] if match else []


def runs_of(path):
    """How many inputs a fuzzer is given, from a comment `RUNS: N`."""
    with open(path) as f:
        match = re.search(r"RUNS: *(\d+)", f.read(2000))
    return int(match[1]) if match else FUZZ_RUNS


def build(path, build_directory):
    name = os.path.splitext(os.path.basename(path))[0]
    out = os.path.join(build_directory, "host", name)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    kinds = "address,undefined" + (",fuzzer" if name.startswith("fuzz_") else "")
    sources = sources_of(path)
    user = sources and not any(s.startswith("kernel/") for s in sources)
    command = ["clang", *FLAGS, *INCLUDES, *([] if user else KERNEL_INCLUDES), *flags_of(path)]
    command += [f"-fsanitize={kinds}", "-fno-sanitize-recover=all", "-o", out, path, *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    return out, ("" if done.returncode == 0 else done.stderr + done.stdout)


def run(path, build_directory, fuzz_options=None):
    name = os.path.splitext(os.path.basename(path))[0]
    program, error = build(path, build_directory)
    if error:
        return [(f"host/{name}", False, "does not build:\n" + error)]
    if name.startswith("fuzz_"):
        return fuzz(name, program, build_directory, fuzz_options or [f"-runs={runs_of(path)}", "-seed=1"])
    try:
        done = subprocess.run([program], capture_output=True, text=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return [(f"host/{name}", False, f"ran longer than {TIME_LIMIT} s")]
    results = tap.parse(done.stdout, f"host/{name}")
    if done.returncode:
        results.append((f"host/{name}", False, f"exit code {done.returncode}\n{done.stderr}"))
    return results


def fuzz(name, program, build_directory, options, limit=TIME_LIMIT):
    """New inputs go to the build directory, the kept corpus is only read."""
    work = os.path.join(build_directory, "host", "corpus", name)
    kept = os.path.join("tests/host/corpus", name)
    os.makedirs(work, exist_ok=True)
    command = [program, *options, "-max_len=8192", f"-artifact_prefix={work}-crash-", work]
    command += [kept] if os.path.isdir(kept) else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit)
    except subprocess.TimeoutExpired:
        return [(f"host/{name}", False, f"ran longer than {limit} s")]
    return [(f"host/{name}", done.returncode == 0, done.stderr)]


def all_tests():
    return sorted(glob.glob("tests/host/test_*.c") + glob.glob("tests/host/fuzz_*.c"))
