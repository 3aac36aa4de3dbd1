"""An orchestrator on grpcio, which shares no code with ours. PeerTests runs the client against it; scripts/peers.sh starts it.

Usage: peer.py STUBS CERTIFICATES PORTS
Also serves Echo, for ConformanceTests: echo.proto says what it does.
Serves mTLS on three free ports of 127.0.0.1 and writes them, one a line, to the file PORTS: a patient server, one that
lets no connection grow older than a second, one that refuses every call before it reads anything.

What it does with an incident stands in the first word of the incident's id:
  reject-…   answers REJECTED
  invalid-…  ends the stream with INVALID_ARGUMENT
  denied-…   ends the stream with UNAUTHENTICATED
  lost-…     does not answer the first time
  slow-…     reads on only after a while
  sick-…     is NOT_SERVING by grpc.health.v1 after it, until Echo is asked to heal it; answers
  restart-…  the first time: stops the server at once, and starts it again on the same port
  freeze-…   the first time: the whole process stops for some seconds, its sockets stay open
"""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

stubs, certificates, ports_file = sys.argv[1:4]
sys.path.insert(0, stubs)
import echo_pb2_grpc as echoes  # noqa: E402
import kube_mind_pb2 as messages  # noqa: E402
import kube_mind_pb2_grpc as services  # noqa: E402
from google.protobuf.wrappers_pb2 import BytesValue  # noqa: E402

SLOW_READ_SECONDS = 0.05
FREEZE_SECONDS = 4
RESTART_PAUSE_SECONDS = 0.5
PORT_PAUSE_SECONDS = 0.05


class Incidents(services.IncidentServiceServicer):
    def __init__(self, restart):
        self.restart = restart
        self.health = health.HealthServicer()
        self.set_health(True)
        self.lock = threading.Lock()
        self.accepted = set()
        self.seen = set()

    def set_health(self, serves):
        states = health_pb2.HealthCheckResponse
        self.health.set("", states.SERVING if serves else states.NOT_SERVING)

    def is_first(self, incident_id):
        with self.lock:
            if incident_id in self.seen:
                return False
            self.seen.add(incident_id)
            return True

    def StreamIncidents(self, requests, context):
        for incident in requests:
            word = incident.incident_id.split("-")[0]
            first = self.is_first(incident.incident_id)
            answer = messages.IncidentAck(incident_id=incident.incident_id)
            answer.received_at.GetCurrentTime()
            if word == "reject":
                answer.outcome = messages.OUTCOME_REJECTED
                answer.reason = "not of interest"
                yield answer
                continue
            if word == "invalid":
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "cannot be read: 100 % sure")
            if word == "denied":
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
            if word == "lost" and first:
                continue
            if word == "slow":
                time.sleep(SLOW_READ_SECONDS)
            if word == "sick":
                self.set_health(False)
            if word == "restart" and first:
                self.restart.set()
                continue
            if word == "freeze" and first:
                # A process that is stopped cannot wake itself.
                subprocess.Popen(["sh", "-c", f"sleep {FREEZE_SECONDS}; kill -CONT {os.getpid()}"])
                # To this very thread: another one may take what is sent to the process, and this one answers before it does.
                signal.raise_signal(signal.SIGSTOP)
            with self.lock:
                duplicate = incident.incident_id in self.accepted
                self.accepted.add(incident.incident_id)
            answer.outcome = messages.OUTCOME_DUPLICATE if duplicate else messages.OUTCOME_ACCEPTED
            yield answer


class Echo(echoes.EchoServicer):
    def __init__(self, incidents):
        self.incidents = incidents
        self.lock = threading.Lock()
        self.cancelled = 0

    def hang(self, context):
        ended = threading.Event()
        if context.add_callback(ended.set):
            ended.wait()
        with self.lock:
            self.cancelled += 1

    def Unary(self, request, context):
        metadata = context.invocation_metadata()
        context.send_initial_metadata([(key, value) for key, value in metadata if key == "echo"])
        context.set_trailing_metadata([(key, value) for key, value in metadata if key == "echo-bin"])
        if request.value == b"fail":
            context.abort(grpc.StatusCode.ABORTED, "said so")
        if request.value == b"hang":
            self.hang(context)
        if request.value == b"heal":
            self.incidents.set_health(True)
        return request

    def Collect(self, requests, context):
        sizes = [len(request.value) for request in requests]
        return BytesValue(value=f"{len(sizes)} {sum(sizes)}".encode())

    def Expand(self, request, context):
        count, size = map(int, request.value.split())
        for _ in range(count):
            yield BytesValue(value=b"x" * size)

    def Chat(self, requests, context):
        for request in requests:
            if request.value == b"fail":
                context.abort(grpc.StatusCode.ABORTED, "said so")
            if request.value == b"hang":
                self.hang(context)
                return
            yield request
            if request.value == b"slow":
                time.sleep(SLOW_READ_SECONDS)

    def Cancelled(self, request, context):
        with self.lock:
            return BytesValue(value=str(self.cancelled).encode())


class Refusing(grpc.ServerInterceptor):
    def intercept_service(self, continuation, details):
        def refuse(requests, context):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "not on this port")

        return grpc.stream_stream_rpc_method_handler(
            refuse, messages.IncidentContext.FromString, messages.IncidentAck.SerializeToString
        )


def read(name):
    with open(os.path.join(certificates, name), "rb") as file:
        return file.read()


def start(incidents, echo, port, options=(), interceptors=()):
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=32), options=[("grpc.so_reuseport", 0), *options], interceptors=interceptors
    )
    services.add_IncidentServiceServicer_to_server(incidents, server)
    health_pb2_grpc.add_HealthServicer_to_server(incidents.health, server)
    echoes.add_EchoServicer_to_server(echo, server)
    credentials = grpc.ssl_server_credentials(
        [(read("server.key"), read("server.pem"))], read("authority.pem"), require_client_auth=True
    )
    port = server.add_secure_port(f"127.0.0.1:{port}", credentials)
    server.start()
    return server, port


def main():
    restart = threading.Event()
    incidents = Incidents(restart)
    echo = Echo(incidents)
    patient, port = start(incidents, echo, 0)
    # Held by name: a server without a reference is collected, and stops.
    aging, aging_port = start(
        incidents, echo, 0, options=[("grpc.max_connection_age_ms", 1_000), ("grpc.max_connection_age_grace_ms", 20_000)]
    )
    refusing, refusing_port = start(incidents, echo, 0, interceptors=[Refusing()])
    with open(ports_file + ".new", "w") as file:
        file.write(f"{port}\n{aging_port}\n{refusing_port}\n")
    os.rename(ports_file + ".new", ports_file)
    while True:
        restart.wait()
        restart.clear()
        patient.stop(grace=0).wait()
        time.sleep(RESTART_PAUSE_SECONDS)
        while True:
            try:
                patient, _ = start(incidents, echo, port)
                break
            except RuntimeError:
                # Somebody's connection has the port at its other end for a moment.
                time.sleep(PORT_PAUSE_SECONDS)


main()
