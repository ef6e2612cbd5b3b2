// The writer's side of the database: connects, and commits groups in two round trips.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "broker/store/ledger/group_commit.h"
#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/pg_rows.h"

namespace fabu::store::pg {

class PgWriter final : private GroupCommit::Engine {
 public:
  using Urgency = GroupCommit::Urgency;

  // Connects, migrates and takes up the stored state; starts the thread. Connects again by itself when the connection breaks.
  static Result<std::unique_ptr<PgWriter>> open(const std::string& address, GroupOptions);
  ~PgWriter() override;

  // See GroupCommit::submit.
  template <typename T, typename Work>
  void submit(std::size_t bytes, Urgency urgency, Need need, Work work, Done<T> done) {
    commits_->submit<T>(bytes, urgency, std::move(need), std::move(work), std::move(done));
  }
  std::size_t backlog() const { return commits_->backlog(); }
  void close();

 private:
  explicit PgWriter(std::string address) : address_(std::move(address)) {}
  std::optional<Error> commit(GroupCommit::Group&) override;
  Result<void> connect();
  Result<Head> begin(const GroupCommit::Group&);
  std::optional<Error> transact(GroupCommit::Group&);
  std::vector<Need> unknown(const GroupCommit::Group&) const;

  const std::string address_;
  // Of the thread after open. In the order of their making: each needs the one before.
  struct Opened {
    explicit Opened(const std::string& address) : db(address), rows(db), ledger(rows) {}
    Connection db;
    PgRows rows;
    Ledger ledger;
    std::int64_t generation = -1;  // as of which the ledger knows the database
  };
  std::unique_ptr<Opened> opened_;  // null: to be connected
  std::unique_ptr<GroupCommit> commits_;
};

}  // namespace fabu::store::pg
