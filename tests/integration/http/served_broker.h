// The real use cases on a real store behind the real server, on loopback; only the channels are missing.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "broker/audit/signing_key.h"
#include "broker/domain/catalogue.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/settlement.h"
#include "broker/http/api.h"
#include "broker/http/key_text.h"
#include "broker/http/server.h"
#include "broker/store/sqlite/sqlite_store.h"
#include "broker/transport/embedded/embedded.h"
#include "temp_folder.h"
#include "unit/http/raw_client.h"

namespace fabu::http {

// Every look at it is a millisecond later.
class TickingClock final : public Clock {
 public:
  Instant now() const override { return from_ms(ms_.fetch_add(1)); }

 private:
  mutable std::atomic<std::int64_t> ms_{1'787'191'200'000};  // 2026-08-20T02:00:00Z
};

class NoEvents final : public flow::Events {
 public:
  void submitted(std::string_view) override {}
  void delivered(const v1::Delivery&) override {}
  void setback(const v1::Delivery&, const v1::Failure&) override {}
  void store_failed(std::string_view, std::string_view) override {}
};

class ServedBroker : public testing::Test {
 protected:
  struct Reply {
    int status = 0;
    std::string head, body;
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  };

  ServedBroker()
      : store_(opened(folder_.path())),
        catalogue_(*domain::Catalogue::load(FABU_SOURCE_DIR "/broker/domain/data/catalogue.yaml")) {
    installation_.channels = {"website", "noticeboard"};
    transport_.attach(
        [this](v1::Report report, transport::ReportDone done) { settlement_.report(std::move(report), std::move(done)); },
        [this](const std::string& channel) { dispatch_.room(channel); }, {});
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  ~ServedBroker() override {
    if (server_) boost::asio::co_spawn(io_, server_->stop(std::chrono::seconds(5)), boost::asio::use_future).get();
    dispatch_.stop();
    transport_.close();
    work_.reset();
    for (auto& thread : threads_) thread.join();
    pool_.join();
    store_->close();
  }

  // Listens; a test that wants other bounds changes them first.
  void serve() {
    ApiDeps deps{intake_, inquiry_, operate_, *store_,         auth_, clock_, pool_, [] { return std::string("fabu_up 1\n"); },
                 {},      {},       {},       folder_ / "site"};
    deps.log = [](const std::string& path) -> Result<std::string> {
      if (path == "checkpoint" || path == "tile/0/000.p/1") return "bytes of " + path;
      return Error{ErrorCode::not_found, "path", "no such file", "", {}};
    };
    deps.ready = [this]() -> Result<void> {
      if (ready_) return {};
      return Error{ErrorCode::io, "store", "the store cannot write", "see the disk", {}};
    };
    deps.max_attachment = 1 << 20;
    deps.max_in_flight = max_in_flight_;
    router_ = std::make_unique<Router>(make_router(std::move(deps)));
    server_ = std::make_unique<Server>(io_.get_executor(), *router_, ServerOptions{limits_, {}});
    port_ = *server_->listen_tcp("127.0.0.1", 0);
    socket_ = folder_ / "admin.sock";
    ASSERT_TRUE(server_->listen_unix(socket_));
  }

  // Asks with the department's key unless another is given; "" = none.
  Reply ask(const std::string& method, const std::string& target, const std::string& body = "", const std::string& type = "",
            const std::string& more = "") {
    if (key_.empty()) key_ = new_key("GGJ", {"submit", "read"});
    return send(std::make_unique<RawClient>(port_), method, target, body, type, "Authorization: Bearer " + key_ + "\r\n" + more);
  }
  Reply ask_with(const std::string& key, const std::string& method, const std::string& target, const std::string& body = "",
                 const std::string& type = "") {
    return send(std::make_unique<RawClient>(port_), method, target, body, type,
                key.empty() ? "" : "Authorization: Bearer " + key + "\r\n");
  }
  // The local administrator, over the Unix socket.
  Reply administer(const std::string& method, const std::string& target, const std::string& body = "",
                   const std::string& more = "") {
    return send(std::make_unique<RawClient>(socket_.string()), method, target, body, body.empty() ? "" : "application/json",
                more);
  }
  unsigned short port() const { return port_; }
  std::string new_key(const std::string& department, const std::vector<std::string>& scopes) {
    const nlohmann::json request{{"department", department}, {"scopes", scopes}};
    return administer("POST", "/v1/keys", request.dump()).json().value("key", "");
  }
  static Reply send(std::unique_ptr<RawClient> client, const std::string& method, const std::string& target,
                    const std::string& body, const std::string& type, const std::string& more) {
    std::string head = method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more;
    if (!type.empty()) head += "Content-Type: " + type + "\r\n";
    if (!body.empty() || method == "PUT") head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    client->send(head + "\r\n" + body);
    auto answer = client->answer(method == "HEAD");
    return {answer.status, answer.head, answer.body};
  }

  Limits limits_;
  unsigned max_in_flight_ = 100;
  std::atomic<bool> ready_{true};
  TempFolder folder_;
  std::unique_ptr<Router> router_;

 private:
  static std::unique_ptr<store::Store> opened(const std::filesystem::path& folder) {
    store::SqliteOptions options;
    options.folder = folder;
    return std::move(store::open_sqlite(options).value());
  }
  boost::asio::awaitable<Result<store::StoredCheckpoint>> seal() {
    const auto head = store_->log_head();
    co_return store::StoredCheckpoint{head.size, signer_.sign_checkpoint(head.size, head.root), to_ms(clock_.now())};
  }
  static flow::Operate::FreshKey fresh_key() {
    const auto key = make_key(system_random());
    flow::Operate::FreshKey fresh;
    fresh.record.id = key.id;
    fresh.record.secret = key.digest();
    fresh.text = key.text();
    return fresh;
  }

  TickingClock clock_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  boost::asio::thread_pool pool_{2};
  std::unique_ptr<store::Store> store_;
  domain::Catalogue catalogue_;
  flow::Installation installation_;
  flow::ChannelBoard board_;
  NoEvents events_;
  transport::EmbeddedTransport transport_;
  flow::Dispatch dispatch_{*store_, transport_, catalogue_, installation_, clock_, events_, io_.get_executor(), pool_};
  flow::Settlement settlement_{*store_, dispatch_, clock_, events_};
  audit::SigningKey signer_ = std::move(audit::SigningKey::from_seed(std::string(32, 's'), "test/log").value());
  flow::Intake intake_{*store_, catalogue_, installation_, clock_, dispatch_, events_};
  flow::Inquiry inquiry_{
      *store_, catalogue_, installation_, board_, clock_, pool_, [this] { return seal(); }, signer_.verifier_text()};
  flow::Operate operate_{*store_, catalogue_, installation_, board_, clock_, dispatch_, fresh_key};
  Auth auth_{[this](const std::string& id) { return store_->key(id); }, pool_};
  std::unique_ptr<Server> server_;
  unsigned short port_ = 0;
  std::filesystem::path socket_;
  std::string key_;
  std::vector<std::thread> threads_;
};

}  // namespace fabu::http
