#include "broker/cli/fault_channel.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <string_view>
#include <utility>

namespace fabu::cli {
namespace asio = boost::asio;

namespace {

std::atomic<std::uint64_t> effects_so_far{0};

class FaultChannel final : public sdk::Channel {
 public:
  FaultChannel(std::unique_ptr<sdk::Channel> channel, std::uint64_t effects) : channel_(std::move(channel)), effects_(effects) {}

  sdk::Limits limits() const override { return channel_->limits(); }
  asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work& work, sdk::Progress& progress) override {
    auto outcome = co_await channel_->publish(work, progress);
    count(outcome, work);
    co_return outcome;
  }
  asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work& work, sdk::Progress& progress) override {
    auto outcome = co_await channel_->withdraw(work, progress);
    count(outcome, work);
    co_return outcome;
  }
  asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string& notes) override {
    return channel_->find(work, notes);
  }
  asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override {
    return channel_->observe(receipt);
  }

 private:
  void count(const sdk::Outcome<v1::Receipt>& outcome, const v1::Work& work) const {
    if (!outcome || effects_so_far.fetch_add(1) + 1 != effects_) return;
    spdlog::warn("event=fault_injected fault=exit-before-report delivery={}", work.delivery().id());
    spdlog::default_logger()->flush();
    ::_exit(137);
  }

  std::unique_ptr<sdk::Channel> channel_;
  const std::uint64_t effects_;
};

}  // namespace

std::optional<std::uint64_t> exit_before_report(const std::string& fault) {
  constexpr std::string_view kName = "exit-before-report:";
  if (!fault.starts_with(kName)) return std::nullopt;
  std::uint64_t effects = 0;
  const auto* const end = fault.data() + fault.size();
  const auto read = std::from_chars(fault.data() + kName.size(), end, effects);
  if (read.ec != std::errc{} || read.ptr != end || effects == 0) return std::nullopt;
  return effects;
}

std::unique_ptr<sdk::Channel> with_fault(std::unique_ptr<sdk::Channel> channel, std::uint64_t effects) {
  return std::make_unique<FaultChannel>(std::move(channel), effects);
}

}  // namespace fabu::cli
