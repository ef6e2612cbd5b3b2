// The writer's side of the database: connects, and commits groups in two round trips.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "broker/store/ledger/group_commit.h"
#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/pg_rows.h"
#include "broker/store/postgresql/presence.h"

namespace fabu::store::pg {

class PgWriter final : private GroupCommit::Engine {
 public:
  using Urgency = GroupCommit::Urgency;

  // Connects to a database that is up to date, and takes up the stored state; starts the thread. Connects again by itself when
  // the connection breaks. Writes for the session of `presence`, which must outlive it; without a session nothing can be written.
  static Result<std::unique_ptr<PgWriter>> open(const std::string& address, GroupOptions, Deadline, Presence&);
  ~PgWriter() override;

  // See GroupCommit::submit.
  template <typename T, typename Work>
  void submit(std::size_t bytes, Urgency urgency, Need need, Work work, Done<T> done) {
    commits_->submit<T>(bytes, urgency, std::move(need), std::move(work), std::move(done));
  }
  // Gives open deliveries of these owners to `heir`, some at a time. True: there are more.
  void adopt(std::vector<std::uint64_t> owners, std::uint64_t heir, Done<bool> more);
  std::size_t backlog() const { return commits_->backlog(); }
  void close();

 private:
  PgWriter(std::string address, Deadline deadline, Presence& presence)
      : address_(std::move(address)), deadline_(deadline), presence_(presence) {}
  std::optional<Error> commit(GroupCommit::Group&) override;
  void tend() override;
  Result<void> connect();
  Result<Head> begin(const GroupCommit::Group&);
  Result<void> catch_up(const Head&);
  std::optional<Error> transact(GroupCommit::Group&);
  std::vector<Need> needs(const GroupCommit::Group&) const;

  const std::string address_;
  const Deadline deadline_;
  Presence& presence_;
  // Of the thread after open. In the order of their making: each needs the one before.
  struct Opened {
    Opened(const std::string& address, Deadline deadline) : db(address, deadline), rows(db), ledger(rows) {}
    Connection db;
    PgRows rows;
    Ledger ledger;
    std::int64_t generation = -1;  // as of which the ledger knows the database
    bool shared = false;           // another broker wrote before the last transaction
  };
  std::unique_ptr<Opened> opened_;  // null: to be connected
  std::uint64_t session_ = 0;       // of the transaction under way
  bool committing_ = false;         // its COMMIT is under way
  // From before the COMMIT until everybody was answered: what other brokers do later is told later.
  std::unique_lock<std::mutex> quiet_;
  std::unique_ptr<GroupCommit> commits_;
};

}  // namespace fabu::store::pg
