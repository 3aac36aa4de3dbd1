"""A small orchestrator for kube-mind: takes incidents in, keeps them in SQLite, answers, and knows repeats.

    pip install -r requirements.txt
    cp ../../../Protos/kube-mind.proto kube_mind.proto
    python -m grpc_tools.protoc -I. --python_out=. --grpc_python_out=. kube_mind.proto
    python orchestrator.py 127.0.0.1:50051 incidents.db
    kube-mind send incident.json --orchestrator http://127.0.0.1:50051

For TLS, and clients that must show a certificate: set TLS_CERT, TLS_KEY and TLS_CLIENT_CA to files in PEM.
"""

import os
import signal
import sqlite3
import sys
import threading
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

import kube_mind_pb2 as messages
import kube_mind_pb2_grpc as services

# A stream holds a thread for as long as its sensor is connected: more than there are clusters.
STREAMS = 32
# Seconds for the streams that are open when the server stops.
GRACE = 5


class Store:
    """Incidents by their id. An incident that is in here survives a crash of this process."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS incidents (id TEXT PRIMARY KEY, pod_uid TEXT, message BLOB) WITHOUT ROWID"
        )

    def add(self, incident):
        """True if it is new. On the disk when this returns, which is when an acknowledgement may go out."""
        row = (incident.incident_id, incident.workload.pod_uid, incident.SerializeToString())
        with self.lock, self.database:
            return self.database.execute("INSERT OR IGNORE INTO incidents VALUES (?, ?, ?)", row).rowcount == 1


class IncidentService(services.IncidentServiceServicer):
    def __init__(self, store):
        self.store = store

    def StreamIncidents(self, requests, context):
        # Reads and answers in turn: the sensor may have 32 incidents on the way, and sends more as answers come.
        for incident in requests:
            answer = messages.IncidentAck(incident_id=incident.incident_id)
            answer.received_at.GetCurrentTime()
            if not incident.incident_id:
                answer.outcome = messages.OUTCOME_REJECTED
                answer.reason = "an incident without an id cannot be told from others"
            elif self.store.add(incident):
                answer.outcome = messages.OUTCOME_ACCEPTED
                kind = messages.FailureClass.Name(getattr(incident.failure, "class"))
                print(f"{incident.workload.namespace}/{incident.workload.pod}: {kind}", flush=True)
            else:
                answer.outcome = messages.OUTCOME_DUPLICATE
            yield answer


def credentials():
    def read(name):
        with open(os.environ[name], "rb") as file:
            return file.read()

    if "TLS_CERT" not in os.environ:
        return None
    authorities = read("TLS_CLIENT_CA") if "TLS_CLIENT_CA" in os.environ else None
    return grpc.ssl_server_credentials(
        [(read("TLS_KEY"), read("TLS_CERT"))], authorities, require_client_auth=authorities is not None
    )


def main(address, database):
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=STREAMS),
        # A port that somebody else has is an error, not a port to share.
        options=[("grpc.so_reuseport", 0)],
    )
    services.add_IncidentServiceServicer_to_server(IncidentService(Store(database)), server)
    healthy = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    tls = credentials()
    port = server.add_secure_port(address, tls) if tls else server.add_insecure_port(address)
    server.start()
    healthy.set("", health_pb2.HealthCheckResponse.SERVING)
    print(f"listening on port {port}", flush=True)

    ends = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ends.set())
    ends.wait()
    # GOAWAY: sensors go elsewhere, and send again later what was not answered.
    healthy.enter_graceful_shutdown()
    server.stop(GRACE).wait()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: orchestrator.py HOST:PORT DATABASE")
    main(sys.argv[1], sys.argv[2])
