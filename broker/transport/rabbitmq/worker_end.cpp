#include "broker/transport/rabbitmq/worker_end.h"

#include <spdlog/spdlog.h>

#include <limits>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "broker/transport/deliveries.h"
#include "broker/transport/embedded/embedded.h"
#include "broker/transport/rabbitmq/consumer.h"
#include "broker/transport/rabbitmq/publisher.h"
#include "broker/transport/rabbitmq/report_mail.h"
#include "broker/transport/rabbitmq/topology.h"

namespace fabu::transport::rabbitmq {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTellEvery{2000}, kHelloEvery{200};

}  // namespace

struct RabbitWorkerEnd::State {
  explicit State(WorkerOptions o) : options(std::move(o)), mail(kReports, options.patience) {}

  // A work that is here: of which messages it came, and who wants its report.
  struct Held {
    std::vector<Ticket> tickets;
    std::string reply_to;
  };

  const WorkerOptions options;
  WorkerHooks hooks;
  // What has arrived and waits for a receive(); RabbitMQ's prefetch bounds it.
  EmbeddedTransport arrived{{std::numeric_limits<std::size_t>::max()}};
  std::mutex mutex;                            // guards what follows
  std::unordered_map<std::string, Held> held;  // by delivery
  ReportMail mail;
  std::string answers_queue;  // ours, of this connection
  bool consuming = false;     // works, on this connection
  // Of the consumer's thread.
  SteadyClock::time_point told{};
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<Consumer> consumer;

  void make_links();
  void connected(Wire&);
  void lost();
  void tick();
  void take(Ticket, Arrival);
  void take_work(Ticket, Arrival);
  void take_answers(const Arrival&);
  void take_switches(const Arrival&);
  void begin_consuming();
  void sink(v1::Report, ReportDone done);
  void answered(const std::string& delivery_id, bool over, bool stored, const ReportDone& done);
  void send_mail();
  void tell(bool hello, bool goodbye);
};

RabbitWorkerEnd::RabbitWorkerEnd(WorkerOptions options) : state_(std::make_unique<State>(std::move(options))) {
  auto* state = state_.get();
  state->arrived.attach([state](v1::Report report, ReportDone done) { state->sink(std::move(report), std::move(done)); },
                        [](const std::string&) {}, {});
  state->make_links();
}

RabbitWorkerEnd::~RabbitWorkerEnd() {
  stop();
}

void RabbitWorkerEnd::State::make_links() {
  publisher = std::make_unique<Publisher>(options.account, "reports");
  Consumer::Hooks to;
  to.connected = [this](Wire& wire) { connected(wire); };
  to.arrived = [this](Ticket ticket, Arrival arrival) { take(ticket, std::move(arrival)); };
  to.lost = [this] { lost(); };
  to.tick = [this] { tick(); };
  consumer = std::make_unique<Consumer>(options.account, "works", std::move(to));
}

void RabbitWorkerEnd::start(WorkerHooks hooks) {
  state_->hooks = std::move(hooks);
  state_->publisher->start();
  state_->consumer->start();
}

void RabbitWorkerEnd::tell() {
  state_->tell(false, false);
}

bool RabbitWorkerEnd::up() const {
  return state_->publisher->up() && state_->consumer->up();
}

void RabbitWorkerEnd::close() {
  state_->arrived.close();
}

void RabbitWorkerEnd::stop() {
  close();
  state_->tell(false, true);
  state_->consumer->stop();
  state_->publisher->stop();
}

boost::asio::awaitable<std::vector<v1::Work>> RabbitWorkerEnd::receive(std::string channel, std::size_t most) {
  return state_->arrived.receive(std::move(channel), most);
}

boost::asio::awaitable<bool> RabbitWorkerEnd::report(v1::Report report) {
  return state_->arrived.report(std::move(report));
}

// --- the connection ---------------------------------------------------------------------------------------------------

// Queues of our own; works only once a broker has told what is paused.
void RabbitWorkerEnd::State::connected(Wire& wire) {
  QueueShape own;
  own.durable = false;
  own.exclusive = true;
  const auto answers = wire.declare_queue(own);
  const auto control = wire.declare_queue(own);
  wire.bind(control, kControl, "");
  wire.consume(answers, "answers", 0, false);
  wire.consume(control, "control", 0, false);
  {
    const std::lock_guard lock(mutex);
    answers_queue = answers;
  }
  tell(true, false);
  send_mail();
}

void RabbitWorkerEnd::State::begin_consuming() {
  consumer->with_wire([this](Wire& wire) {
    {
      const std::lock_guard lock(mutex);
      if (std::exchange(consuming, true)) return;
    }
    for (const auto& channel : options.channels) {
      for (unsigned partition = 0; partition < options.partitions; ++partition) {
        wire.consume(works_queue(channel, partition), works_key(channel, partition), options.prefetch, true);
      }
    }
  });
}

// What waited here comes again, to us or to others; what was begun goes on.
void RabbitWorkerEnd::State::lost() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex);
    consuming = false;
    answers_queue.clear();
    mail.nothing_will_come();
    for (auto& [id, work] : held) {
      work.tickets.clear();
      ids.push_back(id);
    }
  }
  for (const auto& id : ids) {
    if (!arrived.recall(id, channel_of(id))) continue;
    const std::lock_guard lock(mutex);
    held.erase(id);
  }
}

void RabbitWorkerEnd::State::tick() {
  send_mail();
  bool hello = false;
  {
    const std::lock_guard lock(mutex);
    hello = !consuming;  // nobody has answered yet
  }
  if (SteadyClock::now() - told < (hello ? kHelloEvery : kTellEvery)) return;
  told = SteadyClock::now();
  tell(hello, false);
}

void RabbitWorkerEnd::State::tell(bool hello, bool goodbye) {
  v1::WorkerStatus status;
  status.set_worker(options.worker);
  status.set_version(options.version);
  status.set_hello(hello);
  status.set_goodbye(goodbye);
  if (hooks.views) {
    for (auto& view : hooks.views()) *status.add_channels() = std::move(view);
  }
  Message message;
  message.exchange = kStatus;
  message.properties.type = "fabu.v1.WorkerStatus";
  message.properties.durable = false;
  status.SerializeToString(&message.body);
  if (publisher->waiting() < 16) publisher->publish(std::move(message));  // old news are worthless
}

// --- what comes -------------------------------------------------------------------------------------------------------

void RabbitWorkerEnd::State::take(Ticket ticket, Arrival arrival) {
  if (arrival.consumer == "answers") return take_answers(arrival);
  if (arrival.consumer == "control") return take_switches(arrival);
  take_work(ticket, std::move(arrival));
}

void RabbitWorkerEnd::State::take_switches(const Arrival& arrival) {
  v1::ChannelSwitches switches;
  if (!switches.ParseFromString(arrival.message.body)) return;
  if (hooks.switched) hooks.switched(switches);
  begin_consuming();
}

// One that cannot be read goes to the dead works, where a broker looks at it.
void RabbitWorkerEnd::State::take_work(Ticket ticket, Arrival arrival) {
  v1::Work work;
  if (!work.ParseFromString(arrival.message.body) || work.delivery().id().empty()) {
    spdlog::error("event=work_unreadable bytes={}", arrival.message.body.size());
    return consumer->reject(ticket, false);
  }
  if (arrival.redelivered) work.set_look_first(true);
  {
    const std::lock_guard lock(mutex);
    auto& one = held[work.delivery().id()];
    one.tickets.push_back(ticket);
    one.reply_to = arrival.message.properties.reply_to;
  }
  arrived.offer(std::move(work));
}

void RabbitWorkerEnd::State::take_answers(const Arrival& arrival) {
  v1::ReportAnswers answers;
  if (!answers.ParseFromString(arrival.message.body)) return;
  std::vector<std::pair<ReportMail::Answered, bool>> told_to;
  {
    const std::lock_guard lock(mutex);
    told_to = mail.answered(arrival.message.properties.correlation_id, answers, SteadyClock::now());
  }
  for (const auto& [tell_it, stored] : told_to) tell_it(stored);
  send_mail();
}

// --- reports ----------------------------------------------------------------------------------------------------------

void RabbitWorkerEnd::State::sink(v1::Report report, ReportDone done) {
  const std::string id = report.delivery_id();
  if (report.has_returned()) {
    std::vector<Ticket> tickets;
    {
      const std::lock_guard lock(mutex);
      const auto found = held.find(id);
      if (found != held.end()) {
        tickets = std::move(found->second.tickets);
        held.erase(found);
      }
    }
    done(Heard::stored);
    for (const auto& ticket : tickets) consumer->reject(ticket, true);
    return;
  }
  const bool over = ends_lease(report);
  {
    const std::lock_guard lock(mutex);
    const auto found = held.find(id);
    mail.add(found == held.end() ? std::string() : found->second.reply_to, std::move(report),
             [this, id, over, done = std::move(done)](bool stored) { answered(id, over, stored, done); });
  }
  send_mail();
}

// A refused report ends the lease too: the broker offers the delivery again, if it is still to be done.
void RabbitWorkerEnd::State::answered(const std::string& delivery_id, bool over, bool stored, const ReportDone& done) {
  std::vector<Ticket> tickets;
  if (over) {
    const std::lock_guard lock(mutex);
    const auto found = held.find(delivery_id);
    if (found != held.end()) {
      tickets = std::move(found->second.tickets);
      held.erase(found);
    }
  }
  done(stored ? Heard::stored : Heard::refused);
  for (const auto& ticket : tickets) consumer->ack(ticket);
}

void RabbitWorkerEnd::State::send_mail() {
  std::vector<ReportMail::Letter> letters;
  std::string reply_to;
  {
    const std::lock_guard lock(mutex);
    if (answers_queue.empty()) return;
    reply_to = answers_queue;
    letters = mail.send(SteadyClock::now());
  }
  for (auto& letter : letters) {
    Message message;
    message.routing_key = letter.to;
    message.properties.type = "fabu.v1.Reports";
    message.properties.reply_to = reply_to;
    message.properties.correlation_id = letter.id;
    message.properties.durable = letter.to == kReports;
    letter.reports.SerializeToString(&message.body);
    publisher->publish(std::move(message), [this, id = letter.id](Published how) {
      if (how == Published::taken) return;
      {
        const std::lock_guard lock(mutex);
        mail.undeliverable(id);
      }
      if (how == Published::unroutable) send_mail();
    });
  }
}

}  // namespace fabu::transport::rabbitmq
