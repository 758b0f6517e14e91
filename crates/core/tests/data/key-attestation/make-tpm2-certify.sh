#!/bin/bash
# Makes tpm2-certify.json, tpm2-certify-root.pem and tpm2-certify-key.der: a real TPM2_Certify by a software TPM
# (swtpm 0.7.1, tpm2-tools 5.4, Debian 12), with an attestation key certified by a throw-away CA.
set -euo pipefail
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'kill "$(cat "$work/pid")" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
mkdir state
swtpm socket --tpm2 --tpmstate dir="$work/state" --server type=tcp,port=23210 --ctrl type=tcp,port=23211 \
  --flags not-need-init,startup-clear --pid file="$work/pid" --daemon
export TPM2TOOLS_TCTI=swtpm:port=23210
# Without a resource manager the TPM has room for three objects.
flush() { tpm2_flushcontext -t; }
tpm2_createek -Q -c ek.ctx -G rsa -u ek.pub
flush
tpm2_createak -Q -C ek.ctx -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pub -f pem
flush
tpm2_createprimary -Q -C o -c primary.ctx -G ecc
flush
# The signer's key: made in the TPM, and one that was imported for comparison.
tpm2_create -Q -C primary.ctx -G ecc256:ecdsa-sha256 -u key.pub -r key.priv \
  -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign'
flush
tpm2_load -Q -C primary.ctx -u key.pub -r key.priv -c key.ctx
flush
openssl ecparam -name prime256v1 -genkey -noout -out imported.pem
tpm2_import -Q -C primary.ctx -G ecc -i imported.pem -u imported.pub -r imported.priv
flush
tpm2_load -Q -C primary.ctx -u imported.pub -r imported.priv -c imported.ctx
flush
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out root.pem -days 7300 \
  -subj '/CN=Throw-away TPM CA' -addext basicConstraints=critical,CA:TRUE 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout unused.key -subj '/CN=Attestation key' -out ak.csr 2>/dev/null
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=2.23.133.8.3\n' > ak.ext
openssl x509 -req -in ak.csr -force_pubkey ak.pub -CA root.pem -CAkey ca.key -CAcreateserial -days 7000 \
  -extfile ak.ext -out ak.pem 2>/dev/null
for name in key imported; do
  tpm2_certify -Q -c $name.ctx -C ak.ctx -g sha256 -o $name.attest -s $name.sig
  flush
  tpm2_readpublic -Q -c $name.ctx -f der -o $name.der
  flush
  python3 - $name <<'PY' > "$out/tpm2-certify-$name.json"
import base64, json, sys
name = sys.argv[1]
read = lambda path: base64.b64encode(open(path, "rb").read()).decode()
print(json.dumps({"format": "countersign/tpm2-certify/v1", "attest": read(name + ".attest"), "signature": read(name + ".sig"),
                  "public": read(name + ".pub"), "certificates": open("ak.pem").read()}, indent=1))
PY
done
cp root.pem "$out/tpm2-certify-root.pem"
cp key.der "$out/tpm2-certify-key.der"
cp imported.der "$out/tpm2-certify-imported.der"
