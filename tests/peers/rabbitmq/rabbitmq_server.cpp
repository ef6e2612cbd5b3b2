#include "peers/rabbitmq/rabbitmq_server.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "peers/port.h"

namespace fabu::peers {
namespace {

constexpr const char* kTools = "/usr/lib/rabbitmq/bin/";

}  // namespace

RabbitServer::RabbitServer() : port_(free_port()), tls_port_(free_port()), port_mapper_(free_port()), distribution_(free_port()) {
  std::string name = (std::filesystem::temp_directory_path() / "fabu-rabbit-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  make_certificates();
  const std::string tls = certificates().string();
  std::ofstream(folder_ / "rabbitmq.conf") << "listeners.tcp.1 = 127.0.0.1:" << port_ << "\n"
                                           << "listeners.ssl.1 = 127.0.0.1:" << tls_port_ << "\n"
                                           << "ssl_options.cacertfile = " << tls << "/ca.pem\n"
                                           << "ssl_options.certfile = " << tls << "/server.pem\n"
                                           << "ssl_options.keyfile = " << tls << "/server.key\n"
                                           << "ssl_options.verify = verify_peer\n"
                                           << "ssl_options.fail_if_no_peer_cert = true\n"
                                           << "loopback_users = none\n"
                                           << "disk_free_limit.absolute = 50MB\n"
                                           << "heartbeat = 10\n";
  std::ofstream(folder_ / "plugins") << "[].\n";
  start();
}

RabbitServer::~RabbitServer() {
  end();
  // The port mapper is the node's own, and outlives it.
  [[maybe_unused]] const int ended = std::system((environment() + " epmd -kill >/dev/null 2>&1").c_str());
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RabbitServer::make_certificates() const {
  const auto tls = certificates();
  std::filesystem::create_directories(tls);
  std::ofstream(tls / "san") << "subjectAltName=DNS:localhost\n";
  const std::string make = "cd " + tls.string() +
                           " && key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$1 -keyout "
                           "$1.key \"$2\" $3 -out $1.$4; }"
                           " && key ca -x509 '' pem && key stranger -x509 '' pem"
                           " && for name in server client; do key $name -new '' csr"
                           " && openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san "
                           "-out $name.pem || exit 1; done";
  if (std::system(("{ " + make + "; } >" + tls.string() + "/log 2>&1 </dev/null").c_str()) != 0)
    throw std::runtime_error("no certificates: see " + tls.string() + "/log");
}

// RabbitMQ 3.10, "File and Directory Locations", "Configuration": everything in the folder, one scheduler, no busy waiting.
std::string RabbitServer::environment() const {
  const std::string folder = folder_.string();
  return "env HOME=" + folder + " RABBITMQ_NODENAME=fabu" + std::to_string(port_) + "@localhost" +
         " RABBITMQ_DIST_PORT=" + std::to_string(distribution_) + " ERL_EPMD_PORT=" + std::to_string(port_mapper_) +
         " ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_RELAXED_COMMAND_CHECK=1 RABBITMQ_MNESIA_BASE=" + folder +
         "/data RABBITMQ_LOG_BASE=" + folder + "/log RABBITMQ_CONFIG_FILE=" + folder +
         "/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=" + folder + "/plugins RABBITMQ_PID_FILE=" + folder +
         "/pid RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 1:1 +sbwt none'";
}

void RabbitServer::start() {
  const std::string command =
      "exec " + environment() + " " + kTools + "rabbitmq-server >>" + folder_.string() + "/out 2>&1 </dev/null";
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::setpgid(0, 0);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::setpgid(child, child);
  group_ = child;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (!answers()) {
    const bool ended = ::waitpid(child, nullptr, WNOHANG) == child;
    if (ended || std::chrono::steady_clock::now() > deadline) {
      std::ifstream log(folder_ / "out");
      const std::string words(std::istreambuf_iterator<char>(log), {});
      end();
      throw std::runtime_error("RabbitMQ did not start:\n" + words);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

// It speaks AMQP only once it has booted: it answers a wrong greeting with the one it wants.
bool RabbitServer::answers() const {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 8> greeting{};
  const bool there = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::write(descriptor, "GREETING", 8) == 8 && ::read(descriptor, greeting.data(), greeting.size()) == 8;
  ::close(descriptor);
  return there && std::string(greeting.data(), 4) == "AMQP";
}

void RabbitServer::kill() {
  if (group_ == 0) return;
  control("eval 'lists:foreach(fun(Table) -> dets:sync(Table) end, dets:all()).'");
  end();
}

void RabbitServer::end() {
  if (group_ == 0) return;
  ::kill(-group_, SIGKILL);
  ::waitpid(group_, nullptr, 0);
  group_ = 0;
}

std::string RabbitServer::url(const std::string& user, const std::string& vhost) const {
  return "amqp://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + vhost;
}

std::string RabbitServer::tls_url() const {
  return "amqps://guest@localhost:" + std::to_string(tls_port_) + "/%2f";
}

std::string RabbitServer::control(const std::string& arguments) const {
  const std::string command = environment() + " " + kTools + "rabbitmqctl -q " + arguments + " 2>&1 </dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string printed;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) printed.append(piece.data(), got);
  if (::pclose(pipe) != 0) throw std::runtime_error("rabbitmqctl " + arguments + ":\n" + printed);
  return printed;
}

}  // namespace fabu::peers
