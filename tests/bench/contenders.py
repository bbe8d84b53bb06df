# SPDX-License-Identifier: MIT
"""The programs that are measured, and how each is configured to relay to an
upstream."""

import os
import shutil
import subprocess

import lab

# Tasks: tunnels, plain HTTP requests, and requests beside busy tunnels.
CONNECT, RELAY, RELAY_BESIDE = "connect", "relay", "relay beside tunnels"
MOST_TUNNELS = 9900  # two descriptors each fit into RLIMIT_NOFILE of 20,000


def find(name):
    """The path of a program, also where PATH lacks the sbin folders."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    return shutil.which(name, path=path)


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return (done.stdout.splitlines() or ["?"])[0].strip()


def can_become_nobody():
    """Whether the user nobody exists: not in a user namespace that maps only root."""
    with open("/proc/self/uid_map") as file:
        return any(int(line.split()[2]) > 65534 for line in file)


def takes_part(contender, work):
    if work.ours_only:
        return contender.is_ours
    return work.task in contender.tasks


class Direct:
    """No relay: the limit set by the machine and the two ends."""
    name = "direct"
    tasks = (CONNECT, RELAY, RELAY_BESIDE)
    relays = False
    sends_connect = False
    is_ours = False
    version = "client to upstream, no relay"


class Handyproxy:
    """HandyProxy with its upstream's name, so that it also has a resolver."""
    tasks = (CONNECT, RELAY, RELAY_BESIDE)
    relays = True
    sends_connect = True
    is_ours = True

    def __init__(self, name, path):
        self.name = name
        self.path = os.path.abspath(path)
        self.version = first_line(self.path, "-version")

    def command(self, session, address, port):
        lab.name_upstream(session.bench.directory, address)
        command = [self.path, "-local-port", str(lab.PORT),
                   "-upstream-proxy", f"{lab.UPSTREAM_NAME}:{port}",
                   "-workers", str(session.workers), "-log-to", "stderr"]
        if session.task != CONNECT:
            command += ["-http-relay-ports", "80"]
        if session.sniff:
            command += ["-sniff-timeout", "1s"]
        if session.info_log:
            command += ["-log-level", "info"]
        return command + session.options(port)

    def processes(self, workers):
        return workers + 2  # the master and the resolver


class Peer:
    """A program of one process that sends no CONNECT, unless it says so."""
    relays = True
    sends_connect = False
    is_ours = False

    def processes(self, workers):
        return 1


class Redsocks(Peer):
    """Its http-relay does not splice."""
    sends_connect = True

    def __init__(self, path, splice):
        self.name = "redsocks, splice" if splice else "redsocks"
        self.path = path
        self.tasks = (CONNECT,) if splice else (CONNECT, RELAY)
        self.splice = "true" if splice else "false"
        self.version = first_line(path, "-v")

    def command(self, session, address, port):
        user = "user = nobody; group = nogroup;" if can_become_nobody() else ""
        path = os.path.join(session.bench.directory, "redsocks.conf")
        with open(path, "w") as file:
            file.write(f"""
base {{
    log_debug = off; log_info = off; log = stderr; daemon = off;
    redirector = iptables; {user}
    rlimit_nofile = {2 * MOST_TUNNELS + 200};
    redsocks_conn_max = {MOST_TUNNELS};
}}
redsocks {{
    local_ip = 0.0.0.0; local_port = {lab.PORT}; listenq = 4096;
    ip = {address}; port = {port}; type = http-{session.task};
    splice = {self.splice};
}}
""")
        return [self.path, "-c", path]


class Haproxy(Peer):
    """Of tunnels a plain relay: it sends no CONNECT, so it does less than the
    others. Of requests it does the same work: it rewrites the head, and serves
    one request a connection."""
    tasks = (CONNECT, RELAY, RELAY_BESIDE)
    name = "HAProxy"

    def __init__(self, path):
        self.path = path
        self.version = first_line(path, "-v")

    # Keeps a server's connection from a second request, of another client too.
    REWRITE = """
    mode http
    option httpclose
    http-reuse never
    http-request set-uri http://%[req.hdr(host)]%[pathq]
"""
    # dst_port is the original destination's, as by SO_ORIGINAL_DST.
    CHOICE = """
    option httpclose
    tcp-request content switch-mode http if { dst_port 80 }
    use_backend requests if { dst_port 80 }
    default_backend tunnels
"""

    def proxies(self, task, server):
        """The sections of the configuration that are for the task."""
        bind = f"bind 0.0.0.0:{lab.PORT}"
        if task == CONNECT:
            return f"listen relay\n    {bind}\n{server}"
        if task == RELAY:
            return f"listen relay\n    {bind}{self.REWRITE}{server}"
        return (f"frontend relay\n    {bind}{self.CHOICE}"
                f"backend requests{self.REWRITE}{server}"
                f"backend tunnels\n{server}")

    def command(self, session, address, port):
        user = "user nobody" if can_become_nobody() else ""
        server = f"    server upstream {address}:{port}\n"
        path = os.path.join(session.bench.directory, "haproxy.cfg")
        with open(path, "w") as file:
            file.write(f"""
global
    nbthread 2
    maxconn {MOST_TUNNELS}
    {user}
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
{self.proxies(session.task, server)}
""")
        return [self.path, "-db", "-f", path]


class Tinyproxy(Peer):
    """For requests alone: it cannot be a transparent proxy of tunnels."""
    name = "tinyproxy"
    tasks = (RELAY,)

    def __init__(self, path):
        self.path = path
        self.version = first_line(path, "-v")

    def command(self, session, address, port):
        user = "User nobody" if can_become_nobody() else ""
        path = os.path.join(session.bench.directory, "tinyproxy.conf")
        with open(path, "w") as file:
            file.write(f"""
{user}
Port {lab.PORT}
LogLevel Critical
MaxClients 200
Timeout 60
upstream http {address}:{port}
""")
        return [self.path, "-d", "-c", path]


def gather(handyproxy, baseline):
    """All that are installed, in the order of the table, and the names of
    those that are not."""
    found = [Direct()]
    absent = []
    if os.access(handyproxy, os.X_OK):
        found.append(Handyproxy("ours", handyproxy))
    else:
        absent.append(f"ours ({handyproxy})")
    if baseline is not None:
        found.append(Handyproxy("baseline", baseline))
    if find("redsocks"):
        found.append(Redsocks(find("redsocks"), splice=False))
        found.append(Redsocks(find("redsocks"), splice=True))
    else:
        absent.append("redsocks")
    if find("haproxy"):
        found.append(Haproxy(find("haproxy")))
    else:
        absent.append("HAProxy")
    if find("tinyproxy"):
        found.append(Tinyproxy(find("tinyproxy")))
    else:
        absent.append("tinyproxy")
    return found, absent
