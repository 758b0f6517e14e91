#!/usr/bin/env python3
"""Reads questions (one JSON object per line) and writes, in order, what in-toto answers about a layout.

A question has `layout`, `keys` (files), `links` (files), `at` (RFC 3339), `sha256` of the artifact, and perhaps
`repeat`; an answer is {"accepted": bool, "error": text, "seconds": median of the repetitions}. What is timed is what
`in-toto-verify` does in its process: reading layout, keys and links from disk, and `in_toto_verify`.

The commands of inspections are not run, and their rules are left out: that is how far the two can be compared.
"""
import datetime
import json
import logging
import os
import shutil
import statistics
import sys
import tempfile
import time

import iso8601
from in_toto import verifylib
from in_toto.exceptions import LayoutExpiredError
from in_toto.models._signer import load_public_key_from_file
from in_toto.models.metadata import Metadata

NOW = datetime.datetime.now(datetime.timezone.utc)


def not_expired(layout):
    if iso8601.parse_date(layout.expires) <= NOW:
        raise LayoutExpiredError("Layout expired")


def no_inspections(layout, *_):
    layout.inspect = []
    return {}


verifylib.verify_layout_expiration = not_expired
verifylib.run_all_inspections = no_inspections


def verify(question, links):
    keys = [load_public_key_from_file(path) for path in question["keys"]]
    layout = Metadata.load(question["layout"])
    return verifylib.in_toto_verify(layout, {key["keyid"]: key for key in keys}, link_dir_path=links)


def answer(question):
    global NOW
    NOW = iso8601.parse_date(question["at"])
    with tempfile.TemporaryDirectory() as links:
        for path in question["links"]:
            shutil.copy(path, os.path.join(links, os.path.basename(path)))
        error, times = None, []
        for _ in range(question.get("repeat") or 1):
            begin = time.perf_counter()
            try:
                error, summary = None, verify(question, links)
            except Exception as problem:
                error = f"{type(problem).__name__}: {problem}"
            times.append(time.perf_counter() - begin)
    if error is None and question["sha256"] not in [made.get("sha256") for made in summary.products.values()]:
        error = "the artifact is no product of the last step"
    return {"accepted": error is None, "error": error, "seconds": statistics.median(times)}


logging.disable(logging.CRITICAL)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
