// The suite itself, on a channel in memory that takes two remote steps for each delivery.
#include <map>

#include "integration/channel/conformance.h"

namespace fabu::sdk {
namespace {

// The outside: places by locator, and every post that was ever sent.
struct Place {
  std::uint32_t edition = 0;
  std::string delivery_id;
  std::string content;
};
struct Outside {
  std::map<std::string, Place> places;
  std::map<std::uint64_t, std::size_t> posts;
  std::map<std::string, std::string> drafts;  // by delivery id
};

// Draft, then post, then list: with the remote step's name saved after each.
class FakeChannel final : public Channel {
 public:
  explicit FakeChannel(Outside& outside) : outside_(outside) {}

  boost::asio::awaitable<Outcome<v1::Receipt>> publish(const v1::Work& work, Progress& progress) override {
    return put(work, progress, work.edition().content());
  }
  boost::asio::awaitable<Outcome<v1::Receipt>> withdraw(const v1::Work& work, Progress& progress) override {
    return put(work, progress, "withdrawn: " + work.edition().reason());
  }
  boost::asio::awaitable<Outcome<std::optional<v1::Receipt>>> find(const v1::Work& work, const std::string&) override {
    const auto place = outside_.places.find(locator(work));
    if (place == outside_.places.end() || place->second.delivery_id != work.delivery().id()) co_return std::nullopt;
    co_return std::optional(receipt(work, place->second));
  }
  boost::asio::awaitable<Outcome<v1::Observation>> observe(const v1::Receipt& receipt) override {
    v1::Observation seen;
    const auto place = outside_.places.find(receipt.locator());
    if (place == outside_.places.end()) {
      seen.set_state(v1::OBSERVATION_STATE_GONE);
    } else {
      seen.set_content_digest(sha256(place->second.content).raw());
      seen.set_state(seen.content_digest() == receipt.content_digest() ? v1::OBSERVATION_STATE_PRESENT
                                                                       : v1::OBSERVATION_STATE_CHANGED);
    }
    co_return seen;
  }

 private:
  static std::string locator(const v1::Work& work) { return "place/" + std::to_string(work.delivery().item_id()); }
  static v1::Receipt receipt(const v1::Work& work, const Place& place) {
    v1::Receipt made;
    made.set_locator(locator(work));
    made.set_content_digest(sha256(place.content).raw());
    return made;
  }

  boost::asio::awaitable<Outcome<v1::Receipt>> put(const v1::Work& work, Progress& progress, std::string content) {
    auto& place = outside_.places[locator(work)];
    if (place.edition > work.delivery().edition()) {
      co_return failure(v1::FAILURE_CLASS_REJECTED, "fake.older", "a newer edition stands there");
    }
    if (place.delivery_id != work.delivery().id()) {
      outside_.drafts[work.delivery().id()] = content;
      const bool drafted = co_await progress.save("drafted");
      if (!drafted) co_return failure(v1::FAILURE_CLASS_RETRY, "fake.lost", "progress was refused");
      place = {work.delivery().edition(), work.delivery().id(), std::move(content)};
      ++outside_.posts[work.delivery().item_id()];
      const bool posted = co_await progress.save("posted");
      if (!posted) co_return failure(v1::FAILURE_CLASS_RETRY, "fake.lost", "progress was refused");
    }
    outside_.drafts.erase(work.delivery().id());
    co_return receipt(work, place);
  }

  Outside& outside_;
};

class FakeUnderTest final : public ChannelUnderTest {
 public:
  std::string name() const override { return "fake"; }
  Channel& make() override {
    channel_ = std::make_unique<FakeChannel>(outside_);
    return *channel_;
  }
  bool tamper(const v1::Receipt& receipt) override {
    outside_.places.at(receipt.locator()).content += " and more";
    return true;
  }
  bool remove(const v1::Receipt& receipt) override { return outside_.places.erase(receipt.locator()) == 1; }
  std::size_t count_effects(std::uint64_t item_id) override { return outside_.posts[item_id]; }

 private:
  Outside outside_;
  std::unique_ptr<FakeChannel> channel_;
};

INSTANTIATE_TEST_SUITE_P(Fake, ChannelConformance,
                         testing::Values(ChannelFactory{"memory", [] { return std::make_unique<FakeUnderTest>(); }}),
                         channel_name);

}  // namespace
}  // namespace fabu::sdk
