# SPDX-License-Identifier: MIT
"""The operations: what they are compared with, their targets, and how figures become rows.

The references were measured once, with the same emulator. seL4's are constants here, since it is not booted; Linux'
only check that the peer behaves as it did then.
"""
WORDS_OF_A_PAGE = 512  # instructions of a copy by 8-byte units, `rep movsq`
WORDS_OF_64K = 8192
DEVIATION = 0.20


class Row:
    def __init__(self, name, target=None, sel4=None, linux=None, linux_name=None, cpus=1, ipis=None,
                 wall=True, of_linux=None, program="kernel", switches=None):
        """target: a number, or a function of all figures (`ours`, `linux`: {name: number}).

        linux: the reference; linux_name: what stands in for the operation there, if it has another name;
        program: which program measures it (kernel: that of the kernel's calls, user: that with files);
        switches: how many changes of address space it may make; of_linux: the target is this part of the figure there;
        cpus: processors of the machine that measures it; ipis: how many it may send; wall: the time is compared
        too, on a peer with the same number of processors.
        """
        self.name, self.target, self.sel4, self.linux = name, target, sel4, linux
        self.linux_name, self.cpus, self.ipis, self.wall = linux_name or name, cpus, ipis, wall
        self.of_linux, self.program, self.switches = of_linux, program, switches


def copy_4k(ours, linux):
    return ours["ipc_round_trip"] + WORDS_OF_A_PAGE + 150


def copy_64k(ours, linux):
    return WORDS_OF_64K * 11 // 10


def revoke_linear(ours, linux):
    return min(400_000, ours["revoke_100"] * 11)


ROWS = [
    Row("ipc_round_trip", 400, sel4=451, linux=10296),
    Row("ipc_round_trip_64b", 560, sel4=1592),
    Row("ipc_copy_4k", copy_4k, linux=12248),
    Row("ipc_round_trip_handle", 900, sel4=2100),
    Row("signal_ping_pong", 1000, sel4=2021, linux=8388),
    Row("null_call", 120, sel4=296, linux=310),
    Row("page_fault_anonymous", 1400, linux=2771),
    Row("forward_round_trip", 650),
    Row("session_mint_send_close", 1500, sel4=1799),
    Row("copy_64k", copy_64k),
    Row("park_interrupt", 900),
    Row("futex_round_trip_threads", 1200, linux=6793),
    Row("map_unmap_page", 900, sel4=1287, linux=11486),
    Row("thread_life", 5000, sel4=14678, linux=67_900),
    Row("process_create_destroy", 15_000, linux=37_600),
    Row("address_space_clone_64mb", of_linux=0.4),
    Row("fault_to_upcall_and_back", 700, sel4=1303),
    Row("foreign_call_bounce", 250),
    Row("revoke_100"),
    Row("revoke_1000", revoke_linear),
    Row("ipc_round_trip_smp", 480, sel4=630, cpus=4, wall=False),
    # In instructions the peer has one processor, as the reference: it did not come up with two while
    # instructions are counted.
    Row("ipc_cross_cpu", 1500, linux=10321, linux_name="futex_round_trip_processes", cpus=2, ipis=2),
    Row("boot_to_init", 60_000_000, linux=1_511_000_000, wall=False),
]


def user(name, of_linux, **more):
    return Row(name, of_linux=of_linux, program="user", **more)


# Of programs with files.
USER_ROWS = [
    user("open_close", 0.6, linux=5720, switches=3),
    user("stat", 0.6, linux=3648, switches=3),
    user("read_4k_cached", 0.9, linux=1846, switches=2),
    user("read_1b_cached", 0.6, linux=1383, switches=2),
    user("pipe_round_trip_1b", 0.4, linux=10296, switches=6),
    user("pipe_round_trip_4k", 0.5, linux=12248, switches=6),
    user("pipe_throughput_64k", 0.8),
    user("local_socket_round_trip_1b", 0.3, linux=17040),
    user("fork_exit_wait", 0.4, linux=111_000),
    user("fork_exec_wait", 0.5, linux=208_000, switches=24),
    user("posix_spawn_wait", 0.5, linux=177_000),
    user("pthread_create_join", 0.2, linux=67_900),
    user("futex_round_trip", 0.3, linux=6793),
    user("signal_self", 0.4, linux=3762),
    user("signal_other", 0.8),
    user("shell_script", 0.6),
    user("boot_to_login", 0.15, wall=False),
]
ALL_ROWS = ROWS + USER_ROWS


def figure(measured):
    """The smaller of two ways to measure: docs/performance.md, Method."""
    return min(measured["median"], measured["mean"])


def figures(measured):
    return {name: figure(m) for name, m in measured.items()}


def per_operation(measured, key):
    n = round(measured[key] / measured["count"], 2)
    return int(n) if n == int(n) else n


def wall_ratio(row, ours_wall, linux_wall):
    a, b = ours_wall.get(row.name), linux_wall.get(row.name)
    if not row.wall or not a or not b or not b["min"]:
        return None
    return round(a["min"] / b["min"], 3)


def combine(ours, linux, ours_wall, linux_wall):
    """[(row, record of the JSON, target, passed or None)], in the order of ALL_ROWS; without what was not measured."""
    our_figures, linux_figures = figures(ours), figures(linux)
    out = []
    for row in ALL_ROWS:
        if row.name not in ours and row.linux_name not in linux:
            continue
        m = ours.get(row.name, {"count": 1, "switches": 0, "flushes": 0, "ipis": 0})
        record = {
            "anonymos": our_figures.get(row.name), "linux": linux_figures.get(row.linux_name),
            "sel4": row.sel4, "unit": "instructions", "switches": per_operation(m, "switches"),
            "tlb_flushes": per_operation(m, "flushes"), "ipis": per_operation(m, "ipis"),
            "wall_ratio": wall_ratio(row, ours_wall, linux_wall),
            "median": m.get("median"), "min": m.get("min"), "mean": m.get("mean"),
        }
        if row.sel4:
            record["sel4_is"] = "a constant, not measured"
        target = target_of(row, our_figures, linux_figures)
        passed = None
        if target is not None and record["anonymos"] is not None:
            passed = record["anonymos"] <= target and not over(row, record)
        record["target"], record["passed"] = target, passed
        out.append((row, record, target, passed))
    return out


def over(row, record):
    """Whether an operation makes more interrupts or changes of address space than it may."""
    return (row.ipis is not None and record["ipis"] > row.ipis
            or row.switches is not None and record["switches"] > row.switches)


def target_of(row, our_figures, linux_figures):
    try:
        if row.of_linux:
            return int(linux_figures[row.linux_name] * row.of_linux)
        return row.target(our_figures, linux_figures) if callable(row.target) else row.target
    except KeyError:
        return None  # what it depends on was not measured


def deviations(rows):
    """Linux figures that are far from their references: sentences."""
    for row, record, _, _ in rows:
        if row.linux and record["linux"]:
            by = record["linux"] / row.linux - 1
            if abs(by) > DEVIATION:
                yield (f"{row.name}: Linux takes {record['linux']:,} here and {row.linux:,} in the reference"
                       f" ({by:+.0%})")
