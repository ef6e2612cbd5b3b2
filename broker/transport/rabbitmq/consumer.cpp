#include "broker/transport/rabbitmq/consumer.h"

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
  for (const auto& one : answers) {
    if (one.ticket.connection != connection_) continue;
    if (one.taken) {
      wire.ack(one.ticket.tag);
    } else {
      wire.reject(one.ticket.tag, one.again);
    }
  }
  for (const auto& task : tasks) task(wire);
  if (hooks_.tick) hooks_.tick();
}

void Consumer::event(Wire&, WireEvent event) {
  if (auto* arrival = std::get_if<Arrival>(&event)) {
    const Ticket ticket{connection_, arrival->tag};
    hooks_.arrived(ticket, std::move(*arrival));
  } else if (const auto* cancelled = std::get_if<Cancellation>(&event)) {
    throw WireError("the queue of " + cancelled->consumer + " is gone");
  }
}

void Consumer::lost() {
  if (hooks_.lost) hooks_.lost();
}

}  // namespace fabu::transport::rabbitmq
