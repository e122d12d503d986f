#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of this folder against the built program. TAP.

usage: run.py PROGRAM FILE [CASE...]"""
import importlib
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
import harness  # noqa: E402  (it stands in the folder above)

if len(sys.argv) < 3:
  sys.exit(__doc__)
importlib.import_module(sys.argv[2])
sys.exit(0 if harness.run_cases(os.path.abspath(sys.argv[1]), sys.argv[3:]) else 1)
