#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark for a moment: each must print its figures and end well. Looks at no speed.

usage: smoke.py BIN-DIRECTORY SCRATCH-PARENT
"""
import json
import math
import subprocess
import sys
import tempfile


def main():
    programs, parent = sys.argv[1:]
    bench = f"{programs}/latchkey_bench"
    listed = subprocess.run([bench, "--list"], check=True, capture_output=True, text=True).stdout
    names = [line.split("\t")[0] for line in listed.splitlines()]
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-smoke-", ignore_cleanup_errors=True) as keep:
        run = subprocess.run([bench, "--moment", "--json", "--bin", programs, "--keep", keep],
                             stdout=subprocess.PIPE, text=True)
    print(run.stdout, end="")
    if run.returncode != 0:
        sys.exit("a benchmark did not end well")
    figures = {figure["name"]: figure for figure in map(json.loads, run.stdout.splitlines())}
    for name in names:
        figure = figures.get(name) or sys.exit(f"{name} printed nothing")
        if not {"value", "unit", "limit", "ratio", "spread", "runs", "target", "held"} <= figure.keys():
            sys.exit(f"{name} does not tell everything")
        if not all(math.isfinite(figure[key]) and figure[key] > 0 for key in ("value", "limit", "ratio")):
            sys.exit(f"{name} measured nothing")


if __name__ == "__main__":
    main()
