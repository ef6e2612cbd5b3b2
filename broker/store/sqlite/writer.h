// The writer's side of the database: opens and migrates it, commits groups, keeps the write-ahead log small.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "broker/store/ledger/group_commit.h"
#include "broker/store/sqlite/sqlite_rows.h"

namespace fabu::store {

struct WriterOptions {
  std::string file;
  std::string vfs;  // empty: the default one
  GroupOptions groups;
  int cache_kib = 16 << 10;
  int full_wal_pages = 4000;  // from here on the write-ahead log begins again once nearly all of it is in the database
  int max_wal_pages = 16384;  // past this the writer itself empties it
};

class Writer final : private GroupCommit::Engine {
 public:
  using Urgency = GroupCommit::Urgency;

  // Opens, migrates and takes up the stored state; starts the thread.
  static Result<std::unique_ptr<Writer>> open(WriterOptions);
  ~Writer() override;

  // See GroupCommit::submit.
  template <typename T, typename Work>
  void submit(std::size_t bytes, Urgency urgency, Work work, Done<T> done) {
    commits_->submit<T>(bytes, urgency, {}, std::move(work), std::move(done));
  }
  std::size_t backlog() const { return commits_->backlog(); }
  // As of the last commit.
  LogHead head() const;
  ChannelCounts counts(const std::string& channel) const;
  // Called after commits with the number of pages in the write-ahead log; tells how many of them are in the database already. Set
  // before the first submit.
  void on_wal(std::function<int(int pages)> notice) { wal_notice_ = std::move(notice); }
  // Takes no more, commits what waits, ends the thread, closes the database. Idempotent.
  void close();

 private:
  explicit Writer(WriterOptions options) : options_(std::move(options)) {}
  std::optional<Error> commit(GroupCommit::Group&) override;
  void tend() override;
  Result<void> reopen();
  std::optional<Error> transact(GroupCommit::Group&);
  void publish();

  const WriterOptions options_;
  // Of the thread after open. In the order of their making: each needs the one before.
  struct Opened {
    explicit Opened(std::unique_ptr<Database> database) : db(std::move(database)), rows(*db), ledger(rows) {}
    std::unique_ptr<Database> db;
    SqliteRows rows;
    Ledger ledger;
  };
  std::unique_ptr<Opened> opened_;
  bool suspect_ = false;  // the last transaction failed: open the database anew before the next
  int wal_pages_ = 0;
  int next_restart_ = 0;  // of the log, not before it has so many pages: a reader was in it
  std::function<int(int)> wal_notice_;

  // What readers may know of the last commit.
  struct Committed {
    audit::Edge edge;  // its root is computed when somebody asks
    std::unordered_map<std::string, ChannelCounts> counts;
  };
  mutable std::mutex mutex_;
  Committed committed_;
  std::unique_ptr<GroupCommit> commits_;  // last: its thread uses all of the above
};

}  // namespace fabu::store
