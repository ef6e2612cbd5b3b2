#include "broker/store/ledger/group_commit.h"

#include <spdlog/spdlog.h>

namespace fabu::store {
namespace {

Error busy() {
  return Error{ErrorCode::busy,
               "store",
               "The store has as much to do as it may hold. Nothing was stored.",
               "Send it again in a second.",
               {}};
}

}  // namespace

Error unavailable(const std::string& what) {
  return Error{ErrorCode::unavailable,
               "store",
               "Nothing was stored: " + what,
               "Send it again later; an operator must look at the disk.",
               {}};
}

GroupCommit::GroupCommit(GroupOptions options, Engine& engine) : options_(options), engine_(engine) {
  thread_ = std::thread([this] { loop(); });
}

GroupCommit::~GroupCommit() {
  close();
}

void GroupCommit::push(std::unique_ptr<Command> command) {
  {
    std::unique_lock lock(mutex_);
    const bool full = waiting_.size() >= options_.max_waiting || waiting_bytes_ + command->bytes > options_.max_waiting_bytes;
    if (closed_ || full) {
      const bool closing = closed_;
      lock.unlock();
      return command->failed(closing ? unavailable("the server is stopping") : busy());
    }
    const bool before = worth_a_commit();
    waiting_bytes_ += command->bytes;
    urgent_ += command->urgency == Urgency::now ? 1 : 0;
    waiting_.push_back(std::move(command));
    if (waiting_.size() > 1 && (before || !worth_a_commit())) return;  // the thread is awake, or wakes by itself
  }
  wake_.notify_one();
}

bool GroupCommit::worth_a_commit() const {
  return urgent_ > 0 || waiting_.size() >= options_.enough;
}

// A commit costs a sync, whoever is in it. What channels report can wait a moment for the next submission: one that comes right
// after an ack then shares a sync with what its predecessor's channels did, and need not wait for theirs first.
GroupCommit::Group GroupCommit::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return !waiting_.empty() || closed_; });
  if (!worth_a_commit() && !closed_) wake_.wait_for(lock, options_.patience, [this] { return worth_a_commit() || closed_; });
  Group group;
  while (!waiting_.empty() && group.commands_.size() < options_.max_group) {
    waiting_bytes_ -= waiting_.front()->bytes;
    urgent_ -= waiting_.front()->urgency == Urgency::now ? 1 : 0;
    group.commands_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return group;
}

void GroupCommit::loop() {
  for (;;) {
    Group group = take();
    if (group.commands_.empty()) return;
    if (const auto error = engine_.commit(group)) {
      spdlog::error("event=commit_failed commands={} what=\"{}\"", group.size(), error->what);
      for (auto& command : group.commands_) command->failed(*error);
    } else {
      for (auto& command : group.commands_) command->committed();
    }
    engine_.tend();
  }
}

std::size_t GroupCommit::backlog() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void GroupCommit::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace fabu::store
