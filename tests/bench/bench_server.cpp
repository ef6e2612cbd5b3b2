// The product with channels that settle at once: what the broker itself costs. Prints one JSON line once it listens; ends at
// SIGTERM.
//
//   fabu_bench_server --data DIR
#include <signal.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/null_channel.h"
#include "broker/cli/broker.h"
#include "broker/ops/logging.h"

namespace {

using namespace fabu;

const std::vector<std::string> kChannels{"null-a", "null-b", "null-c", "null-d"};

constexpr const char* kCatalogue = R"(
domains:
  - {code: ZC, name: 政府采购, name_en: Government procurement}
entries:
  - code: ZC-AWARD_RESULT
    name: 中标结果公告
    name_en: Award
    domain: ZC
    stage: result
    channels: [null-a, null-b, null-c, null-d]
    deadline: 20wd
    legal_basis: 基准测试
)";

cli::ChannelSet null_channels(const cli::Surroundings&) {
  cli::ChannelSet set;
  for (const auto& name : kChannels) {
    cli::ChannelSetup setup;
    setup.name = name;
    setup.kind = "null";
    setup.channel = std::make_unique<bench::NullChannel>();
    set.channels.push_back(std::move(setup));
  }
  return set;
}

std::string new_key(cli::Broker& broker) {
  http::Request request;
  request.method = "POST";
  request.target = "/v1/keys";
  request.headers.set(boost::beast::http::field::content_type, "application/json");
  request.body = R"({"department":"bench","scopes":["submit","read"]})";
  const auto answer = nlohmann::json::parse(broker.call(std::move(request)).body);
  return answer.at("key");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string(argv[1]) != "--data") return std::fprintf(stderr, "usage: fabu_bench_server --data DIR\n"), 2;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  (void)ops::start_logging("warn", "text");
  cli::BrokerSetup setup;
  setup.core.data = argv[2];
  setup.core.catalogue = domain::Catalogue::parse(kCatalogue, "bench.yaml").value();
  setup.core.installation.channels = kChannels;
  setup.channels = null_channels;
  setup.core.listen_host = "127.0.0.1";
  const SystemClock clock;
  auto broker = cli::Broker::start(std::move(setup), clock);
  if (!broker) return std::fprintf(stderr, "%s\n", broker.error().what.c_str()), 1;
  std::printf("%s\n", nlohmann::json{{"port", (*broker)->port()}, {"key", new_key(**broker)}}.dump().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  (*broker)->stop();
  return 0;
}
