#include "broker/amqp/intake.h"

#include <spdlog/spdlog.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <map>
#include <utility>

#include "broker/flow/refusal.h"
#include "broker/transport/rabbitmq/consumer.h"
#include "broker/transport/rabbitmq/topology.h"

namespace fabu::amqp {
namespace asio = boost::asio;
namespace rabbitmq = transport::rabbitmq;

// All but the consumer belongs to the strand.
struct Intake::State : std::enable_shared_from_this<State> {
  State(IntakeOptions o, flow::Intake& i, rabbitmq::Publisher& p, const asio::any_io_executor& executor)
      : options(std::move(o)), intake(i), answers(p), strand(asio::make_strand(executor)), timer(strand) {}

  struct Submission {
    rabbitmq::Ticket ticket;
    rabbitmq::Message message;
  };

  const IntakeOptions options;
  flow::Intake& intake;
  rabbitmq::Publisher& answers;
  const asio::strand<asio::any_io_executor> strand;
  asio::steady_timer timer;
  std::uint64_t next = 1;                       // number of the next submission that comes
  std::map<std::uint64_t, Submission> waiting;  // for the store, in the order of their coming
  std::size_t under_way = 0;
  bool resting = false;
  bool stopped = false;
  std::unique_ptr<rabbitmq::Consumer> consumer;

  void listen();
  void came(Submission);
  void begin(std::uint64_t number, Submission);
  void ended(std::uint64_t number, Submission, bool again);
  void rest();
  void go_on();
  asio::awaitable<bool> handle(const Submission&);
  asio::awaitable<bool> refuse(const Submission&, const Caller*, Error);
  void park(const Submission&, const Error&);
};

Intake::Intake(IntakeOptions options, flow::Intake& intake, rabbitmq::Publisher& answers, asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(options), intake, answers, executor)) {
  state_->listen();
}

Intake::~Intake() {
  stop();
}

bool Intake::up() const {
  return state_->consumer->up();
}

void Intake::stop() {
  state_->consumer->stop();
  asio::post(state_->strand, [state = state_] {
    state->stopped = true;
    state->timer.cancel();
  });
}

void Intake::State::listen() {
  rabbitmq::Consumer::Hooks hooks;
  hooks.connected = [this](rabbitmq::Wire& wire) { wire.consume(rabbitmq::kItems, "items", options.prefetch, true); };
  hooks.arrived = [this](rabbitmq::Ticket ticket, rabbitmq::Arrival arrival) {
    asio::post(strand, [self = shared_from_this(), one = Submission{ticket, std::move(arrival.message)}]() mutable {
      self->came(std::move(one));
    });
  };
  // What waits comes again over the next connection.
  hooks.lost = [this] { asio::post(strand, [self = shared_from_this()] { self->waiting.clear(); }); };
  consumer = std::make_unique<rabbitmq::Consumer>(options.account, "intake", std::move(hooks));
  consumer->start();
}

void Intake::State::came(Submission one) {
  const auto number = next++;
  if (resting || !waiting.empty()) {
    waiting.emplace(number, std::move(one));
    return;
  }
  begin(number, std::move(one));
}

void Intake::State::begin(std::uint64_t number, Submission one) {
  ++under_way;
  auto kept = std::make_shared<Submission>(std::move(one));
  asio::co_spawn(strand, handle(*kept), [self = shared_from_this(), number, kept](std::exception_ptr failure, bool again) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        spdlog::error("event=amqp_submission_failed why=\"{}\"", e.what());
      }
      again = true;
    }
    self->ended(number, std::move(*kept), again);
  });
}

void Intake::State::ended(std::uint64_t number, Submission one, bool again) {
  --under_way;
  if (again) waiting.emplace(number, std::move(one));
  if (under_way == 0 && !waiting.empty() && !resting) rest();
}

void Intake::State::rest() {
  resting = true;
  timer.expires_after(options.rest);
  timer.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->go_on(); });
}

void Intake::State::go_on() {
  resting = false;
  if (stopped) return;
  auto all = std::exchange(waiting, {});
  for (auto& [number, one] : all) begin(number, std::move(one));
}

// True: it is to be tried again.
asio::awaitable<bool> Intake::State::handle(const Submission& one) {
  const auto caller = caller_of(one.message.properties, options.users);
  if (!caller) co_return co_await refuse(one, nullptr, caller.error());
  auto item = item_of(one.message);
  if (!item) co_return co_await refuse(one, &*caller, item.error());
  const auto receipt = co_await intake.submit(*caller, std::move(*item), false);
  if (!receipt) {
    const auto error = receipt.error();
    if (passes(error)) co_return true;
    if (auto answer = problem_for(one.message.properties, error)) {
      answers.publish(std::move(*answer));
      consumer->ack(one.ticket);
    } else {
      park(one, error);  // nobody would hear of it
    }
    co_return false;
  }
  if (auto answer = receipt_for(one.message.properties, *receipt)) answers.publish(std::move(*answer));
  consumer->ack(one.ticket);
  co_return false;
}

// What cannot even be read, or says not whose it is.
asio::awaitable<bool> Intake::State::refuse(const Submission& one, const Caller* caller, Error error) {
  if (caller != nullptr) {
    const auto recorded = co_await intake.refuse_unread(*caller, flow::refusal::unread(error));
    if (!recorded) co_return true;
  }
  if (auto answer = problem_for(one.message.properties, error)) answers.publish(std::move(*answer));
  park(one, error);
  co_return false;
}

// Acknowledged once it is safe in the other queue.
void Intake::State::park(const Submission& one, const Error& error) {
  spdlog::warn("event=amqp_submission_parked user={} why=\"{}\"", one.message.properties.user_id, error.what);
  answers.publish(parked(one.message, error), [self = weak_from_this(), ticket = one.ticket](rabbitmq::Published how) {
    const auto state = self.lock();
    if (!state) return;
    if (how == rabbitmq::Published::taken) {
      state->consumer->ack(ticket);
    } else {
      state->consumer->reject(ticket, true);
    }
  });
}

}  // namespace fabu::amqp
