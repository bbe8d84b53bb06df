# SPDX-License-Identifier: MIT
"""Three hosts in a row, each a network namespace: client, router, upstream.

The router redirects the client's connections to REDIRECTED to the contender
that listens there. The upstream answers at every address of UPSTREAM, to which
the router also forwards.

Each measurement uses a fresh address of all three: connections in TIME_WAIT
never meet those of a later measurement. The destination's alone would not do.
REDIRECT rewrites it to the router's own address, with which an earlier
connection from the same port of the client may be in TIME_WAIT. The timestamps
of its successor can be lower, as each destination has an offset of its own. The
router then refuses its SYN, and the client waits a second."""

import itertools
import os
import subprocess

PORT = 8443
CLIENT = "10.1"
CLIENT6 = "fd01"
ROUTER = "10.2.0.1"  # as the upstream sees it
REDIRECTED = "198.18"
REDIRECTED6 = "2606:2800"
UPSTREAM = "198.19"
UPSTREAM_NAME = "upstream.bench.test"

SYSCTLS = {
    "client": {
        "net/ipv4/ip_local_port_range": "1024 65535",
        "net/ipv4/tcp_max_tw_buckets": "262144",
    },
    "router": {
        "net/ipv4/ip_forward": "1",
        "net/ipv4/ip_local_port_range": "1024 65535",
        "net/ipv4/tcp_max_tw_buckets": "262144",
        "net/core/somaxconn": "4096",
        "net/netfilter/nf_conntrack_tcp_timeout_time_wait": "10",
    },
    "upstream": {
        "net/core/somaxconn": "4096",
    },
}

NETWORK = """
link set lo up
netns add client
netns add router
netns add upstream
link add name router0 netns client type veth peer name client0 netns router
link add name router0 netns upstream type veth peer name upstream0 netns router
-n client address add 10.1.0.2/16 dev router0
-n client link set router0 up
-n client route add default via 10.1.0.1
-n client address add fd01::2/64 dev router0 nodad
-n client route add default via fd01::1
-n router link set lo up
-n router address add 10.1.0.1/16 dev client0
-n router address add fd01::1/64 dev client0 nodad
-n router link set client0 up
-n router address add 10.2.0.1/24 dev upstream0
-n router link set upstream0 up
-n router route add 198.19.0.0/16 via 10.2.0.2
-n upstream link set lo up
-n upstream address add 10.2.0.2/24 dev router0
-n upstream link set router0 up
-n upstream route add default via 10.2.0.1
-n upstream route add local 198.19.0.0/16 dev lo
"""


def run(*command):
    """Its output; what it says when it fails ends the benchmark."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def inside(namespace, *command):
    """The command line that runs a command on one of the three hosts."""
    return ["nsenter", f"--net=/run/netns/{namespace}", *command]


def set_sysctl(namespace, name, value):
    """Sets it if possible; returns whether the kernel accepted it. Some
    settings are not allowed in user namespaces."""
    done = subprocess.run(
        inside(namespace, "sh", "-c", 'echo "$2" >"/proc/sys/$1"',
               "sh", name, value), capture_output=True)
    return done.returncode == 0


def build(directory):
    """Makes the hosts; returns the settings made, for the report. Network
    namespaces and mounts end with the current mount namespace."""
    name_upstream(directory, "127.0.0.1")
    run("mount", "--bind", os.path.join(directory, "hosts"), "/etc/hosts")
    for line in NETWORK.strip().splitlines():
        run("ip", *line.split())
    for iptables, network in (("iptables", f"{REDIRECTED}.0.0/16"),
                              ("ip6tables", f"{REDIRECTED6}::/32")):
        run(*inside("router", iptables, "-t", "nat", "-A", "PREROUTING",
                    "-i", "client0", "-p", "tcp", "-d", network,
                    "-j", "REDIRECT", "--to-ports", str(PORT)))
    made = {}
    for namespace, settings in SYSCTLS.items():
        for name, value in settings.items():
            taken = set_sysctl(namespace, name, value)
            made[f"{namespace}: {name.replace('/', '.')}"] = (
                value if taken else "not permitted here")
    return made


def name_upstream(directory, address):
    """Sets the address of UPSTREAM_NAME from now on."""
    with open(os.path.join(directory, "hosts"), "w") as file:
        file.write(f"127.0.0.1 localhost\n{address} {UPSTREAM_NAME}\n")


_numbers = itertools.count(1)


def fresh_addresses(ipv6):
    """A client, a redirected destination and an upstream that have not been used
    before. The client's connections begin at its address from now on."""
    number = next(_numbers)
    host = f"{number // 250 + 1}.{number % 250 + 1}"
    if ipv6:
        client, prefix, router = f"{CLIENT6}::1:{number:x}", 64, f"{CLIENT6}::1"
        destination = f"{REDIRECTED6}::{number:x}"
    else:
        client, prefix, router = f"{CLIENT}.{host}", 16, f"{CLIENT}.0.1"
        destination = f"{REDIRECTED}.{host}"
    run("ip", "-n", "client", "address", "add", f"{client}/{prefix}",
        "dev", "router0", *(["nodad"] if ipv6 else []))
    run("ip", "-n", "client", "route", "replace", "default", "via", router,
        "src", client)
    return client, destination, f"{UPSTREAM}.{host}"
