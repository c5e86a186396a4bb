#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler does not hold: who may include whom, sizes, words, files."""
import pathlib
import re
import subprocess
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]

# Room → rooms that it may include besides itself. Arrows go one way: no room may reach one that reaches it.
ROOMS = {
    "services/base": set(),
    "services/model": {"services/base"},
    "crypto": {"services/base"},
    "services/ledger": {"services/base", "services/model", "crypto"},
    "services/hotstate": {"services/base", "crypto", "services/ledger"},
    "services/courier": {"services/base", "services/model", "crypto", "services/ledger"},
    "services/signin": {"services/base", "services/model", "crypto", "services/ledger", "services/hotstate"},
    "services/proof": {"services/base", "services/model", "crypto", "services/ledger"},
    "services/cases": {"services/base", "services/model", "crypto", "services/ledger", "services/hotstate",
                       "services/signin", "services/proof"},
    "services/recovery": {"services/base", "services/model", "crypto", "services/ledger", "services/hotstate",
                          "services/signin", "services/proof", "services/courier", "services/cases"},
    "services/assist": {"services/base", "services/model", "crypto", "services/ledger", "services/hotstate",
                        "services/signin", "services/proof", "services/courier", "services/cases",
                        "services/recovery"},
    "services/rpc": {"services/base", "services/model", "crypto", "services/signin", "services/recovery",
                     "services/assist", "services/cases", "services/proof", "proto"},
    "clients/common": {"services/base", "crypto/secret.h", "proto"},
    "clients/portal": {"services/base", "crypto/secret.h", "clients/common", "proto"},
    "clients/branch": {"services/base", "crypto/secret.h", "clients/common", "proto"},
    "clients/ivr": {"services/base", "crypto/secret.h", "clients/common", "proto"},
}
# The composition roots wire everything.
ROOTS = {"services/latchkeyd", "services/operator"}
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "proto", "services", "crypto", "clients", "deploy", "tests",
             "README.md"}


def tracked(*patterns):
    names = subprocess.run(["git", "-C", TOP, "ls-files", *patterns], check=True, capture_output=True, text=True)
    return [TOP / name for name in names.stdout.split() if (TOP / name).exists()]


def room_of(path):
    parts = path.split("/")
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in ROOMS or name in ROOTS:
            return name
    return "proto" if path.startswith("latchkey/v1/") else None


def without_comments(text):
    return re.sub(r"//[^\n]*", "", text)


class Rules(unittest.TestCase):
    def test_arrows_go_one_way(self):
        for path in tracked("services/*.cc", "services/*.h", "crypto/*.cc", "crypto/*.h", "clients/*.cc", "clients/*.h"):
            name = str(path.relative_to(TOP))
            room = room_of(name)
            if room in ROOTS:
                continue
            self.assertIsNotNone(room, name)
            for include in re.findall(r'#include "([^"]+)"', path.read_text()):
                target = room_of(include)
                if target == room:
                    continue
                self.assertTrue(target in ROOMS[room] or include in ROOMS[room],
                                f"{name} includes {include}: {room} may include {sorted(ROOMS[room])}")

    def test_the_table_itself_has_no_circle(self):
        def reach(room, seen):
            for below in ROOMS.get(room, ()):
                self.assertNotIn(below, seen, f"{below} reaches itself")
                reach(below, seen | {below})
        for room in ROOMS:
            reach(room, {room})

    def test_every_source_names_its_licence(self):
        for path in tracked("*.cc", "*.h", "*.proto", "*.py", "*.mjs", "*.cmake", "CMakeLists.txt", "*/CMakeLists.txt"):
            self.assertIn("SPDX-License-Identifier: Apache-2.0", path.read_text()[:200], path)

    def test_files_stay_small(self):
        for path in tracked("*.cc", "*.h", "*.proto", "*.py", "*.mjs"):
            self.assertLessEqual(len(path.read_text().splitlines()), 400, path)

    def test_the_top_level_is_the_owners(self):
        top = {str(path.relative_to(TOP)).split("/")[0] for path in tracked()}
        self.assertEqual({name for name in top if not name.startswith(".")} - TOP_LEVEL, set())

    def test_each_folder_of_the_plan_explains_itself(self):
        for folder in sorted({*ROOMS, *ROOTS, "services", "clients", "deploy", "tests", "proto"}):
            self.assertTrue((TOP / folder / "README.md").exists(), f"{folder}/README.md")

    def test_randomness_comes_from_the_system_alone(self):  # L08
        for path in tracked("services/*.cc", "services/*.h", "crypto/*.cc", "crypto/*.h", "clients/*.cc", "clients/*.h"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\b(std::rand|srand|mt19937|drand48|random_device)\b", text), path)

    def test_secrets_are_compared_in_constant_time(self):  # L17
        for path in tracked("services/*.cc", "crypto/*.cc"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\bmemcmp\(", text), path)
            self.assertIsNone(re.search(r"Reveal\(\)\s*[=!]=|[=!]=\s*\w+(\.|->)Reveal\(\)", text), path)

    def test_sql_never_matches_patterns(self):  # I01
        for path in tracked("services/*.cc", "services/*.h", "services/*.sql"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\b(I?LIKE|GLOB|REGEXP|SIMILAR TO)\b", text), path)

    def test_tests_do_not_sleep(self):
        for path in tracked("tests/*.cc", "tests/*.h"):
            if "engines" in path.parts:  # they wait for another process to come up: no time of ours to inject
                continue
            self.assertIsNone(re.search(r"sleep_for|sleep_until|\busleep\(|GTEST_SKIP|DISABLED_", path.read_text()), path)


if __name__ == "__main__":
    unittest.main()
