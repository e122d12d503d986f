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
importlib.import_module(sys.argv[2])
sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[3:]) else 1)
