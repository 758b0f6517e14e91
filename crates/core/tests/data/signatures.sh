#!/bin/bash
# Makes signatures.jsonl, the vectors of tests/signatures.rs: fresh keys by the openssl command line (3.0),
# one signature each over the message "countersign". Keys are thrown away. Takes a minute.
set -eu
out=$(cd "$(dirname "$0")" && pwd)/signatures.jsonl
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
printf countersign >message
: >"$out"
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# vector NAME SCHEME DIGEST: signs with key.pem, options of pkeyutl or dgst in "$@"
vector() {
  local name=$1 scheme=$2 digest=$3; shift 3
  openssl pkey -in key.pem -pubout -outform DER -out spki.der
  if [ "$digest" = none ]; then
    openssl pkeyutl -sign -inkey key.pem -rawin -in message -out signature
  else
    openssl dgst "-$digest" "$@" -sign key.pem -out signature message
  fi
  printf '{"name":"%s","scheme":"%s","digest":"%s","spki":"%s","signature":"%s"}\n' \
    "$name" "$scheme" "$digest" "$(hex spki.der)" "$(hex signature)" >>"$out"
}
rsa() { openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$1" -pkeyopt "rsa_keygen_pubexp:$2" -out key.pem; }
ec() { openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:$1" -out key.pem; }
dsa() {
  openssl genpkey -quiet -genparam -algorithm DSA -pkeyopt "dsa_paramgen_bits:$1" -pkeyopt "dsa_paramgen_q_bits:$2" -out param.pem
  openssl genpkey -quiet -paramfile param.pem -out key.pem
}
pss="-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"
rsa 2048 65537
for digest in md5 sha1 sha256 sha384 sha512; do vector "rsa-2048-$digest" rsa-pkcs1 $digest; done
for digest in sha256 sha384 sha512; do vector "rsa-2048-pss-$digest" rsa-pss $digest $pss; done
rsa 1024 65537; for digest in md5 sha1 sha256 sha384; do vector "rsa-1024-$digest" rsa-pkcs1 $digest; done
rsa 512 65537; for digest in md5 sha1 sha256; do vector "rsa-512-$digest" rsa-pkcs1 $digest; done
rsa 768 3; vector rsa-768-e3-sha1 rsa-pkcs1 sha1
rsa 1031 65537; vector rsa-1031-sha384 rsa-pkcs1 sha384
rsa 2048 1099511627791; vector rsa-2048-e41bits-sha256 rsa-pkcs1 sha256
rsa 9216 65537; vector rsa-9216-sha256 rsa-pkcs1 sha256
ec P-256; for digest in sha1 sha256 sha512; do vector "p256-$digest" ecdsa $digest; done
ec P-384; for digest in sha256 sha384; do vector "p384-$digest" ecdsa $digest; done
ec P-521; for digest in sha1 sha512; do vector "p521-$digest" ecdsa $digest; done
ec secp256k1; vector secp256k1-sha256 ecdsa sha256
openssl genpkey -quiet -algorithm ED25519 -out key.pem 2>/dev/null || openssl genpkey -algorithm ED25519 -out key.pem
vector ed25519 ed25519 none
dsa 1024 160; for digest in sha1 sha256; do vector "dsa-1024-160-$digest" dsa $digest; done
dsa 2048 224; vector dsa-2048-224-sha256 dsa sha256
dsa 2048 256; vector dsa-2048-256-sha256 dsa sha256
dsa 3072 256; vector dsa-3072-256-sha256 dsa sha256
