"""Matching runs as files: CSV and TOML in, pairs.csv and report.json out.

`docs/matching.md` describes every file, column and setting.
"""
