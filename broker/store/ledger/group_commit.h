// Group commit: one thread takes whatever waits, has it run in one transaction that syncs once, and answers all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "broker/store/ledger/ledger.h"

namespace fabu::store {

struct GroupOptions {
  std::size_t max_waiting = 4096;            // commands
  std::size_t max_waiting_bytes = 64 << 20;  // of their content
  std::size_t max_group = 512;               // commands in a transaction
  std::chrono::microseconds patience{200};   // how long a group of patient commands waits for others to share its sync
  std::size_t enough = 64;                   // so many go at once
};

class GroupCommit {
 public:
  // The commands of one transaction.
  class Group;
  // Commits groups, one after the other, on the thread of the GroupCommit.
  class Engine {
   public:
    virtual ~Engine() = default;
    // All of it is on stable storage, or the error that failed all of it.
    virtual std::optional<Error> commit(Group&) = 0;
    // After everybody was answered.
    virtual void tend() {}
  };

  // The engine must live until close() has returned.
  GroupCommit(GroupOptions, Engine&);
  ~GroupCommit();

  // Whether somebody waits for the answer.
  enum class Urgency { now, patient };

  // Queues `work(ledger)`; `done` gets its result once it is on stable storage. See Store for busy and unavailable.
  template <typename T, typename Work>
  void submit(std::size_t bytes, Urgency urgency, Need need, Work work, Done<T> done) {
    auto command = std::make_unique<Typed<T, Work>>(std::move(work), std::move(done));
    command->bytes = bytes;
    command->urgency = urgency;
    command->need = std::move(need);
    push(std::move(command));
  }
  std::size_t backlog() const;
  // Takes no more, commits what waits, ends the thread. Idempotent.
  void close();

 private:
  struct Command {
    virtual ~Command() = default;
    virtual void run(Ledger&) = 0;
    virtual void committed() = 0;
    virtual void failed(const Error&) = 0;
    std::size_t bytes = 0;
    Urgency urgency = Urgency::now;
    Need need;
  };
  template <typename T, typename Work>
  struct Typed final : Command {
    Typed(Work w, Done<T> d) : work(std::move(w)), done(std::move(d)) {}
    void run(Ledger& ledger) override { result.emplace(work(ledger)); }
    void committed() override { done(std::move(*result)); }
    void failed(const Error& error) override { done(error); }
    Work work;
    Done<T> done;
    std::optional<Result<T>> result;
  };

  void push(std::unique_ptr<Command>);
  void loop();
  Group take();
  bool worth_a_commit() const;  // with mutex_ held

  const GroupOptions options_;
  Engine& engine_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Command>> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t urgent_ = 0;  // of those that wait
  bool closed_ = false;
  std::thread thread_;
};

class GroupCommit::Group {
 public:
  std::size_t size() const { return commands_.size(); }
  void run(Ledger& ledger) {
    for (auto& command : commands_) command->run(ledger);
  }
  template <typename Visit>
  void needs(Visit visit) const {
    for (const auto& command : commands_) visit(command->need);
  }

 private:
  friend class GroupCommit;
  std::vector<std::unique_ptr<Command>> commands_;
};

// A commit that failed: nothing was stored.
Error unavailable(const std::string& what);

}  // namespace fabu::store
