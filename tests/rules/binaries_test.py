#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What runs at a bank is built hard and holds nothing that is for tests. usage: binaries_test.py FOLDER"""
import pathlib
import re
import subprocess
import sys
import unittest

PROGRAMS = ["latchkeyd", "latchkey", "latchkey-portal", "latchkey-ivr", "latchkey-branch"]
FOLDER = pathlib.Path(sys.argv.pop(1))


def output_of(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Binaries(unittest.TestCase):
    def assertFinds(self, pattern, text):
        self.assertTrue(re.search(pattern, text), f"nothing like {pattern}")

    def assertFindsNot(self, pattern, text):
        self.assertEqual(sorted({line.strip() for line in text.splitlines() if re.search(pattern, line)}), [])

    def for_each(self, check):
        for program in PROGRAMS:
            with self.subTest(program=program):
                check(str(FOLDER / program))

    def test_may_be_loaded_anywhere_and_are_linked_before_they_run(self):
        def check(path):
            self.assertIn("DYN (Position-Independent Executable file)", output_of("readelf", "-hW", path))
            self.assertFinds(r"FLAGS_1.*NOW PIE", output_of("readelf", "-dW", path))
            self.assertIn("GNU_RELRO", output_of("readelf", "-lW", path))
        self.for_each(check)

    def test_execute_no_stack_and_take_no_library_from_a_folder_of_their_own(self):
        def check(path):
            self.assertFinds(r"GNU_STACK\s.*\sRW\s", output_of("readelf", "-lW", path))
            self.assertFindsNot(r"\((RPATH|RUNPATH|TEXTREL)\)", output_of("readelf", "-dW", path))
        self.for_each(check)

    def test_guard_their_stack_and_their_buffers(self):
        def check(path):
            imported = output_of("nm", "-D", "--undefined-only", path)
            self.assertIn("__stack_chk_fail", imported)
            self.assertFinds(r"__(memcpy|memset|snprintf|read|strncpy|vsnprintf)_chk", imported)
        self.for_each(check)

    def test_can_close_their_memory(self):  # L05
        def check(path):
            imported = output_of("nm", "-D", "--undefined-only", path)
            self.assertFinds(r"\sU prctl(@|$)", imported)
            self.assertFinds(r"\sU setrlimit(64)?(@|$)", imported)
        self.for_each(check)

    def test_have_no_weak_randomness(self):  # L08
        def check(path):
            imported = output_of("nm", "-D", "--undefined-only", path)
            self.assertFindsNot(r"\sU (s?rand(om)?(_r)?|[delmn]?rand48|arc4random|uuid_generate\w*)(@|$)", imported)
            self.assertFindsNot(r"std::(mersenne_twister|linear_congruential|random_device)", output_of("nm", "-C", path))
        self.for_each(check)

    def test_hold_no_hook_for_tests_and_no_door_for_lookers(self):  # P04, C09
        def check(path):
            self.assertFindsNot(r"ForTest|\b(Fake|Mock|Manual)[A-Z]\w*", output_of("nm", "-C", path))
            self.assertFindsNot(r"NEEDED.*(reflection|channelz|gtest|gmock)", output_of("readelf", "-dW", path))
        self.for_each(check)

    def test_hold_no_code_of_their_own(self):  # C09
        # As text, or within an instruction that puts it somewhere. The zeros begin a code point as fmt escapes it.
        code = re.compile(rb"(?<![ -~])(\d{6}|\d{8}|\d{12}|\d{20})(?!\d)")
        def check(path):
            self.assertEqual(set(code.findall(pathlib.Path(path).read_bytes())) - {b"00000000"}, set())
        self.for_each(check)

    def test_do_not_name_the_machine_that_built_them(self):
        source = str(pathlib.Path(__file__).resolve().parents[2])
        def check(path):
            self.assertEqual(pathlib.Path(path).read_bytes().count(source.encode()), 0)
        self.for_each(check)


if __name__ == "__main__":
    unittest.main()
