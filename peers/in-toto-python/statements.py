#!/usr/bin/env python3
"""Reads questions (one JSON object per line) and writes, in order, whether a signed statement is what is expected.

Signatures by securesystemslib, statements and their predicates by the in-toto-attestation package, both of the
in-toto project; then the steps of SLSA v1.2, "How to verify", as the specification has them. A question has
`envelope`, `key` (PEM), `sha256` of the artifact, `verifier`, `resource` and `level` (or null); an answer is
{"accepted": bool, "error": text}.
"""
import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

VSA = "https://slsa.dev/verification_summary/v1"
SVR = "https://in-toto.io/attestation/svr/v0.2"


def expect(what, expected, found):
    if expected != found:
        raise ValueError(f"{what}: expected {expected!r}, found {found!r}")


def statement(question):
    envelope = Envelope.from_dict(json.loads(question["envelope"]))
    (keyid,) = envelope.signatures
    key = SSlibKey.from_crypto(load_pem_public_key(question["key"].encode()), keyid=keyid)
    envelope.verify([key], 1)
    expect("payload type", "application/vnd.in-toto+json", envelope.payload_type)
    parsed = Statement.copy_from_pb(json_format.Parse(envelope.payload, statement_pb2.Statement()))
    parsed.validate()
    return json.loads(envelope.payload)


def members(predicate):
    """The predicate without extensions, whose names are URIs; whatever else is not known is an error."""
    return {name: value for name, value in predicate.items() if "://" not in name}


def descriptor(document, needs):
    parsed = ResourceDescriptor.copy_from_pb(json_format.ParseDict(document, ResourceDescriptor().pb))
    parsed.validate()
    for need in needs:
        if not getattr(parsed.pb, need):
            raise ValueError(f"a resource descriptor without {need}")


def summary(predicate, question):
    document = members(predicate)
    # The package's schema is of SLSA 1.0: a version of the verifier came with 1.1, names of descriptors with in-toto v1.
    descriptor(document["policy"], ["uri", "digest"])
    for attestation in document.get("inputAttestations", []):
        descriptor(attestation, ["digest"])
    pick = lambda value, names: {name: value[name] for name in names if name in value}
    # It holds `verifiedLevels` for one text, where the specification has a list.
    levels = document.pop("verifiedLevels")
    if not all(isinstance(level, str) for level in levels):
        raise ValueError("verifiedLevels is no list of texts")
    old = dict(document, verifier=pick(document["verifier"], ["id"]), policy=pick(document["policy"], ["uri", "digest"]))
    old["inputAttestations"] = [pick(one, ["uri", "digest"]) for one in document.get("inputAttestations", [])]
    json_format.ParseDict(old, vsa_pb2.VerificationSummary())
    expect("verifier", question["verifier"], document["verifier"]["id"])
    expect("resource", question["resource"], document["resourceUri"])
    expect("result", "PASSED", document["verificationResult"])
    return levels


def result(predicate, question):
    document = members(predicate)
    expect("members", ["properties", "timeCreated", "verifier"], sorted(document))
    expect("verifier", question["verifier"], document["verifier"]["id"])
    for policy in document["verifier"]["policies"]:
        descriptor(policy, ["uri", "digest"])
    return document["properties"]


def verify(question):
    document = statement(question)
    if question["sha256"] not in [subject["digest"].get("sha256") for subject in document["subject"]]:
        raise ValueError("another subject")
    read = {VSA: summary, SVR: result}[document["predicateType"]]
    levels = read(document["predicate"], question)
    tracks = [level.split("_LEVEL_")[0] for level in levels if level.startswith("SLSA_")]
    if len(tracks) != len(set(tracks)):
        raise ValueError(f"two levels of one track: {levels}")
    if question["level"] and question["level"] not in levels:
        raise ValueError(f"{question['level']} is not in {levels}")


for line in sys.stdin:
    try:
        verify(json.loads(line))
        print(json.dumps({"accepted": True, "error": ""}))
    except Exception as error:
        print(json.dumps({"accepted": False, "error": f"{type(error).__name__}: {error}"}))
