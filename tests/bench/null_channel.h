// A channel that settles at once: for the benchmark only, where the cost of the broker itself is measured.
#pragma once

#include <string>

#include "adapters/sdk/channel.h"
#include "proto/fabu/digest.h"

namespace fabu::bench {

class NullChannel final : public sdk::Channel {
 public:
  sdk::Limits limits() const override { return {256, 0, std::chrono::seconds(60)}; }

  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> publish(const v1::Work& work, sdk::Progress&) override {
    co_return receipt(work);
  }
  boost::asio::awaitable<sdk::Outcome<v1::Receipt>> withdraw(const v1::Work& work, sdk::Progress&) override {
    co_return receipt(work);
  }
  boost::asio::awaitable<sdk::Outcome<std::optional<v1::Receipt>>> find(const v1::Work&, const std::string&) override {
    co_return std::optional<v1::Receipt>{};
  }
  boost::asio::awaitable<sdk::Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override {
    v1::Observation seen;
    seen.set_delivery_id(receipt.delivery_id());
    seen.set_state(v1::OBSERVATION_STATE_PRESENT);
    seen.set_content_digest(receipt.content_digest());
    co_return seen;
  }

 private:
  static v1::Receipt receipt(const v1::Work& work) {
    v1::Receipt receipt;
    receipt.set_delivery_id(work.delivery().id());
    receipt.set_channel(work.delivery().channel());
    receipt.set_locator("null:" + work.delivery().id());
    receipt.set_time_ms(work.edition().received_ms());
    receipt.set_content_digest(work.edition().digest());
    return receipt;
  }
};

}  // namespace fabu::bench
