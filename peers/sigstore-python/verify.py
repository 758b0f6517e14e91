#!/usr/bin/env python3
"""Reads questions (one JSON object per line) and writes what sigstore-python answers, in the same order.

The questions are those of ../sigstore-rust; with `repeat`, each is answered so often, and the median time is told. The public-good root of the package is used, offline, where a
question names none.
"""
import hashlib
import importlib.resources
import json
import statistics
import sys
import time

from sigstore.hashes import Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
from sigstore_models.common.v1 import HashAlgorithm

VERIFIERS = {}


def verifier(path):
    if path not in VERIFIERS:
        root = path or str(importlib.resources.files("sigstore._store") / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev" / "trusted_root.json")
        VERIFIERS[path] = Verifier(trusted_root=TrustedRoot.from_file(root))
    return VERIFIERS[path]


def answer(question):
    if question.get("key"):
        raise NotImplementedError("keys are not supported")
    bundle = Bundle.from_json(question["bundle"])
    trusted = verifier(question.get("trusted_root"))
    data = open(question["artifact"], "rb").read() if question.get("artifact") else None
    if bundle._dsse_envelope is None:
        if data is None:
            name, value = question["digest"].split(":")
            data = Hashed(algorithm=HashAlgorithm("SHA2_" + name[3:]), digest=bytes.fromhex(value))
        trusted.verify_artifact(data, bundle, policy.UnsafeNoOp())
        return
    _, payload = trusted.verify_dsse(bundle, policy.UnsafeNoOp())
    digests = [subject.get("digest", {}) for subject in json.loads(payload)["subject"]]
    if data is None:
        name, value = question["digest"].split(":")
        found = any(digest.get(name) == value for digest in digests)
    else:
        found = any(digest.get(name) == hashlib.new(name, data).hexdigest() for digest in digests for name in ("sha256", "sha512"))
    if not found:
        raise ValueError("the artifact is not a subject")


def main():
    import logging
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        question = json.loads(line)
        times = []
        for _ in range(question.get("repeat") or 1):
            error = None
            begin = time.perf_counter()
            try:
                answer(question)
            except Exception as problem:
                error = f"{type(problem).__name__}: {problem}"
            times.append(time.perf_counter() - begin)
        seconds = statistics.median(times)
        print(json.dumps({"accepted": error is None, "error": error, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
