#include "broker/transport/rabbitmq/consumer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace fabu::transport::rabbitmq {

Consumer::Consumer(Account account, const std::string& purpose, Hooks hooks)
    : hooks_(std::move(hooks)), link_(std::move(account), purpose, *this) {}

Consumer::~Consumer() {
  stop();
}

void Consumer::stop() {
  link_.stop();
}

void Consumer::ack(Ticket ticket) {
  answer({ticket, true, false});
}

void Consumer::reject(Ticket ticket, bool again) {
  answer({ticket, false, again});
}

void Consumer::answer(Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    answers_.push_back(answer);
  }
  link_.wake();
}

void Consumer::with_wire(std::function<void(Wire&)> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  link_.wake();
}

void Consumer::connected(Wire& wire) {
  ++connection_;
  open_.clear();
  hooks_.connected(wire);
}

void Consumer::work(Wire& wire) {
  std::vector<Answer> answers;
  std::vector<std::function<void(Wire&)>> tasks;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(answers_);
    tasks.swap(tasks_);
  }
  if (!answers.empty()) send(wire, answers);
  for (const auto& task : tasks) task(wire);
  if (hooks_.tick) hooks_.tick();
}

// Everything up to the oldest tag that stays open in one command, the others one by one.
void Consumer::send(Wire& wire, const std::vector<Answer>& answers) {
  std::vector<std::uint64_t> taken;
  for (const auto& one : answers) {
    if (one.ticket.connection != connection_ || open_.erase(one.ticket.tag) == 0) continue;
    if (one.taken) {
      taken.push_back(one.ticket.tag);
    } else {
      wire.reject(one.ticket.tag, one.again);
    }
  }
  const auto oldest = open_.empty() ? std::numeric_limits<std::uint64_t>::max() : *open_.begin();
  std::uint64_t up_to = 0;
  for (const auto tag : taken) {
    if (tag < oldest) {
      up_to = std::max(up_to, tag);
    } else {
      wire.ack(tag, false);
    }
  }
  if (up_to > 0) wire.ack(up_to, true);
}

void Consumer::event(Wire&, WireEvent event) {
  if (auto* arrival = std::get_if<Arrival>(&event)) {
    const Ticket ticket{connection_, arrival->tag};
    if (arrival->wants_answer) open_.insert(arrival->tag);
    hooks_.arrived(ticket, std::move(*arrival));
  } else if (const auto* cancelled = std::get_if<Cancellation>(&event)) {
    throw WireError("the queue of " + cancelled->consumer + " is gone");
  }
}

void Consumer::lost() {
  if (hooks_.lost) hooks_.lost();
}

}  // namespace fabu::transport::rabbitmq
