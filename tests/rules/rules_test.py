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
    "clients/common": {"services/base", "crypto/secret.h", "crypto/tls_files.h", "proto"},
    "clients/portal": {"services/base", "crypto/secret.h", "crypto/tls_files.h", "clients/common", "proto"},
    "clients/branch": {"services/base", "crypto/secret.h", "clients/common", "proto"},
    "clients/ivr": {"services/base", "crypto/secret.h", "clients/common", "proto"},
}
# The composition roots wire everything.
ROOTS = {"services/latchkeyd", "services/operator"}
# How many rows each group of the attack catalogue has.
ATTACKS = {"L": 17, "C": 9, "K": 10, "E": 6, "I": 10, "S": 10, "A": 8, "T": 7, "D": 7, "P": 8, "X": 4, "R": 4}
ATTACK_ID = re.compile(r"(?<![A-Za-z0-9])([LCKEISATDPXR](?:0[1-9]|1[0-7]))(?![A-Za-z0-9])")
TEST_NAME = re.compile(r"^(?:TEST(?:_F|_P)?|RC_GTEST(?:_FIXTURE)?_PROP)\(\s*(\w+),\s*(\w+)", re.MULTILINE)
# A function as clang-format writes it: a head at the margin, what is indented, and a brace at the margin.
FUNCTION = re.compile(r"^\w.*\n(?:(?: .*)?\n)*\}(?!;|  // namespace)", re.MULTILINE)
LONGEST_FUNCTION = 60  # lines: a screen
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


def attack_table():
    """id → (class, what holds it or why nothing does), as tests/attacks/README.md lists them."""
    rows = re.findall(r"^\| ([A-Z]\d\d) \| ([^|]+) \| ([^|]+) \|$",
                      (TOP / "tests/attacks/README.md").read_text(), re.MULTILINE)
    return [(row, what.strip(), held.strip()) for row, what, held in rows]


def attack_tests():
    """(file, name, the comment above and the name) of each test in tests/attacks."""
    for path in sorted((TOP / "tests/attacks").glob("*.cc")):
        text = path.read_text()
        for found in TEST_NAME.finditer(text):
            above = re.search(r"(?:^ *//[^\n]*\n)*\Z", text[:found.start()], re.MULTILINE).group()
            yield path, found.group(2), above + found.group(2).replace("_", " ")


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

    def test_functions_fit_a_screen(self):
        for path in tracked("services/*.cc", "services/*.h", "crypto/*.cc", "crypto/*.h", "clients/*.cc", "clients/*.h"):
            for function in FUNCTION.findall(path.read_text()):
                lines = function.count("\n") + 1
                self.assertLessEqual(lines, LONGEST_FUNCTION, f"{path}: {function.splitlines()[0]}")

    def test_programs_say_in_one_line_what_no_one_caught(self):
        ending = re.compile(r"\n} catch \(const std::exception& error\) {\n.*error\.what\(\).*\n  return (.*);\n}\n$")
        for path in tracked("services/*/main.cc", "clients/*/main.cc"):
            text = path.read_text()
            self.assertRegex(text, r"\nint main\(.*\) try {\n", path)
            found = ending.search(text)
            self.assertTrue(found, path)
            self.assertIn(found.group(1), ("1", "static_cast<int>(Exit::kCouldNotRun)"), path)

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
        for path in tracked("services/*.cc", "services/*.h", "crypto/*.cc", "crypto/*.h", "clients/*.cc", "clients/*.h"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\bmemcmp\(", text), path)
            self.assertIsNone(re.search(r"Reveal\(\)\s*[=!]=|[=!]=\s*\w+(\.|->)Reveal\(\)", text), path)

    def test_sql_never_matches_patterns(self):  # I01
        for path in tracked("services/*.cc", "services/*.h", "services/*.sql"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\b(I?LIKE|GLOB|REGEXP|SIMILAR TO)\b", text), path)

    def test_no_program_is_started(self):  # I05
        for path in tracked("services/*.cc", "crypto/*.cc", "clients/*.cc"):
            text = without_comments(path.read_text())
            self.assertIsNone(re.search(r"\b(system|popen|v?fork|exec[lv][pe]*|posix_spawnp?)\(", text), path)

    def test_every_attack_is_answered_once(self):
        listed = [row for row, _, _ in attack_table()]
        every = [f"{group}{number:02}" for group, rows in ATTACKS.items() for number in range(1, rows + 1)]
        self.assertEqual(listed, every)
        for row, _, held in attack_table():
            named = re.search(r"`[^`]+:[^`]+`", held)
            self.assertTrue(named or re.match(r"(not applicable|waits for)\b", held), f"{row}: {held}")

    def test_the_attack_table_names_tests_that_exist(self):
        for row, _, held in attack_table():
            for file, name in re.findall(r"`([^`:]+):([^`]+)`", held):
                path = TOP / "tests" / file
                self.assertTrue(path.is_file(), f"{row}: tests/{file}")
                self.assertTrue(name in path.read_text(), f"{row}: tests/{file}: {name}")

    def test_every_attack_test_names_its_row(self):
        held_by = {row: held for row, _, held in attack_table()}
        for path, name, words in attack_tests():
            rows = set(ATTACK_ID.findall(words))
            self.assertTrue(rows, f"{path}: {name} names no row of tests/attacks/README.md")
            self.assertTrue(any(f"`attacks/{path.name}:{name}`" in held_by.get(row, "") for row in rows),
                            f"{path}: {name} is not listed in any of its rows {sorted(rows)}")
        for path in tracked("tests/attacks/*.cc", "tests/attacks/*.h"):
            self.assertEqual(set(ATTACK_ID.findall(path.read_text())) - set(held_by), set(), path)

    def test_every_attack_test_says_how_it_was_seen_to_fail(self):
        for path, name, words in attack_tests():
            self.assertRegex(words, r"(?is)fails without.*\bseen\b", f"{path}: {name}")
            self.assertNotRegex(words, r"(?i)\breasoned\b", f"{path}: {name}")

    def test_tests_do_not_sleep(self):
        for path in tracked("tests/*.cc", "tests/*.h"):
            if "engines" in path.parts:  # they wait for another process to come up: no time of ours to inject
                continue
            self.assertIsNone(re.search(r"sleep_for|sleep_until|\busleep\(|GTEST_SKIP|DISABLED_", path.read_text()), path)


if __name__ == "__main__":
    unittest.main()
