// The use cases on a real store in a folder of its own: what they decide together with the store is asked of both.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "broker/flow/dispatch.h"
#include "broker/flow/intake.h"
#include "broker/store/sqlite/sqlite_store.h"
#include "temp_folder.h"
#include "unit/flow/fakes.h"
#include "unit/print_result.h"
#include "unit/run_awaitable.h"

namespace fabu::flow {

// "path: rule" of each problem.
inline std::vector<std::string> rules(const Error& error) {
  std::vector<std::string> all;
  for (const auto& problem : error.problems) all.push_back(problem.path() + ": " + problem.rule());
  return all;
}

inline Caller key_of(const std::string& department, std::uint8_t scopes) {
  return {v1::ACTOR_KIND_DEPARTMENT, department, "k1", scopes};
}
inline Caller key_of(const std::string& department, Scope scope = Scope::submit) {
  return key_of(department, static_cast<std::uint8_t>(scope));
}
inline Caller local_administrator() {
  return {v1::ACTOR_KIND_LOCAL, {}, {}, 0xFF};
}

inline const domain::Catalogue& flow_catalogue() {
  static const domain::Catalogue catalogue = domain::Catalogue::parse(R"(
domains: [{code: T, name: 试, name_en: Test}]
entries:
  - {code: T-PLAIN, name: 公告, name_en: Notice, domain: T, stage: result, channels: [website, wechat, board], deadline: 20wd, legal_basis: 某法}
  - {code: T-REVIEW, name: 公示, name_en: Publicity, domain: T, stage: result, channels: [website, board], review: one-eye, deadline: 20wd, legal_basis: 某法}
  - {code: T-ELSEWHERE, name: 推文, name_en: Post, domain: T, stage: result, channels: [wechat], deadline: 20wd, legal_basis: 某法}
  - {code: T-REVIEW-ELSEWHERE, name: 审推, name_en: Reviewed post, domain: T, stage: result, channels: [wechat], review: one-eye, deadline: 20wd, legal_basis: 某法}
)",
                                                                      "test.yaml")
                                                 .value();
  return catalogue;
}

inline v1::Item item_of(const std::string& reference, const std::string& entry = "T-PLAIN") {
  v1::Item item;
  item.set_department("GGJ");
  item.set_reference(reference);
  item.set_catalogue_entry(entry);
  item.set_title("中标候选人公示");
  item.set_summary("公示三名中标候选人。");
  item.mutable_publisher()->set_name("澄州市公共资源交易管理局");
  item.set_formed_date("2024-08-19");
  item.set_responsible_section("工程科");
  item.mutable_body()->set_format(v1::BODY_FORMAT_PLAIN);
  item.mutable_body()->set_text("正文\n第二行");
  return item;
}
inline v1::Item correction_of(v1::Item item, const std::string& title, std::uint32_t of_edition = 0) {
  item.set_title(title);
  item.mutable_correction()->set_reason("原文有误");
  item.mutable_correction()->set_of_edition(of_edition);
  return item;
}

class OnSqlite : public testing::Test {
 protected:
  OnSqlite() : store(opened(folder.path())) {}
  ~OnSqlite() override {
    dispatch.stop();
    io.run_for(std::chrono::seconds(10));  // until the feeders have ended
    pool.join();
    store->close();
  }

  void settle() { flow::settle(io); }

  Result<v1::SubmissionReceipt> submit(v1::Item item, bool dry_run = false) {
    return run(intake.submit(key_of("GGJ"), std::move(item), dry_run));
  }
  v1::SubmissionReceipt accepted(v1::Item item) {
    auto receipt = submit(std::move(item));
    EXPECT_TRUE(receipt) << receipt.error().what;
    return receipt ? *receipt : v1::SubmissionReceipt{};
  }

  // Awaits a write of the store.
  template <typename T>
  static Result<T> wait(std::promise<Result<T>>& promise) {
    return promise.get_future().get();
  }
  Result<store::Settled> report(v1::Report what) {
    std::promise<Result<store::Settled>> done;
    store->settle({std::move(what), "test", clock.now()},
                  [&](Result<store::Settled> settled) { done.set_value(std::move(settled)); });
    return wait(done);
  }
  Result<store::Settled> deliver(const std::string& id) {
    v1::Report report_;
    report_.set_delivery_id(id);
    report_.mutable_delivered()->set_delivery_id(id);
    report_.mutable_delivered()->set_locator("https://example.org/" + id);
    return report(std::move(report_));
  }
  Result<store::Settled> fail(const std::string& id, v1::DeliveryState state, const std::string& code = "x.failed") {
    v1::Report report_;
    report_.set_delivery_id(id);
    auto& setback = *report_.mutable_setback();
    setback.set_state(state);
    setback.set_attempts(1);
    setback.set_due_ms(to_ms(clock.now()));
    setback.mutable_failure()->set_code(code);
    setback.mutable_failure()->set_message("it failed");
    return report(std::move(report_));
  }

  // The decoded records of the log from `first` on.
  std::vector<v1::AuditRecord> records(std::uint64_t first = 0) {
    std::vector<v1::AuditRecord> all;
    const auto entries = store->log_entries(first, 4096);
    if (!entries) return all;
    for (const auto& bytes : *entries) EXPECT_TRUE(all.emplace_back().ParseFromString(bytes));
    return all;
  }
  std::uint64_t log_size() { return store->log_head().size; }

  TempFolder folder;
  std::unique_ptr<store::Store> store;
  boost::asio::io_context io;
  boost::asio::thread_pool pool{2};
  Installation installation;
  ManualClock clock;
  HeardEvents events;
  FakeTransport transport;
  Dispatch dispatch{*store, transport, flow_catalogue(), installed(), clock, events, io.get_executor(), pool};
  Intake intake{*store, flow_catalogue(), installation, clock, dispatch, events};

 private:
  const Installation& installed() {
    installation.channels = {"board", "website"};
    return installation;
  }
  static std::unique_ptr<store::Store> opened(const std::filesystem::path& folder) {
    store::SqliteOptions options;
    options.folder = folder;
    return std::move(store::open_sqlite(options).value());
  }
};

}  // namespace fabu::flow
