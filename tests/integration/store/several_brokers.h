// Several stores on one database of a real server, and what they are told.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/pg_store.h"
#include "integration/store/blocking_store.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "peers/postgres/postgres_server.h"
#include "temp_folder.h"
#include "unit/print_result.h"

namespace fabu::store {

// Waits for the condition; false when it has not come within a time that no slow machine needs.
inline bool eventually(const std::function<bool()>& condition) {
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(40);
       std::chrono::steady_clock::now() < until;) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

// What a store told.
class Heard {
  template <typename Read>
  auto of(Read read) {
    const std::lock_guard lock(mutex_);
    return read();
  }

 public:
  OnNews listener() {
    return [this](News news) {
      const std::lock_guard lock(mutex_);
      for (const auto& one : news.outdated) outdated_.insert(one.channel + " " + one.delivery_id);
      due_.insert(news.due.begin(), news.due.end());
      channels_ += news.channels ? 1 : 0;
      everything_ += news.everything ? 1 : 0;
    };
  }
  bool outdated(const std::string& id) {
    return of([&] { return outdated_.contains(id.substr(id.rfind('-') + 1) + " " + id); });
  }
  bool due(const std::string& channel) {
    return of([&] { return due_.contains(channel); });
  }
  int channels() {
    return of([&] { return channels_; });
  }
  int everything() {
    return of([&] { return everything_; });
  }
  bool nothing() {
    return of([&] { return outdated_.empty() && due_.empty() && channels_ == 0 && everything_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::set<std::string> outdated_, due_;
  int channels_ = 0, everything_ = 0;
};

class SeveralBrokers : public testing::Test {
 protected:
  // A database of the test's own on one server for all.
  static peers::PostgresServer& server() {
    static peers::PostgresServer running;
    return running;
  }
  std::string address() const {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return server().address(std::string(test->test_suite_name()) + "_" + test->name());
  }
  PostgresOptions options() {
    PostgresOptions options;
    options.address = address();
    options.copies = copies_ / ("copies" + std::to_string(++brokers_));
    return options;
  }
  std::unique_ptr<Store> broker() { return std::move(open_postgres(options()).value()); }
  std::unique_ptr<Store> broker(Heard& heard) {
    auto store = broker();
    store->subscribe(heard.listener());
    return store;
  }
  static Ids open(Store& store, const std::string& channel = kWebsite) {
    const auto batch = store.open_deliveries({channel, at(1'000'000'000), {}, 1000}).value();
    Ids ids;
    for (const auto& work : batch.works) ids.push_back(work.delivery().id());
    return ids;
  }
  // What an operator would ask, or do, with psql.
  std::int64_t ask(const char* literal) { return pg::Connection(address()).query(literal).number(0, 0); }

  TempFolder copies_;
  int brokers_ = 0;
};

}  // namespace fabu::store
