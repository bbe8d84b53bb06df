# SPDX-License-Identifier: MIT
"""Sniffing with common clients. None of them is configured for a proxy. The
fixture proxy must be asked for the name."""

import shutil
import ssl
import subprocess

import pytest

from lab import ORIGIN_ADDRESS
from origin import http_page
from waiting import PATIENCE

NAME = "site.test"
PAGE = b"a page that came all the way\n"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate for NAME."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-days", "2", "-keyout", path, "-out", path],
        check=True, capture_output=True,
    )
    return path


@pytest.fixture
def site(lab, proxy, handyproxy):
    """NAME is known to the client and to the proxy; names are sniffed."""
    lab.set_hosts({NAME: [ORIGIN_ADDRESS]})
    return handyproxy("-sniff-timeout", "1h")


@pytest.fixture
def http_port(site, start_origin):
    return start_origin(http_page(PAGE)).port


@pytest.fixture
def https_port(site, certificate, start_origin):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    page = http_page(PAGE)

    def serve(peer) -> bytes:
        peer.socket = context.wrap_socket(peer.socket, server_side=True)
        request = page(peer)
        # Some clients regard an end without close_notify as an attack.
        peer.socket.unwrap()
        return request

    return start_origin(serve).port


@pytest.fixture
def run_client(lab):
    """run_client(COMMAND...): what it prints, in the client's namespace."""

    def run(*command: str, text: bytes | None = None) -> bytes:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        with lab.client:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
        output, complaint = process.communicate(text, PATIENCE)
        assert process.returncode == 0, complaint.decode()
        return output

    return run


def test_curl_http(run_client, http_port, proxy):
    assert run_client("curl", "-sS", f"http://{NAME}:{http_port}/") == PAGE
    assert proxy.request().target == f"{NAME}:{http_port}"


def test_curl_https(run_client, https_port, certificate, proxy):
    url = f"https://{NAME}:{https_port}/"
    assert run_client("curl", "-sS", "--cacert", str(certificate), url) == PAGE
    assert proxy.request().target == f"{NAME}:{https_port}"


def test_wget_http(run_client, http_port, proxy):
    assert run_client("wget", "-qO-", f"http://{NAME}:{http_port}/") == PAGE
    assert proxy.request().target == f"{NAME}:{http_port}"


def test_wget_https(run_client, https_port, certificate, proxy):
    url = f"https://{NAME}:{https_port}/"
    option = f"--ca-certificate={certificate}"
    assert run_client("wget", "-qO-", option, url) == PAGE
    assert proxy.request().target == f"{NAME}:{https_port}"


REQUEST = f"GET / HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode()


def test_openssl_s_client(run_client, https_port, certificate, proxy):
    output = run_client(
        "openssl", "s_client", "-quiet", "-CAfile", str(certificate),
        "-servername", NAME, "-connect", f"{ORIGIN_ADDRESS}:{https_port}",
        text=REQUEST,
    )
    assert output.endswith(PAGE)
    assert proxy.request().target == f"{NAME}:{https_port}"


def test_gnutls_cli(run_client, https_port, certificate, proxy):
    output = run_client(
        "gnutls-cli", "--logfile=/dev/null", f"--x509cafile={certificate}",
        f"--port={https_port}", NAME, text=REQUEST,
    )
    assert PAGE in output
    assert proxy.request().target == f"{NAME}:{https_port}"


def test_python_https(run_client, https_port, certificate, proxy):
    program = f"""if True:
        import ssl, urllib.request
        context = ssl.create_default_context(cafile={str(certificate)!r})
        url = "https://{NAME}:{https_port}/"
        page = urllib.request.urlopen(url, context=context)
        print(page.read().decode(), end="")
    """
    assert run_client("python3", "-c", program) == PAGE
    assert proxy.request().target == f"{NAME}:{https_port}"


def test_node_https(run_client, https_port, certificate, proxy):
    program = f"""
        const ca = require("fs").readFileSync({str(certificate)!r});
        require("https").get("https://{NAME}:{https_port}/", {{ ca }},
            (page) => page.pipe(process.stdout));
    """
    assert run_client("node", "-e", program) == PAGE
    assert proxy.request().target == f"{NAME}:{https_port}"


def test_node_http(run_client, http_port, proxy):
    program = f"""
        require("http").get("http://{NAME}:{http_port}/",
            (page) => page.pipe(process.stdout));
    """
    assert run_client("node", "-e", program) == PAGE
    assert proxy.request().target == f"{NAME}:{http_port}"


def test_curl_without_sniffing_asks_for_the_address(
    lab, handyproxy, start_origin, run_client, proxy
):
    lab.set_hosts({NAME: [ORIGIN_ADDRESS]})
    handyproxy()
    port = start_origin(http_page(PAGE)).port
    assert run_client("curl", "-sS", f"http://{NAME}:{port}/") == PAGE
    assert proxy.request().target == f"{ORIGIN_ADDRESS}:{port}"
