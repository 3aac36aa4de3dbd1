"""Stands in for what the one-node cluster of ../shared/cluster has not: the names and the addresses of Services.

    services.py KUBECONFIG BRIDGE API-SERVER-PORT

Answers DNS on 10.96.0.10, the node's cluster DNS, and gives each Service's address to BRIDGE, with a listener for each TCP port
that passes connections on to a ready endpoint, as kube-proxy would. `kubernetes.default` is the API server on this machine. Ends
on SIGTERM and takes the addresses away again. Linux, as root.
"""

import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

KUBECONFIG, BRIDGE, API_PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
DNS = "10.96.0.10"
addresses, listening, names = set(), set(), {}


def kubectl(*arguments):
    done = subprocess.run(["kubectl", "--kubeconfig", KUBECONFIG, *arguments, "-o", "json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"items": [], "subsets": []}


def take(address):
    if address not in addresses:
        addresses.add(address)
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", BRIDGE], capture_output=True)


def endpoint(namespace, name, port_name):
    """A ready address of the Service; the API server's is on this machine."""
    if (namespace, name) == ("default", "kubernetes"):
        return "127.0.0.1", API_PORT
    for subset in kubectl("get", "endpoints", name, "-n", namespace).get("subsets") or []:
        ports = [p["port"] for p in subset["ports"] if p.get("name", "") == port_name]
        if subset.get("addresses") and ports:
            return subset["addresses"][0]["ip"], ports[0]
    raise OSError("no endpoint is ready")


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


def carry(client, target):
    try:
        server = socket.create_connection(endpoint(*target), timeout=5)
        server.settimeout(None)
    except OSError:
        client.close()
        return
    with client, server:
        back = threading.Thread(target=pump, args=(server, client), daemon=True)
        back.start()
        pump(client, server)
        back.join()


def serve(address, port, target):
    with socket.create_server((address, port)) as server:
        while True:
            client, _ = server.accept()
            threading.Thread(target=carry, args=(client, target), daemon=True).start()


def answer(query):
    """An A record of a Service's name, else an empty answer or NXDOMAIN."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
    question = query[12 : at + 5]
    address = names.get(".".join(labels).lower())
    found = address is not None and kind == 1
    flags = 0x8580 if address is not None else 0x8583
    head = query[:2] + struct.pack("!HHHHH", flags, 1, found, 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + socket.inet_aton(address) if found else b""
    return head + question + record


def resolve():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((DNS, 53))
        while True:
            query, peer = server.recvfrom(512)
            try:
                server.sendto(answer(query), peer)
            except (IndexError, UnicodeDecodeError, struct.error, OSError):
                continue


def look():
    for service in kubectl("get", "services", "-A")["items"]:
        meta, spec = service["metadata"], service["spec"]
        address = spec.get("clusterIP", "None")
        if address in ("", "None"):
            continue
        take(address)
        for suffix in ("svc", "svc.cluster.local"):
            names[f"{meta['name']}.{meta['namespace']}.{suffix}"] = address
        for port in spec["ports"]:
            if port["protocol"] == "TCP" and (address, port["port"]) not in listening:
                listening.add((address, port["port"]))
                target = (meta["namespace"], meta["name"], port.get("name", ""))
                threading.Thread(target=serve, args=(address, port["port"], target), daemon=True).start()


def end(*_):
    raise SystemExit


signal.signal(signal.SIGTERM, end)
take(DNS)
threading.Thread(target=resolve, daemon=True).start()
try:
    while True:
        look()
        time.sleep(1)
finally:
    for address in addresses:
        subprocess.run(["ip", "address", "del", f"{address}/32", "dev", BRIDGE], capture_output=True)
