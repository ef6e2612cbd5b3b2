// The same transactions as the whole product makes for an item, straight on the store: one accept with four deliveries, four
// settlements, every step audited. Prints one JSON line; scripts/bench puts it beside the product's own rate.
//
//   fabu_store_bench --dir DIR [--group 64] [--seconds 5]      `group`: submitters; each sends the next item once its last is
//   acked
#include <fabu/v1/api.pb.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "broker/store/sqlite/sqlite_store.h"
#include "load/sample_item.h"

namespace {

using fabu::Result;
namespace store = fabu::store;

const char* const kChannels[] = {"null-a", "null-b", "null-c", "null-d"};

// Keeps `group` submissions in flight until the time is over; their settlements go on beside them.
class Run {
 public:
  Run(store::Store& s, double seconds)
      : store_(s), end_(std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds)) {
    item_ = fabu::load::sample_item("bench", "B-00000000");
  }

  void go(int group) {
    for (int i = 0; i < group; ++i) next();
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return in_flight_ == 0; });
  }
  std::uint64_t items() const { return done_; }

 private:
  void next() {
    if (std::chrono::steady_clock::now() >= end_) return;
    store::Accept accept;
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
      item_.set_reference("B-" + std::to_string(++serial_));
      accept.content = item_.SerializeAsString();
      accept.reference = item_.reference();
    }
    accept.digest = fabu::sha256(accept.content);
    accept.department = "bench";
    accept.entry = item_.catalogue_entry();
    accept.title = item_.title();
    accept.index_prefix = "11349900MB1K27N4XP/202611-";
    accept.received = clock_.now();
    accept.channels.assign(std::begin(kChannels), std::end(kChannels));
    store_.accept(std::move(accept), [this](Result<store::Accepted> accepted) {
      settle(accepted.value());
      next();
    });
  }

  void settle(const store::Accepted& accepted) {
    auto left = std::make_shared<std::atomic<int>>(static_cast<int>(accepted.deliveries.size()));
    for (const auto& delivery : accepted.deliveries) {
      store::Settle settle{{}, delivery.channel(), clock_.now()};
      settle.report.set_delivery_id(delivery.id());
      auto& receipt = *settle.report.mutable_delivered();
      receipt.set_delivery_id(delivery.id());
      receipt.set_channel(delivery.channel());
      receipt.set_locator("null:" + delivery.id());
      receipt.set_content_digest(accepted.edition.digest());
      store_.settle(std::move(settle), [this, left](Result<store::Settled> settled) {
        settled.value();
        if (--*left == 0) finished();
      });
    }
  }

  void finished() {
    ++done_;
    const std::lock_guard lock(mutex_);
    if (--in_flight_ == 0) idle_.notify_one();
  }

  store::Store& store_;
  const std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> end_;
  fabu::SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable idle_;
  fabu::v1::Item item_;
  int in_flight_ = 0;  // items not settled on every channel
  std::uint64_t serial_ = 0;
  std::atomic<std::uint64_t> done_{0};
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> given{{"--group", "64"}, {"--seconds", "5"}};
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  store::SqliteOptions options;
  options.folder = given["--dir"];
  auto opened = store::open_sqlite(options);
  if (!opened) return std::fprintf(stderr, "%s\n", opened.error().what.c_str()), 1;
  const int group = std::stoi(given["--group"]);
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  Run run(**opened, std::stod(given["--seconds"]));
  run.go(group);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto items = static_cast<double>(run.items());
  std::printf("{\"system\":\"bare store\",\"group\":%d,\"items\":%.0f,\"items_per_s\":%.1f,\"cpu_per_10k\":%.2f}\n", group, items,
              items / took, (cpu_seconds() - cpu) / items * 1e4);
  (*opened)->close();
  return 0;
}
