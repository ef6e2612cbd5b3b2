// One measured run of a running server over HTTP: closed-loop submitters, then the drain until every delivery has settled.
// Prints one JSON line; scripts/bench repeats it, interleaves it with the bare store and the peers, and prints medians.
//
//   fabu_http_bench --port P --key KEY --pid PID --submitters C --seconds S --channels 4 [--rate N]
//
// Latency is measured around the whole request; with --rate from the intended send time, so that a stall is not hidden.
#include <fabu/v1/api.pb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "load/connection.h"
#include "load/sample_item.h"

namespace {

using Steady = std::chrono::steady_clock;
using fabu::load::Connection;

struct Options {
  unsigned short port = 0;
  std::string key;
  int pid = 0, submitters = 1, channels = 4;
  double seconds = 5, rate = 0;
};

Options options_of(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Options o;
  o.port = static_cast<unsigned short>(std::stoi(given["--port"]));
  o.key = given["--key"];
  o.pid = std::stoi(given["--pid"]);
  o.submitters = std::stoi(given["--submitters"]);
  if (given.count("--seconds") != 0) o.seconds = std::stod(given["--seconds"]);
  if (given.count("--channels") != 0) o.channels = std::stoi(given["--channels"]);
  if (given.count("--rate") != 0) o.rate = std::stod(given["--rate"]);
  return o;
}

double cpu_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::string rest = text.substr(text.rfind(')') + 2);
  char state = 0;
  long ignored = 0;
  unsigned long user = 0, system = 0;
  std::sscanf(rest.c_str(), "%c %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %lu %lu", &state, &ignored, &ignored, &ignored, &ignored,
              &ignored, &ignored, &ignored, &ignored, &ignored, &ignored, &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double cpu_of_self() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Proportional set size in MB: shared pages count once, as in the peers' figures.
double pss_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("Pss:", 0) == 0) return std::atof(line.c_str() + 4) / 1024;
  }
  return 0;
}

// Deliveries done, summed over the channels, from /metrics.
double delivered(Connection& connection) {
  const auto reply = connection.request("GET", "/metrics", "", "");
  double sum = 0;
  const std::string name = "fabu_deliveries_total{";
  for (std::size_t at = reply.body.find(name); at != std::string::npos; at = reply.body.find(name, at + 1)) {
    sum += std::atof(reply.body.c_str() + reply.body.find(' ', at));
  }
  return sum;
}

struct Tally {
  std::vector<double> latency_ms;
  std::uint64_t busy = 0, failed = 0;
};

Tally submit(const Options& o, int number, Steady::time_point begin, std::atomic<std::uint64_t>& ticket) {
  const auto end = begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(o.seconds));
  Connection connection("127.0.0.1", o.port, o.key);
  const std::string prefix = "B" + std::to_string(getpid()) + "-" + std::to_string(number) + "-";
  auto item = fabu::load::sample_item("bench", prefix + "00000000");
  Tally tally;
  for (int n = 0;; ++n) {
    auto sent = Steady::now();
    if (o.rate > 0) {
      sent = begin +
             std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(static_cast<double>(ticket++) / o.rate));
      if (sent < end) std::this_thread::sleep_until(sent);
    }
    if (sent >= end) return tally;
    item.set_reference(prefix + std::to_string(n));
    const auto reply = connection.request("POST", "/v1/items", "application/x-protobuf", item.SerializeAsString());
    if (reply.status == 200 || reply.status == 201) {
      tally.latency_ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - sent).count());
    } else if (reply.status == 429) {
      ++tally.busy;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } else {
      ++tally.failed;
    }
  }
}

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  const auto k = std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(k), values.end());
  return values[k];
}

}  // namespace

int main(int argc, char** argv) {
  const Options o = options_of(argc, argv);
  Connection probe("127.0.0.1", o.port, o.key);
  const double done_before = delivered(probe);
  const double server_cpu = cpu_of(o.pid), own_cpu = cpu_of_self();
  std::atomic<bool> over{false};
  double peak = 0;
  std::thread sampler([&] {
    while (!over) {
      peak = std::max(peak, pss_of(o.pid));
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
  });
  std::atomic<std::uint64_t> ticket{0};
  std::vector<Tally> tallies(static_cast<std::size_t>(o.submitters));
  const auto begin = Steady::now();
  std::vector<std::thread> threads;
  for (int n = 0; n < o.submitters; ++n) {
    threads.emplace_back([&, n] { tallies[static_cast<std::size_t>(n)] = submit(o, n, begin, ticket); });
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
  const auto give_up = Steady::now() + std::chrono::seconds(60);
  double done = 0;
  while ((done = delivered(probe) - done_before) < accepted * o.channels && Steady::now() < give_up) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const double all_seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  over = true;
  sampler.join();
  std::printf(
      "{\"system\":\"fabu\",\"submitters\":%d,\"accepted\":%.0f,\"accept_per_s\":%.1f,\"ack_p50_ms\":%.3f,\"ack_p99_ms\":%.3f,"
      "\"e2e_per_s\":%.1f,\"settled\":%.0f,\"server_cpu_per_10k\":%.2f,\"client_cpu_per_10k\":%.2f,\"peak_mb\":%.1f,"
      "\"busy\":%lu,\"failed\":%lu}\n",
      o.submitters, accepted, accepted / accept_seconds, percentile(latency, 0.5), percentile(latency, 0.99),
      accepted / all_seconds, done, (cpu_of(o.pid) - server_cpu) / accepted * 1e4, (cpu_of_self() - own_cpu) / accepted * 1e4,
      peak, busy, failed);
  return done >= accepted * o.channels && failed == 0 ? 0 : 1;
}
