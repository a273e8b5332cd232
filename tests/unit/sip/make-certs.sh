#!/bin/sh
# SPDX-License-Identifier: MIT
# make-certs.sh DIR STAMP: private CAs, the certificates that the TLS tests need (NAME.pem, NAME.key, NAME-chain.pem with intermediates), CRLs.
set -eu
case $2 in /*) stamp=$2 ;; *) stamp=$PWD/$2 ;; esac
rm -rf "$1"
mkdir -p "$1"
cd "$1"
KEY=ec MD=sha256
request() { # NAME SUBJECT
  case $KEY in ec) set -- "$1" "$2" ec -pkeyopt ec_paramgen_curve:P-256 ;; *) set -- "$1" "$2" "$KEY" ;; esac
  name=$1 subject=$2; shift 2
  openssl req -newkey "$@" -nodes -subj "$subject" -keyout "$name.key" -out "$name.csr" 2>/dev/null
}
sign() { # NAME CA DAYS, extensions on standard input
  cat > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" "-$MD" -extfile "$1.ext" \
    -out "$1.pem" 2>/dev/null
}
ca() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$1" -keyout "$1.key" \
    -out "$1.pem" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
}
intermediate() { # NAME CA
  request "$1" "/CN=$1"
  printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' |
    sign "$1" "$2" 3650
}
leaf() { # NAME CA DAYS EKU [SAN]
  request "$1" "/CN=$1.contoso.example"
  { echo "basicConstraints=CA:FALSE"
    [ -z "$4" ] || echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"; } | sign "$1" "$2" "$3"
}
# crl CA NAME "REVOKED ..." [LAST-UPDATE NEXT-UPDATE]
crl() {
  mkdir -p "$2.db"; : > "$2.db/index"
  printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s.db/index\ncertificate=%s.pem\nprivate_key=%s.key\ndefault_md=sha256\nunique_subject=no\n' \
    "$2" "$1" "$1" > "$2.db/cnf"
  for gone in $3; do openssl ca -config "$2.db/cnf" -revoke "$gone.pem" -crl_reason keyCompromise 2>/dev/null; done
  if [ $# -gt 3 ]; then set -- "$1" "$2" "$3" -crl_lastupdate "$4" -crl_nextupdate "$5"; else set -- "$1" "$2" "$3" -crldays 3650; fi
  list=$2; shift 3
  openssl ca -config "$list.db/cnf" -gencrl "$@" -out "$list.crl" 2>/dev/null
}
ca ca
ca otherca
leaf xgw ca 3650 serverAuth DNS:xgw.contoso.example
leaf fe ca 3650 serverAuth DNS:pool01.contoso.example,DNS:fe01.contoso.example
leaf client ca 3650 clientAuth DNS:pool01.contoso.example
leaf plain ca 3650 "" DNS:pool01.contoso.example
leaf mail ca 3650 emailProtection DNS:pool01.contoso.example
leaf wrong ca 3650 serverAuth DNS:evil.example
leaf wild ca 3650 serverAuth 'DNS:*.contoso.example'
leaf pool01 ca 3650 serverAuth            # the name only in CN, no SAN
leaf fe01 ca 3650 serverAuth DNS:evil.example # a good CN does not count beside a SAN
leaf expired ca -1 serverAuth DNS:pool01.contoso.example
leaf foreign otherca 3650 serverAuth DNS:pool01.contoso.example
leaf partner otherca 3650 serverAuth DNS:edge.partner.example
# Chains: ca -> inter -> deep, and ten CAs one below the other.
intermediate inter ca
leaf deep inter 3650 serverAuth DNS:pool01.contoso.example
leaf xgwdeep inter 3650 serverAuth,clientAuth DNS:xgw.contoso.example
cat deep.pem inter.pem > deep-chain.pem
cat xgwdeep.pem inter.pem > xgwdeep-chain.pem
cat ca.pem inter.pem > both.pem
cat ca.pem otherca.pem > two.pem
above=ca; : > long-issuers.pem
for n in 1 2 3 4 5 6 7 8 9 10; do
  intermediate "long$n" "$above"; above=long$n; cat "long$n.pem" long-issuers.pem > long.tmp; mv long.tmp long-issuers.pem
done
leaf long "$above" 3650 serverAuth DNS:pool01.contoso.example
cat long.pem long-issuers.pem > long-chain.pem
# Revoked ones.
leaf gone ca 3650 serverAuth DNS:pool01.contoso.example
leaf deepgone inter 3650 serverAuth DNS:pool01.contoso.example
intermediate goneinter ca
leaf orphan goneinter 3650 serverAuth DNS:pool01.contoso.example
cat deepgone.pem inter.pem > deepgone-chain.pem
cat orphan.pem goneinter.pem > orphan-chain.pem
cat ca.pem goneinter.pem > both-gone.pem
crl ca ca "gone goneinter"
crl ca none ""
crl inter inter deepgone
crl goneinter goneinter ""
crl otherca otherca ""
crl ca old "" 20200101000000Z 20200201000000Z
cat ca.crl inter.crl goneinter.crl > all.crl
# What old sites have (lync.md 4.2).
(KEY=rsa:2048 MD=sha1; leaf sha1 ca 3650 serverAuth DNS:pool01.contoso.example)
(KEY=rsa:1024; leaf small ca 3650 serverAuth DNS:pool01.contoso.example)
(KEY=rsa:2048; leaf rsa ca 3650 serverAuth DNS:pool01.contoso.example)
# What an administrator gets wrong.
openssl pkey -in xgw.key -aes128 -passout pass:secret -out locked.key
echo "no PEM at all" > garbage.pem
: > "$stamp"
