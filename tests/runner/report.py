# SPDX-License-Identifier: MIT
"""What the tests of a run have said so far; prints each result as it comes.

A Report may be used by several threads. Results are (name, passed, detail).
"""
import threading


class Report:
    def __init__(self):
        self.lock = threading.Lock()
        self.passed = 0
        self.failed = 0

    def add(self, results):
        with self.lock:
            for name, passed, detail in results:
                self.passed += passed
                self.failed += not passed
                print(("ok " if passed else "not ok ") + name, flush=True)
                if not passed:
                    for line in str(detail).splitlines()[-40:]:
                        print(f"# {line}", flush=True)

    def note(self, text):
        with self.lock:
            print(f"# {text}", flush=True)

    def end(self):
        """The summary line, last of all; the exit code. No test at all is a failure."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
