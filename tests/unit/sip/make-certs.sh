#!/bin/sh
# SPDX-License-Identifier: MIT
# make-certs.sh DIR: a private CA and the certificates that the transport tests need, as NAME.pem and NAME.key.
set -eu
cd "$1"
ca() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.pem" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
}
leaf() { # NAME CA DAYS EKU [SAN]
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1.contoso.example" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  { echo "basicConstraints=CA:FALSE"
    [ -z "$4" ] || echo "extendedKeyUsage=$4"
    [ -z "${5:-}" ] || echo "subjectAltName=$5"; } > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile "$1.ext" \
    -out "$1.pem" 2>/dev/null
}
ca ca
ca otherca
leaf xgw ca 30 serverAuth DNS:xgw.contoso.example
leaf fe ca 30 serverAuth DNS:pool01.contoso.example,DNS:fe01.contoso.example
leaf client ca 30 clientAuth DNS:pool01.contoso.example
leaf plain ca 30 "" DNS:pool01.contoso.example
leaf mail ca 30 emailProtection DNS:pool01.contoso.example
leaf wrong ca 30 serverAuth DNS:evil.example
leaf wild ca 30 serverAuth 'DNS:*.contoso.example'
leaf pool01 ca 30 serverAuth            # the name only in CN, no SAN
leaf fe01 ca 30 serverAuth DNS:evil.example # a good CN does not count beside a SAN
leaf expired ca -1 serverAuth DNS:pool01.contoso.example
leaf foreign otherca 30 serverAuth DNS:pool01.contoso.example
