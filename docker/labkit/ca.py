# SPDX-License-Identifier: MIT
"""A private CA by the openssl command, and every certificate of the lab, the bad ones for tests included."""
from __future__ import annotations

import subprocess
from pathlib import Path

SERVER = "serverAuth"
BOTH = "serverAuth,clientAuth"


class CertificateAuthority:
    """Lives in a directory: ca.pem, ca.key, and NAME.crt + NAME.key of what it issued. Issuing a name again replaces it."""

    def __init__(self, directory: Path, common_name: str = "Lab CA") -> None:
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate = directory / "ca.pem"
        self.key = directory / "ca.key"
        if not self.certificate.exists():
            _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-days", "3650", "-subj", f"/CN={common_name}", "-keyout", self.key, "-out", self.certificate,
                     "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name: str, dns: list[str], usage: str, days: int = 825, expired: bool = False,
              rsa: bool = False) -> tuple[Path, Path]:
        """
        Certificate and key as NAME.crt and NAME.key; the subject is the first of `dns`. `usage` is the extendedKeyUsage, "" leaves
        it away; `expired` makes one of the year 2020. No id-on-xmppAddr (RFC 6120 s13.7.1.4): ejabberd 23.01 crashes on a peer's.
        """
        certificate, key = self.directory / f"{name}.crt", self.directory / f"{name}.key"
        request, extensions = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
        algorithm = ["rsa:2048"] if rsa else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        _openssl("req", "-new", "-newkey", *algorithm, "-nodes", "-subj", f"/CN={dns[0]}", "-keyout", key,
                 "-out", request)
        names = [f"DNS:{n}" for n in dns]
        lines = ["basicConstraints=critical,CA:FALSE", "keyUsage=digitalSignature,keyEncipherment",
                 "subjectAltName=" + ",".join(names)]
        if usage:
            lines.append("extendedKeyUsage=" + usage)
        if expired:
            self._sign_with_dates(request, certificate, lines, "20200101000000Z", "20200201000000Z")
        else:
            extensions.write_text("\n".join(lines) + "\n")
            _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                     "-days", days, "-sha256", "-extfile", extensions, "-out", certificate)
        for leftover in (request, extensions):
            leftover.unlink(missing_ok=True)
        return certificate, key

    def _sign_with_dates(self, request: Path, certificate: Path, lines: list[str], start: str, end: str) -> None:
        """`openssl x509` of Debian 12 takes no dates; `openssl ca` does, and wants a database for it."""
        base = self.directory / f".{certificate.stem}"
        base.mkdir(exist_ok=True)
        (base / "index").write_text("")
        (base / "serial").write_text("7000\n")
        settings = base / "ca.cnf"
        settings.write_text(
            "[ca]\ndefault_ca=lab\n[lab]\n"
            f"database={base}/index\nserial={base}/serial\nnew_certs_dir={base}\ncertificate={self.certificate}\n"
            f"private_key={self.key}\ndefault_md=sha256\npolicy=any\nunique_subject=no\nx509_extensions=ext\n"
            "[any]\ncommonName=supplied\n[ext]\n" + "\n".join(lines) + "\n")
        _openssl("ca", "-batch", "-notext", "-config", settings, "-startdate", start, "-enddate", end, "-in", request,
                 "-out", certificate)


    def subordinate(self, directory: Path, common_name: str) -> "CertificateAuthority":
        """An intermediate CA below this one; what it issues needs its ca.pem beside it."""
        directory.mkdir(parents=True, exist_ok=True)
        request, extensions = directory / "ca.csr", directory / "ca.ext"
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common_name}",
                 "-keyout", directory / "ca.key", "-out", request)
        extensions.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", 3650,
                 "-sha256", "-extfile", extensions, "-out", directory / "ca.pem")
        return CertificateAuthority(directory)

    def revocations(self, *revoked: Path) -> str:
        """A CRL of today with these certificates in it, PEM."""
        base = self.directory / ".crl"
        base.mkdir(exist_ok=True)
        (base / "index").write_text("")
        settings = base / "ca.cnf"
        settings.write_text(f"[ca]\ndefault_ca=lab\n[lab]\ndatabase={base}/index\ncertificate={self.certificate}\n"
                            f"private_key={self.key}\ndefault_md=sha256\nunique_subject=no\n")
        for certificate in revoked:
            _openssl("ca", "-config", settings, "-revoke", certificate)
        _openssl("ca", "-config", settings, "-gencrl", "-crldays", 30, "-out", base / "list")
        return (base / "list").read_text()


def bundle(certificate: Path, key: Path, target: Path) -> Path:
    """Certificate and key in one file, the way ejabberd wants them."""
    target.write_text(certificate.read_text() + key.read_text())
    target.chmod(0o600)
    return target


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]} failed: {done.stderr.strip()[-400:]}")
