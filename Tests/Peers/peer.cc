// An orchestrator and the Echo service on gRPC's C++ library, which shares no code with ours; as peer.py is on Python's, whose
// core it shares and whose flow control, deadlines and cancellation it drives differently.
//
// Usage: peer CERTIFICATES PORTS
// Serves mTLS on three free ports of 127.0.0.1 and writes them, one a line, to the file PORTS: a patient server, one that lets no
// connection grow older than a second, one that refuses every call before it reads anything.
//
// peer.py says what the first word of an incident's id does, echo.proto what Echo does.
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "echo.grpc.pb.h"
#include "kube_mind.grpc.pb.h"

namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
using Bytes = google::protobuf::BytesValue;
using std::chrono::milliseconds;

// The same as in peer.py.
constexpr milliseconds kSlowRead{50};
constexpr milliseconds kRestartPause{500};
constexpr milliseconds kPortPause{50};
constexpr unsigned kFreezeSeconds = 4;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// What survives a restart of a server.
struct Memory {
  std::mutex mutex;
  std::condition_variable restart_wanted;
  bool restart = false;
  std::set<std::string> accepted;
  std::set<std::string> seen;
  grpc::HealthCheckServiceInterface* health = nullptr;

  bool IsFirst(const std::string& id) {
    std::lock_guard<std::mutex> lock(mutex);
    return seen.insert(id).second;
  }

  void SetHealth(bool serves) {
    std::lock_guard<std::mutex> lock(mutex);
    if (health != nullptr) health->SetServingStatus(serves);
  }
};

class Incidents final : public kubemind::v2::IncidentService::Service {
 public:
  Incidents(Memory* memory, bool refuses) : memory_(memory), refuses_(refuses) {}

  Status StreamIncidents(
      ServerContext* context,
      grpc::ServerReaderWriter<kubemind::v2::IncidentAck, kubemind::v2::IncidentContext>* stream) override {
    if (refuses_) return Status(StatusCode::PERMISSION_DENIED, "not on this port");
    kubemind::v2::IncidentContext incident;
    while (stream->Read(&incident)) {
      const std::string& id = incident.incident_id();
      const std::string word = id.substr(0, id.find('-'));
      const bool first = memory_->IsFirst(id);
      kubemind::v2::IncidentAck answer;
      answer.set_incident_id(id);
      answer.mutable_received_at()->set_seconds(time(nullptr));
      if (word == "reject") {
        answer.set_outcome(kubemind::v2::OUTCOME_REJECTED);
        answer.set_reason("not of interest");
        if (!stream->Write(answer)) break;
        continue;
      }
      if (word == "invalid") return Status(StatusCode::INVALID_ARGUMENT, "cannot be read: 100 % sure");
      if (word == "denied") return Status(StatusCode::UNAUTHENTICATED, "who are you?");
      if (word == "lost" && first) continue;
      if (word == "slow") std::this_thread::sleep_for(kSlowRead);
      if (word == "sick") memory_->SetHealth(false);
      if (word == "restart" && first) {
        std::lock_guard<std::mutex> lock(memory_->mutex);
        memory_->restart = true;
        memory_->restart_wanted.notify_all();
        continue;
      }
      if (word == "freeze" && first) {
        // A process that is stopped cannot wake itself. Only what POSIX allows after a fork in a process of many threads.
        const pid_t self = getpid();
        const pid_t waker = fork();
        if (waker == 0) {
          close_range(3, ~0U, 0);
          sleep(kFreezeSeconds);
          kill(self, SIGCONT);
          _exit(0);
        }
        if (waker < 0) {
          std::perror("fork");
          std::abort();
        }
        // To this very thread: another one may take what is sent to the process, and this one answers before it does.
        raise(SIGSTOP);
      }
      {
        std::lock_guard<std::mutex> lock(memory_->mutex);
        answer.set_outcome(
            memory_->accepted.insert(id).second ? kubemind::v2::OUTCOME_ACCEPTED : kubemind::v2::OUTCOME_DUPLICATE);
      }
      if (!stream->Write(answer)) break;
    }
    return Status::OK;
  }

 private:
  Memory* const memory_;
  const bool refuses_;
};

class Echo final : public kubemind::test::v1::Echo::Service {
 public:
  explicit Echo(Memory* memory) : memory_(memory) {}

  Status Unary(ServerContext* context, const Bytes* request, Bytes* answer) override {
    const auto& metadata = context->client_metadata();
    for (auto [entry, end] = metadata.equal_range("echo"); entry != end; ++entry)
      context->AddInitialMetadata("echo", std::string(entry->second.data(), entry->second.size()));
    for (auto [entry, end] = metadata.equal_range("echo-bin"); entry != end; ++entry)
      context->AddTrailingMetadata("echo-bin", std::string(entry->second.data(), entry->second.size()));
    if (request->value() == "fail") return Status(StatusCode::ABORTED, "said so");
    if (request->value() == "hang") return Hang(context);
    if (request->value() == "heal") memory_->SetHealth(true);
    *answer = *request;
    return Status::OK;
  }

  Status Collect(ServerContext*, grpc::ServerReader<Bytes>* reader, Bytes* answer) override {
    Bytes message;
    size_t messages = 0, bytes = 0;
    while (reader->Read(&message)) {
      ++messages;
      bytes += message.value().size();
    }
    answer->set_value(std::to_string(messages) + " " + std::to_string(bytes));
    return Status::OK;
  }

  Status Expand(ServerContext*, const Bytes* request, grpc::ServerWriter<Bytes>* writer) override {
    std::istringstream words(request->value());
    size_t count = 0, size = 0;
    words >> count >> size;
    Bytes message;
    message.set_value(std::string(size, 'x'));
    for (size_t index = 0; index < count; ++index)
      if (!writer->Write(message)) break;
    return Status::OK;
  }

  Status Chat(ServerContext* context, grpc::ServerReaderWriter<Bytes, Bytes>* stream) override {
    Bytes message;
    while (stream->Read(&message)) {
      if (message.value() == "fail") return Status(StatusCode::ABORTED, "said so");
      if (message.value() == "hang") return Hang(context);
      if (!stream->Write(message)) break;
      if (message.value() == "slow") std::this_thread::sleep_for(kSlowRead);
    }
    return Status::OK;
  }

  Status Cancelled(ServerContext*, const Bytes*, Bytes* answer) override {
    answer->set_value(std::to_string(cancelled_.load()));
    return Status::OK;
  }

 private:
  Status Hang(ServerContext* context) {
    while (!context->IsCancelled()) std::this_thread::sleep_for(milliseconds(5));
    ++cancelled_;
    return Status::CANCELLED;
  }

  Memory* const memory_;
  std::atomic<int> cancelled_{0};
};

struct Running {
  std::unique_ptr<Incidents> incidents;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

Running Start(const std::string& certificates, Memory* memory, Echo* echo, int port, bool ages, bool refuses) {
  Running running;
  running.incidents = std::make_unique<Incidents>(memory, refuses);
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = Read(certificates + "/authority.pem");
  tls.pem_key_cert_pairs.push_back({Read(certificates + "/server.key"), Read(certificates + "/server.pem")});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(tls), &running.port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  if (ages) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 1000);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 20000);
  }
  builder.RegisterService(running.incidents.get());
  builder.RegisterService(echo);
  running.server = builder.BuildAndStart();
  return running;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string certificates = argv[1], ports = argv[2];
  grpc::EnableDefaultHealthCheckService(true);
  Memory memory, others;
  Echo echo(&memory);
  Running patient = Start(certificates, &memory, &echo, 0, false, false);
  Running aging = Start(certificates, &others, &echo, 0, true, false);
  Running refusing = Start(certificates, &others, &echo, 0, false, true);
  if (!patient.server || !aging.server || !refusing.server) return 1;
  {
    std::lock_guard<std::mutex> lock(memory.mutex);
    memory.health = patient.server->GetHealthCheckService();
  }
  std::ofstream(ports + ".new") << patient.port << "\n" << aging.port << "\n" << refusing.port << "\n";
  std::rename((ports + ".new").c_str(), ports.c_str());
  const int port = patient.port;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(memory.mutex);
      memory.restart_wanted.wait(lock, [&] { return memory.restart; });
      memory.restart = false;
      memory.health = nullptr;
    }
    patient.server->Shutdown(std::chrono::system_clock::now());
    patient.server->Wait();
    std::this_thread::sleep_for(kRestartPause);
    patient = Start(certificates, &memory, &echo, port, false, false);
    // Somebody's connection has the port at its other end for a moment.
    while (!patient.server) {
      std::this_thread::sleep_for(kPortPause);
      patient = Start(certificates, &memory, &echo, port, false, false);
    }
    std::lock_guard<std::mutex> lock(memory.mutex);
    memory.health = patient.server->GetHealthCheckService();
  }
}
