#include "broker/transport/rabbitmq/publisher.h"

#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

namespace fabu::transport::rabbitmq {
namespace {

constexpr std::size_t kMostUnconfirmed = 4096;

}  // namespace

Publisher::Publisher(Account account, const std::string& purpose, std::function<void(Wire&)> prepare)
    : prepare_(std::move(prepare)), link_(std::move(account), purpose, *this) {}

Publisher::~Publisher() {
  stop();
}

void Publisher::stop() {
  link_.stop();
  std::deque<Waiting> forgotten;
  {
    const std::lock_guard lock(mutex_);
    forgotten.swap(waiting_);
  }
  for (auto& one : forgotten) {
    if (one.done) one.done(Published::unknown);
  }
}

void Publisher::publish(Message message, Done done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(message), std::move(done)});
  }
  link_.wake();
}

std::size_t Publisher::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Publisher::connected(Wire& wire) {
  wire.confirm_publishing();
  if (prepare_) prepare_(wire);
}

void Publisher::work(Wire& wire) {
  while (!blocked_ && sent_.size() < kMostUnconfirmed) {
    Waiting next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next.message.properties.message_id = std::to_string(first_ + sent_.size());
    sent_.push_back({std::move(next.done)});
    wire.publish(next.message);
  }
}

void Publisher::event(Wire&, WireEvent event) {
  if (const auto* confirmation = std::get_if<Confirmation>(&event)) return confirm(*confirmation);
  if (const auto* returned = std::get_if<Return>(&event)) {
    std::uint64_t tag = 0;
    const auto& id = returned->message_id;
    std::from_chars(id.data(), id.data() + id.size(), tag);
    if (tag >= first_ && tag - first_ < sent_.size()) sent_[tag - first_].returned = true;
    return;
  }
  if (const auto* blockage = std::get_if<Blockage>(&event)) {
    blocked_ = blockage->blocked;
    if (blockage->blocked) {
      spdlog::warn("event=rabbitmq_blocks_publishers why=\"{}\"", blockage->reason);
    } else {
      spdlog::info("event=rabbitmq_unblocks_publishers");
    }
  }
}

void Publisher::finish(Sent& sent, Published outcome) {
  if (std::exchange(sent.over, true)) return;
  if (sent.done) sent.done(outcome);
}

void Publisher::confirm(const Confirmation& confirmation) {
  if (confirmation.tag < first_ || confirmation.tag - first_ >= sent_.size()) return;
  const auto last = confirmation.tag - first_;
  for (auto i = confirmation.all_before ? 0 : last; i <= last; ++i) {
    auto& sent = sent_[i];
    finish(sent, sent.returned ? Published::unroutable : confirmation.taken ? Published::taken : Published::refused);
  }
  while (!sent_.empty() && sent_.front().over) {
    sent_.pop_front();
    ++first_;
  }
}

void Publisher::lost() {
  std::deque<Sent> unknown;
  unknown.swap(sent_);
  first_ = 1;
  blocked_ = false;
  for (auto& sent : unknown) finish(sent, Published::unknown);
}

}  // namespace fabu::transport::rabbitmq
