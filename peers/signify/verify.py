#!/usr/bin/env python3
"""Reads the cases of the code-signing limbo (one JSON object per line) and writes what signify answers, in order.

An answer is {"accepts": bool, "detail": text}. `countersignature_mode="permit"`: a timestamp that does not hold counts
for nothing, as the suite says.
"""
import base64
import datetime
import io
import json
import re
import sys

# oscrypto 1.3.0 knows no OpenSSL of which the last number of the version has two digits (oscrypto#75).
_search = re.search
re.search = lambda pattern, text, flags=0: _search(
    pattern.replace(r"\d\.\d\.\d[a-z]*", r"\d\.\d\.\d+[a-z]*") if isinstance(pattern, str) else pattern, text, flags
)
import asn1crypto.crl
import asn1crypto.pem
from signify.authenticode.signed_file.pe import SignedPEFile
from signify.pkcs7 import SignedData
from signify.x509 import Certificate, CertificateStore

# Lists are demanded of the publisher's path alone: the cases bring none of timestamping authorities.
_countersigner_context = SignedData._create_countersigner_verification_context


def _without_lists(self, **terms):
    terms.pop("revocation_mode", None)
    return _countersigner_context(self, **terms)


SignedData._create_countersigner_verification_context = _without_lists


def der(text):
    return asn1crypto.pem.unarmor(text.encode())[2]


def verify(case):
    roots = CertificateStore([Certificate.from_der(der(text)) for text in case["trusted_certs"]], trusted=True)
    at = datetime.datetime.fromisoformat(case["validation_time"].replace("Z", "+00:00"))
    terms = {"timestamp": at}
    if case["crls"]:
        terms["crls"] = [asn1crypto.crl.CertificateList.load(der(text)) for text in case["crls"]]
        terms["revocation_mode"] = "require"
    image = SignedPEFile(io.BytesIO(base64.b64decode(case["code_signing"]["artifact"])))
    image.verify(
        trusted_certificate_store=roots,
        verification_context_kwargs=terms,
        countersignature_mode="permit",
    )


def answer(case):
    try:
        verify(case)
        return {"accepts": True, "detail": ""}
    except Exception as error:
        return {"accepts": False, "detail": f"{type(error).__name__}: {error}".splitlines()[0]}


def main():
    # What the libraries print is no answer.
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
