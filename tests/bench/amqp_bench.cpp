// Publishers over AMQP with rabbitmq-c, one measured run; scripts/bench --cluster compares the two. Prints one JSON line.
//
//   fabu_amqp_bench bare   the items go to a fanout exchange with four quorum queues, and consumers acknowledge them: RabbitMQ
//   alone fabu_amqp_bench fabu   the items go to fabu, whose receipts are waited for, until all their deliveries are settled
//
//     --servers HOST,HOST… --user U --password-file F [--connections 4] [--window 64] [--seconds 5] [--channels 4] [--consumers
//     2]
//     --brokers HOST,HOST…    of fabu: where /metrics counts what was delivered
//
// The same client code, connections, window and item bytes in both: at most `window` items of a connection are without their
// confirmation (bare) or their receipt (fabu).
#include <fabu/v1/api.pb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "broker/transport/rabbitmq/wire.h"
#include "load/connection.h"
#include "load/sample_item.h"

namespace {

using Steady = std::chrono::steady_clock;
namespace rabbit = fabu::transport::rabbitmq;
using namespace std::chrono_literals;

constexpr const char* kExchange = "bench.items";
constexpr std::uint16_t kPrefetch = 256;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

struct Options {
  bool bare = false;
  rabbit::Account account;
  std::vector<std::string> brokers;
  int connections = 4, window = 64, channels = 4, consumers = 2;
  double seconds = 5;
};

Options options_of(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 2; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  const auto number = [&](const char* name, int otherwise) {
    return given.count(name) != 0 ? std::stoi(given[name]) : otherwise;
  };
  Options o;
  o.bare = std::string(argv[1]) == "bare";
  for (const auto& host : split(given["--servers"])) {
    rabbit::Server server;
    server.host = host;
    server.user = given["--user"];
    server.vhost = "fabu";
    o.account.servers.push_back(server);
  }
  std::ifstream(given["--password-file"]) >> o.account.password;
  o.account.process = "fabu bench";
  o.brokers = split(given["--brokers"]);
  o.connections = number("--connections", o.connections);
  o.window = number("--window", o.window);
  o.channels = number("--channels", o.channels);
  o.consumers = number("--consumers", o.consumers);
  if (given.count("--seconds") != 0) o.seconds = std::stod(given["--seconds"]);
  return o;
}

rabbit::Wire connect(const Options& o, int number) {
  return {o.account, o.account.servers[static_cast<std::size_t>(number) % o.account.servers.size()]};
}

double cpu_of_self() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Tally {
  std::vector<double> latency_ms;
  std::uint64_t busy = 0, failed = 0;
};

// One connection that publishes until the end, and waits for what is still without an answer.
class Publisher {
 public:
  Publisher(const Options& o, int number, Steady::time_point begin)
      : o_(o),
        wire_(connect(o, number)),
        begin_(begin),
        end_(begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(o.seconds))),
        prefix_("A" + std::to_string(getpid()) + "-" + std::to_string(number) + "-"),
        item_(fabu::load::sample_item(o.account.servers[0].user, prefix_ + "00000000")) {
    message_.exchange = o.bare ? kExchange : "fabu.items";
    message_.routing_key = "item";
    message_.properties.type = "fabu.v1.Item";
    message_.properties.content_type = "application/protobuf";
    wire_.confirm_publishing();
    if (o.bare) return;
    rabbit::QueueShape replies;
    replies.name = "fabu.reply." + o.account.servers[0].user + "." + prefix_;
    replies.durable = false;
    replies.exclusive = true;
    message_.properties.reply_to = wire_.declare_queue(replies);
    wire_.consume(replies.name, "receipts", 0, false);
  }

  Tally run() {
    std::this_thread::sleep_until(begin_);
    const auto give_up = end_ + 60s;
    while ((Steady::now() < end_ || open() > 0) && Steady::now() < give_up) {
      while (open() < static_cast<std::size_t>(o_.window) && Steady::now() < end_) publish();
      wire_.wait(-1, 50ms);
      while (auto event = wire_.next()) take(*event);
    }
    tally_.failed += open();
    return std::move(tally_);
  }

 private:
  std::size_t open() const { return o_.bare ? confirming_.size() - settled_ahead_ : waiting_.size(); }

  void publish() {
    const std::string name = std::to_string(sent_++);
    item_.set_reference(prefix_ + name);
    message_.properties.correlation_id = name;
    message_.body = item_.SerializeAsString();
    wire_.publish(message_);
    if (o_.bare) {
      confirming_.push_back({Steady::now(), false});
    } else {
      waiting_.emplace(name, Steady::now());
    }
  }

  void take(const rabbit::WireEvent& event) {
    if (const auto* confirmation = std::get_if<rabbit::Confirmation>(&event)) {
      if (o_.bare) confirm(*confirmation);
    } else if (const auto* arrival = std::get_if<rabbit::Arrival>(&event)) {
      answered(arrival->message);
    } else if (std::get_if<rabbit::Return>(&event) != nullptr) {
      ++tally_.failed;
    }
  }

  void confirm(const rabbit::Confirmation& confirmation) {
    const auto last = confirmation.tag - first_;
    for (auto i = confirmation.all_before ? 0 : last; i <= last; ++i) {
      if (std::exchange(confirming_[i].over, true)) continue;
      ++settled_ahead_;
      acknowledged(confirming_[i].sent, confirmation.taken);
    }
    while (!confirming_.empty() && confirming_.front().over) {
      confirming_.pop_front();
      --settled_ahead_;
      ++first_;
    }
  }

  void answered(const rabbit::Message& message) {
    const auto found = waiting_.find(message.properties.correlation_id);
    if (found == waiting_.end()) return;
    const auto sent = found->second;
    waiting_.erase(found);
    if (message.properties.type == "fabu.v1.SubmissionReceipt") return acknowledged(sent, true);
    fabu::v1::Problem problem;
    (void)problem.ParseFromString(message.body);
    if (problem.status() == 429 || problem.status() == 503) {
      ++tally_.busy;
    } else {
      if (tally_.failed == 0) std::fprintf(stderr, "%s\n", problem.ShortDebugString().c_str());
      ++tally_.failed;
    }
  }

  void acknowledged(Steady::time_point sent, bool taken) {
    if (!taken) {
      ++tally_.failed;
      return;
    }
    tally_.latency_ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - sent).count());
  }

  struct Confirming {
    Steady::time_point sent;
    bool over;
  };
  const Options& o_;
  rabbit::Wire wire_;
  Steady::time_point begin_, end_;
  std::string prefix_;
  fabu::v1::Item item_;
  rabbit::Message message_;
  std::uint64_t sent_ = 0, first_ = 1;
  std::deque<Confirming> confirming_;                            // bare: in the order of their tags, from first_
  std::size_t settled_ahead_ = 0;                                // of them, those that are over already
  std::unordered_map<std::string, Steady::time_point> waiting_;  // fabu: by correlation id
  Tally tally_;
};

// RabbitMQ alone: one quorum queue a channel. Consumers acknowledge each message by itself, as fabu's workers do.
class Fanout {
 public:
  explicit Fanout(const Options& o) : o_(o) {
    auto wire = connect(o, 0);
    wire.declare_exchange(kExchange, "fanout");
    for (int channel = 0; channel < o.channels; ++channel) {
      rabbit::QueueShape queue;
      queue.name = name(channel);
      queue.arguments = {{"x-queue-type", std::string("quorum")}};
      wire.declare_queue(queue);
      wire.bind(queue.name, kExchange, "");
    }
    for (int number = 0; number < o.channels * o.consumers; ++number) {
      threads_.emplace_back([this, number] { consume(number); });
    }
  }
  ~Fanout() {
    over_ = true;
    for (auto& thread : threads_) thread.join();
  }
  double consumed() const { return static_cast<double>(consumed_.load()); }

 private:
  static std::string name(int channel) { return "bench." + std::to_string(channel); }

  void consume(int number) {
    auto wire = connect(o_, number);
    wire.consume(name(number % o_.channels), "consumer", kPrefetch, true);
    while (!over_) {
      wire.wait(-1, 50ms);
      while (auto event = wire.next()) {
        if (const auto* arrival = std::get_if<rabbit::Arrival>(&*event)) {
          fabu::v1::Item item;
          if (!item.ParseFromString(arrival->message.body)) std::abort();
          wire.ack(arrival->tag, false);
          ++consumed_;
        }
      }
    }
  }

  const Options& o_;
  std::atomic<std::uint64_t> consumed_{0};
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

// Deliveries done, of all brokers and channels, from /metrics.
double delivered(const Options& o) {
  double sum = 0;
  for (const auto& host : o.brokers) {
    fabu::load::Connection connection(host, 8080, "");
    const auto reply = connection.request("GET", "/metrics", "", "");
    const std::string name = "fabu_deliveries_total{";
    for (std::size_t at = reply.body.find(name); at != std::string::npos; at = reply.body.find(name, at + 1)) {
      sum += std::atof(reply.body.c_str() + reply.body.find(' ', at));
    }
  }
  return sum;
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  const auto k = std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k), values.end());
  return values[k];
}

int measure(const Options& o) {
  std::unique_ptr<Fanout> fanout = o.bare ? std::make_unique<Fanout>(o) : nullptr;
  const auto done = [&] { return fanout ? fanout->consumed() : delivered(o); };
  const double before = done(), cpu = cpu_of_self();
  const auto begin = Steady::now() + 300ms;  // all are connected by then
  std::vector<Tally> tallies(static_cast<std::size_t>(o.connections));
  std::vector<std::thread> threads;
  for (int n = 0; n < o.connections; ++n) {
    threads.emplace_back([&, n] { tallies[static_cast<std::size_t>(n)] = Publisher(o, n, begin).run(); });
  }
  for (auto& thread : threads) thread.join();
  const double accept_seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  std::vector<double> latency;
  std::uint64_t busy = 0, failed = 0;
  for (auto& tally : tallies) {
    latency.insert(latency.end(), tally.latency_ms.begin(), tally.latency_ms.end());
    busy += tally.busy;
    failed += tally.failed;
  }
  const auto accepted = static_cast<double>(latency.size());
  const auto give_up = Steady::now() + 120s;
  double through = 0;
  while ((through = done() - before) < accepted * o.channels && Steady::now() < give_up) std::this_thread::sleep_for(5ms);
  const double all_seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  std::printf(
      "{\"system\":\"%s\",\"connections\":%d,\"window\":%d,\"accepted\":%.0f,\"accept_per_s\":%.1f,\"ack_p50_ms\":%.3f,\"ack_p99_"
      "ms\":%.3f,"
      "\"e2e_per_s\":%.1f,\"settled\":%.0f,\"client_cpu_per_10k\":%.2f,\"busy\":%lu,\"failed\":%lu}\n",
      o.bare ? "rabbitmq" : "fabu", o.connections, o.window, accepted, accepted / accept_seconds, percentile(latency, 0.5),
      percentile(latency, 0.99), accepted / all_seconds, through, (cpu_of_self() - cpu) / std::max(accepted, 1.0) * 1e4, busy,
      failed);
  return through >= accepted * o.channels && failed == 0 && accepted > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode != "bare" && mode != "fabu")
    return std::fprintf(stderr, "usage: fabu_amqp_bench bare|fabu --servers HOST… (see the source)\n"), 2;
  try {
    return measure(options_of(argc, argv));
  } catch (const std::exception& e) {
    return std::fprintf(stderr, "fabu_amqp_bench: %s\n", e.what()), 1;
  }
}
