#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Corpora as the repository keeps them: one file for each target, one input a line, in base64url.

usage: corpus.py unpack FILE FOLDER    one file for each line, as libFuzzer reads them
       corpus.py pack FOLDER FILE      the other way, shortest first
"""
import base64
import hashlib
import pathlib
import sys


def unpack(packed: pathlib.Path, folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for line in packed.read_text().split():
        data = base64.urlsafe_b64decode(line + "=" * (-len(line) % 4))
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(folder: pathlib.Path, packed: pathlib.Path) -> None:
    inputs = sorted({file.read_bytes() for file in folder.iterdir()}, key=lambda data: (len(data), data))
    lines = [base64.urlsafe_b64encode(data).decode().rstrip("=") for data in inputs if data]
    packed.write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("unpack", "pack"):
        sys.exit(__doc__)
    {"unpack": unpack, "pack": pack}[sys.argv[1]](pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
