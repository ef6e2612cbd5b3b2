// What the pieces of an ack cost on this machine: a flush of the disk, a commit, a row, a request. Prints one JSON line a figure,
// with medians in microseconds; tests/bench/notes.md says what they mean for the design.
//
//   fabu_machine_bench --dir DIR      DIR on the disk that a data folder would lie on
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "broker/audit/tree.h"
#include "broker/http/router.h"
#include "broker/http/server.h"
#include "load/connection.h"
#include "load/sample_item.h"
#include "proto/fabu/digest.h"

namespace {

using Steady = std::chrono::steady_clock;

// Runs `step` `times` times and prints the median and the 99th percentile of one, divided by `parts`.
void figure(const char* name, int times, double parts, const std::function<void(int)>& step) {
  std::vector<double> micros;
  for (int i = 0; i < times; ++i) {
    const auto begin = Steady::now();
    step(i);
    micros.push_back(std::chrono::duration<double, std::micro>(Steady::now() - begin).count() / parts);
  }
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double p) { return micros[static_cast<std::size_t>(p * static_cast<double>(micros.size() - 1))]; };
  std::printf("{\"figure\":\"%s\",\"p50_us\":%.2f,\"p99_us\":%.2f}\n", name, at(0.5), at(0.99));
  std::fflush(stdout);
}

void flushes(const std::string& dir) {
  const std::string block(4096, 'x');
  const int appended = ::open((dir + "/append").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  figure("fdatasync after a 4 KB append", 1000, 1, [&](int) {
    if (::write(appended, block.data(), block.size()) < 0 || ::fdatasync(appended) != 0) throw std::runtime_error("append");
  });
  ::close(appended);
  const int rewritten = ::open((dir + "/rewrite").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  for (int i = 0; i < 1000; ++i) {
    if (::write(rewritten, block.data(), block.size()) < 0) throw std::runtime_error("fill");
  }
  ::fsync(rewritten);
  figure("fdatasync after a 4 KB overwrite", 1000, 1, [&](int i) {
    if (::pwrite(rewritten, block.data(), block.size(), i * 4096L) < 0 || ::fdatasync(rewritten) != 0)
      throw std::runtime_error("overwrite");
  });
  ::close(rewritten);
}

// A table like the log's: a number, and a record of 200 bytes.
void rows(const std::string& dir) {
  sqlite3* db = nullptr;
  sqlite3_open((dir + "/rows.db").c_str(), &db);
  const auto run = [db](const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
  };
  run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(seq INTEGER PRIMARY KEY, bytes "
      "BLOB)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "INSERT INTO t(bytes) VALUES(?)", -1, &insert, nullptr);
  const std::string record(200, 'r');
  const auto commit = [&](int count) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < count; ++i) {
      sqlite3_bind_blob(insert, 1, record.data(), static_cast<int>(record.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    run("COMMIT");
  };
  figure("commit of one row (WAL, synchronous=FULL)", 500, 1, [&](int) { commit(1); });
  figure("row in a commit of 1000 rows", 100, 1000, [&](int) { commit(1000); });
  sqlite3_finalize(insert);
  sqlite3_close(db);
}

void computing() {
  const auto item = fabu::load::sample_item("bench", "B-1");
  const auto bytes = item.SerializeAsString();
  figure("serialise an item of 2 KB", 2000, 1, [&](int) { (void)item.SerializeAsString(); });
  figure("parse an item of 2 KB", 2000, 1, [&](int) { fabu::v1::Item().ParseFromString(bytes); });
  figure("SHA-256 of 2 KB", 2000, 1, [&](int) { (void)fabu::sha256(bytes); });
  fabu::audit::Edge edge;
  std::vector<fabu::audit::FullTile> tiles;
  const std::string record(200, 'r');
  figure("a leaf into the tree", 2000, 1, [&](int) { edge.append(fabu::audit::leaf_hash(record), tiles); });
}

boost::asio::awaitable<fabu::http::Response> nothing(fabu::http::Request) {
  co_return fabu::http::text_response(200, "text/plain", "ok\n");
}

boost::asio::awaitable<fabu::Result<fabu::Caller>> nobody(const fabu::http::Request&) {
  co_return fabu::Caller{};
}

void requests() {
  boost::asio::io_context io;
  fabu::http::Router router(nobody);
  router.add({"nothing",
              "POST",
              "/nothing",
              "",
              {"text/plain"},
              {"text/plain"},
              fabu::http::Access::everyone(),
              1 << 20,
              false,
              nothing});
  fabu::http::Server server(io.get_executor(), router, {});
  const auto port = server.listen_tcp("127.0.0.1", 0).value();
  std::thread loop([&io] { io.run(); });
  {
    fabu::load::Connection connection("127.0.0.1", port, "");
    const std::string body(2048, 'b');
    figure("HTTP request of 2 KB that does nothing, one at a time", 5000, 1,
           [&](int) { (void)connection.request("POST", "/nothing", "text/plain", body); });
  }
  boost::asio::co_spawn(io, server.stop(std::chrono::seconds(5)), boost::asio::use_future).get();
  loop.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string(argv[1]) != "--dir") return std::fprintf(stderr, "usage: fabu_machine_bench --dir DIR\n"), 2;
  flushes(argv[2]);
  rows(argv[2]);
  computing();
  requests();
  return 0;
}
