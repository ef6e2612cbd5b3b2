// Group commit: one thread takes whatever waits, runs it in one transaction, syncs once, and answers all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "broker/store/sqlite/transaction.h"

namespace fabu::store {

struct WriterOptions {
  std::string file;
  std::string vfs;                           // empty: the default one
  std::size_t max_waiting = 4096;            // commands
  std::size_t max_waiting_bytes = 64 << 20;  // of their content
  std::size_t max_group = 512;               // commands in a transaction
  std::chrono::microseconds patience{200};   // how long a group of patient commands waits for others to share its sync
  std::size_t enough = 64;                   // so many go at once
  int cache_kib = 16 << 10;
  int full_wal_pages = 4000;  // from here on the write-ahead log begins again once nearly all of it is in the database
  int max_wal_pages = 16384;  // past this the writer itself empties it
};

// What readers may know of the last commit.
struct Committed {
  audit::Edge edge;  // its root is computed when somebody asks
  std::unordered_map<std::string, ChannelCounts> counts;
};

class Writer {
 public:
  // Opens, migrates and takes up the stored state; starts the thread.
  static Result<std::unique_ptr<Writer>> open(WriterOptions);
  ~Writer();

  // Whether somebody waits for the answer.
  enum class Urgency { now, patient };

  // Queues `work(transaction)`; `done` gets its result once it is on stable storage. See Store for busy and unavailable.
  template <typename T, typename Work>
  void submit(std::size_t bytes, Urgency urgency, Work work, Done<T> done) {
    auto command = std::make_unique<Typed<T, Work>>(std::move(work), std::move(done));
    command->bytes = bytes;
    command->urgency = urgency;
    push(std::move(command));
  }
  std::size_t backlog() const;
  LogHead head() const;
  ChannelCounts counts(const std::string& channel) const;
  // Called after commits with the number of pages in the write-ahead log; tells how many of them are in the database already. Set
  // before the first submit.
  void on_wal(std::function<int(int pages)> notice) { wal_notice_ = std::move(notice); }
  // Takes no more, commits what waits, ends the thread. Idempotent.
  void close();

 private:
  struct Command {
    virtual ~Command() = default;
    virtual void run(Transaction&) = 0;
    virtual void committed() = 0;
    virtual void failed(const Error&) = 0;
    std::size_t bytes = 0;
    Urgency urgency = Urgency::now;
  };
  template <typename T, typename Work>
  struct Typed final : Command {
    Typed(Work w, Done<T> d) : work(std::move(w)), done(std::move(d)) {}
    void run(Transaction& t) override { result.emplace(work(t)); }
    void committed() override { done(std::move(*result)); }
    void failed(const Error& error) override { done(error); }
    Work work;
    Done<T> done;
    std::optional<Result<T>> result;
  };
  using Group = std::vector<std::unique_ptr<Command>>;

  explicit Writer(WriterOptions options) : options_(std::move(options)) {}
  Result<void> reopen();
  void push(std::unique_ptr<Command>);
  void loop();
  Group take();
  bool worth_a_commit() const;  // with mutex_ held
  void commit(Group&);
  std::optional<Error> transact(Group&);
  void publish();
  void tend_wal();

  const WriterOptions options_;
  std::unique_ptr<Database> db_;  // of the writer's thread after open
  WriterState state_;
  bool suspect_ = false;  // the last transaction failed: open the database anew before the next
  int wal_pages_ = 0;
  int next_restart_ = 0;  // of the log, not before it has so many pages: a reader was in it
  std::function<int(int)> wal_notice_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Command>> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t urgent_ = 0;  // of those that wait
  bool closed_ = false;
  Committed committed_;
  std::thread thread_;
};

}  // namespace fabu::store
