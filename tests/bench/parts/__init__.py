# SPDX-License-Identifier: MIT
"""The parts of tests/bench/run and tests/bench/profile."""
