// A worker of channels that settle at once: what `fabu adapter` is around its channels, without anything that a channel costs.
// Ends at SIGTERM.
//
//   fabu_bench_worker --servers HOST,HOST… --user U --password-file F --name W --channels C,C… [--partitions 4]
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/sdk/host.h"
#include "bench/null_channel.h"
#include "broker/transport/rabbitmq/worker_end.h"

namespace {

using namespace fabu;
namespace asio = boost::asio;
namespace rabbit = transport::rabbitmq;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

rabbit::WorkerOptions options_of(std::map<std::string, std::string> given) {
  rabbit::WorkerOptions options;
  for (const auto& host : split(given["--servers"])) {
    rabbit::Server server;
    server.host = host;
    server.user = given["--user"];
    server.vhost = "fabu";
    options.account.servers.push_back(server);
  }
  std::ifstream(given["--password-file"]) >> options.account.password;
  options.account.process = options.worker = given["--name"];
  options.version = "bench";
  options.channels = split(given["--channels"]);
  if (given.count("--partitions") != 0) options.partitions = static_cast<unsigned>(std::stoi(given["--partitions"]));
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  const auto options = options_of(given);
  if (options.account.servers.empty() || options.channels.empty()) return std::fprintf(stderr, "usage: see the source\n"), 2;

  const SystemClock clock;
  asio::io_context io;
  asio::signal_set ends(io, SIGTERM, SIGINT);  // blocks the signals' default before any thread is there
  rabbit::RabbitWorkerEnd transport(options);
  std::deque<bench::NullChannel> channels(options.channels.size());
  std::vector<std::unique_ptr<sdk::ChannelHost>> hosts;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    hosts.push_back(std::make_unique<sdk::ChannelHost>(options.channels[i], "null", channels[i], transport, clock));
    asio::co_spawn(io, hosts.back()->run(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  rabbit::WorkerHooks hooks;
  hooks.switched = [](const v1::ChannelSwitches&) {};  // nobody pauses a benchmark
  hooks.views = [&hosts] {
    std::vector<v1::ChannelView> views;
    for (const auto& host : hosts) views.push_back(host->view());
    return views;
  };
  transport.start(hooks);
  ends.async_wait([&](boost::system::error_code, int) {
    for (auto& host : hosts) host->stop();
    transport.close();
  });
  io.run();
  transport.stop();
  return 0;
}
