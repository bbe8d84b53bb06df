# SPDX-License-Identifier: MIT
"""Ready connections with real proxies, which close what is silent when they
like. A client of each asks every half to twenty seconds, and none may fail. At
the end there is a line for each proxy: how many ready connections were taken,
expired, and were stale.

    tests/soak/ready --seconds 600
"""

import argparse
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "fixtures"))

# pylint: disable=wrong-import-position
from daemon import Daemon
from lab import ORIGIN_ADDRESS, PROXY_ADDRESS, Lab
from origin import Origin, echo
from waiting import wait_until

PAUSE = (0.5, 20.0)
QUESTION = b"there and back"
MODULES = "/usr/lib/apache2/modules"

APACHE = f"""
LoadModule mpm_event_module {MODULES}/mod_mpm_event.so
LoadModule authz_core_module {MODULES}/mod_authz_core.so
LoadModule reqtimeout_module {MODULES}/mod_reqtimeout.so
LoadModule proxy_module {MODULES}/mod_proxy.so
LoadModule proxy_connect_module {MODULES}/mod_proxy_connect.so
ServerName proxy.test
ServerRoot FOLDER
DefaultRuntimeDir FOLDER
PidFile FOLDER/apache.pid
Listen ADDRESS:PORT
ErrorLog FOLDER/error.log
User #65534
Group #65534
ProxyRequests On
AllowCONNECT ORIGIN
RequestReadTimeout header=20-40,MinRate=500 body=20,MinRate=500
"""

SQUID = """
http_port ADDRESS:PORT
http_access allow all
access_log none
cache_log FOLDER/cache.log
cache deny all
pid_filename none
coredump_dir FOLDER
shutdown_lifetime 0 seconds
"""

TINYPROXY = """
Listen ADDRESS
Port PORT
LogFile "FOLDER/tinyproxy.log"
Timeout 600
MaxClients 100
"""

PRIVOXY = """
listen-address ADDRESS:PORT
toggle 0
"""


@dataclass
class Proxy:
    name: str
    command: list[str]
    text: str
    options: tuple[str, ...] = ()
    daemon: Daemon | None = None
    requests: int = 0
    failures: list[str] = field(default_factory=list)


# The last one keeps its connections longer than apache does.
PROXIES = (
    Proxy("squid", ["squid", "-N", "-f"], SQUID),
    Proxy("tinyproxy", ["tinyproxy", "-d", "-c"], TINYPROXY),
    Proxy("privoxy", ["privoxy", "--no-daemon"], PRIVOXY),
    Proxy("apache", ["apache2", "-D", "FOREGROUND", "-f"], APACHE),
    Proxy("apache, 2m", ["apache2", "-D", "FOREGROUND", "-f"], APACHE,
          ("-ready-timeout", "2m")),
)


class Soak:
    def __init__(self, lab: Lab, folder: Path) -> None:
        self._lab = lab
        self._folder = folder
        self._started: list[subprocess.Popen] = []
        with lab.upstream:
            self._origin = Origin((ORIGIN_ADDRESS, 0), echo)
        self.proxies = [p for p in PROXIES if shutil.which(p.command[0])]
        for number, proxy in enumerate(self.proxies):
            self._start(proxy, 3128 + number)

    def _start(self, proxy: Proxy, port: int) -> None:
        """Each has a daemon, and its client an address, of its own."""
        folder = self._folder / str(port)
        folder.mkdir()
        folder.chmod(0o777)
        words = {"FOLDER": folder, "PORT": port, "ADDRESS": PROXY_ADDRESS,
                 "ORIGIN": self._origin.address[1]}
        text = proxy.text
        for word, value in words.items():
            text = text.replace(word, str(value))
        file = folder / "configuration"
        file.write_text(text, encoding="ascii")
        with self._lab.upstream:
            self._started.append(subprocess.Popen(
                [*proxy.command, str(file)], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))
        wait_until(lambda: self._listens(port), f"{proxy.name} listens")
        proxy.daemon = Daemon(
            self._lab, f"{PROXY_ADDRESS}:{port}",
            ("-ready-connections", "4", *proxy.options), workers=1,
        )
        client = f"10.0.0.{100 + port - 3128}"
        self._lab.client.ip(f"address add {client}/24 dev router")
        self._lab.router.run(
            "iptables", "-w", "-t", "nat", "-A", "PREROUTING", "-p", "tcp",
            "-s", client, "-j", "REDIRECT", "--to-ports",
            str(proxy.daemon.port),
        )
        threading.Thread(
            target=self._ask_on, args=(proxy, client), daemon=True
        ).start()

    def _listens(self, port: int) -> bool:
        return any(
            row["state"] == "listening" and row["local"].endswith(f":{port}")
            for row in self._lab.upstream.tcp_sockets()
        )

    def _ask_on(self, proxy: Proxy, client: str) -> None:
        while True:
            proxy.requests += 1
            try:
                self._ask(client)
            except (OSError, EOFError) as error:
                proxy.failures.append(f"{time.strftime('%X')} {error!r}")
            time.sleep(random.uniform(*PAUSE))

    def _ask(self, client: str) -> None:
        with self._lab.client:
            sock = socket.create_connection(
                self._origin.address, 60, (client, 0)
            )
        with sock:
            sock.sendall(QUESTION)
            answer = b""
            while len(answer) < len(QUESTION):
                more = sock.recv(len(QUESTION))
                if not more:
                    raise EOFError("no answer")
                answer += more

    def close(self) -> None:
        for proxy in self.proxies:
            if proxy.daemon is not None:
                proxy.daemon.stop()
        for child in self._started:
            child.kill()
            child.wait()
        self._origin.stop()

    def report(self) -> bool:
        """True if no request failed."""
        for proxy in self.proxies:
            totals = proxy.daemon.totals(are_true=False)
            print(
                f"{proxy.name}: {proxy.requests} requests, "
                f"{len(proxy.failures)} failed; "
                + ", ".join(
                    f"{totals[f'ready_{key}']} {key}"
                    for key in ("taken", "expired", "stale")
                ),
                *proxy.failures, *(w.text for w in proxy.daemon.warnings()),
                sep="\n  ", flush=True,
            )
        return not any(proxy.failures for proxy in self.proxies)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/run") as name:
        folder = Path(name)
        folder.chmod(0o755)
        lab = Lab(folder)
        soak = Soak(lab, folder)
        try:
            time.sleep(options.seconds)
            return 0 if soak.report() else 1
        finally:
            soak.close()
            lab.close()


if __name__ == "__main__":
    sys.exit(main())
