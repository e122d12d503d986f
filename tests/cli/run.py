#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs cases of this folder against the built program. TAP.

usage: run.py PROGRAM FILE [CASE...]

FILE: the name of a file here without .py; CASE: a part of the names of the cases to run."""
import importlib
import os
import sys

import harness

if len(sys.argv) < 3:
  sys.exit(__doc__)
program = os.path.abspath(sys.argv[1])
# What meson passes, where it was built beside the program: for cases that are run by hand.
for variable, name in [("SYMBOL_UPLOAD_WITHOUT", "without"), ("SYMBOL_UPLOAD_STARVED", "starved.so")]:
  built = os.path.join(os.path.dirname(program), "tests/unit", name)
  if os.path.exists(built):
    os.environ.setdefault(variable, built)
importlib.import_module(sys.argv[2])
sys.exit(0 if harness.run_cases(program, sys.argv[3:]) else 1)
