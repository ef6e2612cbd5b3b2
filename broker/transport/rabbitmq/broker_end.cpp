#include "broker/transport/rabbitmq/broker_end.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "broker/transport/deliveries.h"
#include "broker/transport/lanes.h"
#include "broker/transport/rabbitmq/consumer.h"
#include "broker/transport/rabbitmq/dead_work.h"
#include "broker/transport/rabbitmq/topology.h"

namespace fabu::transport::rabbitmq {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds kRest{1};
constexpr std::uint16_t kSharedPrefetch = 64, kDeadPrefetch = 16;

struct Queue {
  explicit Queue(std::size_t capacity) : lanes(capacity) {}
  Lanes lanes;
  std::size_t under_way = 0;  // published, not reported on
  bool refused = false;       // an offer found no room since the last notice

  std::size_t all() const { return lanes.waiting() + under_way; }
};

v1::ReportAnswer answer_of(Heard heard) {
  switch (heard) {
    case Heard::stored:
      return v1::REPORT_ANSWER_STORED;
    case Heard::refused:
      return v1::REPORT_ANSWER_REFUSED;
    case Heard::again:
      return v1::REPORT_ANSWER_AGAIN;
  }
  return v1::REPORT_ANSWER_AGAIN;
}

// Reports that came in one message, and are answered in one.
struct Batch {
  Batch(std::size_t count, Properties from) : properties(std::move(from)), heard(count, Heard::again), left(count) {}
  Properties properties;
  std::vector<Heard> heard;
  std::atomic<std::size_t> left;
};

}  // namespace

struct RabbitBrokerEnd::State : std::enable_shared_from_this<State> {
  explicit State(BrokerOptions o) : options(std::move(o)) {}

  const BrokerOptions options;
  ReportSink sink;  // set once, before any offer
  RoomNotice room;
  LossNotice loss;
  Switchboard board;
  std::mutex mutex;  // guards what follows, but for the links; never held while foreign code runs
  std::unordered_map<std::string, Queue> queues;
  bool closed = false;
  struct NotTaken {
    SteadyClock::time_point until;
    std::string id, channel;
  };
  std::deque<NotTaken> not_taken;        // by `until`; at most what was offered
  unsigned refused = 0, unroutable = 0;  // since it was last said
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<Consumer> consumer;

  Queue& queue(const std::string& channel) { return queues.try_emplace(channel, options.capacity).first->second; }
  void make_links();
  void prepare(Wire&);
  void pump(Queue&);
  void publish(const v1::Work&);
  void published(const std::string& id, const std::string& channel, Published);
  void tick();
  bool end_lease(const std::string& id, const std::string& channel);
  bool room_again(Queue&) const;
  void finish(const std::string& id, const std::string& channel);
  void arrived(Ticket, Arrival);
  void take_reports(std::optional<Ticket>, Arrival);
  void answer(const Batch&, std::optional<Ticket>);
  void take_dead(Ticket, Arrival);
  void take_status(const Arrival&);
  void tell(const v1::ChannelSwitches&);
};

RabbitBrokerEnd::RabbitBrokerEnd(BrokerOptions options) : state_(std::make_shared<State>(std::move(options))) {
  state_->make_links();
}

RabbitBrokerEnd::~RabbitBrokerEnd() {
  stop();
}

void RabbitBrokerEnd::State::make_links() {
  publisher = std::make_unique<Publisher>(options.account, "works");
  Consumer::Hooks hooks;
  hooks.connected = [this](Wire& wire) { prepare(wire); };
  hooks.arrived = [this](Ticket ticket, Arrival arrival) { arrived(ticket, std::move(arrival)); };
  hooks.tick = [this] { tick(); };
  consumer = std::make_unique<Consumer>(options.account, "reports", std::move(hooks));
}

void RabbitBrokerEnd::State::prepare(Wire& wire) {
  declare(wire, topology(options.channels, options.partitions));
  const auto own = wire.declare_queue(reports_queue(options.broker));
  QueueShape fleeting;
  fleeting.durable = false;
  fleeting.exclusive = true;
  const auto status = wire.declare_queue(fleeting);
  wire.bind(status, kStatus, "");
  wire.consume(own, "own", 0, false);
  wire.consume(status, "status", 0, false);
  wire.consume(kReports, "shared", kSharedPrefetch, true);
  wire.consume(kDeadWorks, "dead", kDeadPrefetch, true);
}

void RabbitBrokerEnd::attach(ReportSink sink, RoomNotice room, LossNotice loss) {
  state_->sink = std::move(sink);
  state_->room = std::move(room);
  state_->loss = std::move(loss);
}

void RabbitBrokerEnd::start(Switchboard board) {
  state_->board = std::move(board);
  state_->publisher->start();
  state_->consumer->start();
}

void RabbitBrokerEnd::stop() {
  close();
  state_->consumer->stop();
  state_->publisher->stop();
}

void RabbitBrokerEnd::close() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
}

Publisher& RabbitBrokerEnd::publisher() {
  return *state_->publisher;
}

bool RabbitBrokerEnd::up() const {
  return state_->publisher->up() && state_->consumer->up();
}

// --- works ------------------------------------------------------------------------------------------------------------

bool RabbitBrokerEnd::offer(v1::Work work) {
  const std::lock_guard lock(state_->mutex);
  if (state_->closed) return false;
  auto& queue = state_->queue(work.delivery().channel());
  if (queue.lanes.knows(work.delivery().id())) return true;
  if (queue.all() >= state_->options.capacity) {
    queue.refused = true;
    return false;
  }
  queue.lanes.offer(std::move(work));
  state_->pump(queue);
  return true;
}

// Publishes whatever has no predecessor under way. With the lock.
void RabbitBrokerEnd::State::pump(Queue& queue) {
  std::vector<v1::Work> ready;
  queue.lanes.take(options.capacity, ready);
  queue.under_way += ready.size();
  for (const auto& work : ready) publish(work);
}

void RabbitBrokerEnd::State::publish(const v1::Work& work) {
  const auto& delivery = work.delivery();
  Message message;
  message.exchange = kWorks;
  message.routing_key = works_key(delivery.channel(), partition_of(delivery.item_id(), options.partitions));
  message.properties.type = "fabu.v1.Work";
  message.properties.content_type = "application/protobuf";
  message.properties.reply_to = reports_queue(options.broker).name;
  work.SerializeToString(&message.body);
  publisher->publish(std::move(message),
                     [self = weak_from_this(), id = delivery.id(), channel = delivery.channel()](Published how) {
                       if (const auto state = self.lock()) state->published(id, channel, how);
                     });
}

// What was not taken is let go of after a rest, and then found again in the store: a queue that has no leader refuses at once.
void RabbitBrokerEnd::State::published(const std::string& id, const std::string& channel, Published how) {
  if (how == Published::taken) return;
  const std::lock_guard lock(mutex);
  if (how == Published::refused) ++refused;
  if (how == Published::unroutable) ++unroutable;
  not_taken.push_back({SteadyClock::now() + kRest, id, channel});
}

void RabbitBrokerEnd::State::tick() {
  std::vector<NotTaken> over;
  {
    const std::lock_guard lock(mutex);
    if (refused + unroutable > 0)
      spdlog::warn("event=works_not_taken refused={} unroutable={}", std::exchange(refused, 0), std::exchange(unroutable, 0));
    const auto now = SteadyClock::now();
    for (; !not_taken.empty() && not_taken.front().until <= now; not_taken.pop_front())
      over.push_back(std::move(not_taken.front()));
  }
  std::set<std::string> channels;
  for (const auto& one : over) {
    finish(one.id, one.channel);
    channels.insert(one.channel);
  }
  for (const auto& channel : channels) loss(channel);
}

// True: there is room again, and somebody waits for it.
bool RabbitBrokerEnd::State::end_lease(const std::string& id, const std::string& channel) {
  const std::lock_guard lock(mutex);
  auto& queue = this->queue(channel);
  if (!queue.lanes.finish(id)) return false;
  --queue.under_way;
  if (!closed) pump(queue);
  return room_again(queue);
}

bool RabbitBrokerEnd::State::room_again(Queue& queue) const {
  if (!queue.refused || queue.all() * 2 >= options.capacity) return false;
  queue.refused = false;
  return true;
}

void RabbitBrokerEnd::State::finish(const std::string& id, const std::string& channel) {
  if (end_lease(id, channel)) room(channel);
}

bool RabbitBrokerEnd::recall(const std::string& delivery_id, const std::string& channel) {
  bool recalled = false;
  bool more = false;
  {
    const std::lock_guard lock(state_->mutex);
    auto& queue = state_->queue(channel);
    recalled = queue.lanes.recall(delivery_id);
    more = state_->room_again(queue);
  }
  if (more) state_->room(channel);
  return recalled;
}

void RabbitBrokerEnd::forget(const std::string& delivery_id, const std::string& channel) {
  state_->finish(delivery_id, channel);
}

void RabbitBrokerEnd::may_have_missed_reports() {
  std::vector<std::string> roomy;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& [channel, queue] : state_->queues) roomy.push_back(channel);
    state_->queues.clear();
  }
  for (const auto& channel : roomy) state_->room(channel);
}

// --- what comes -------------------------------------------------------------------------------------------------------

void RabbitBrokerEnd::State::arrived(Ticket ticket, Arrival arrival) {
  if (arrival.consumer == "own") return take_reports(std::nullopt, std::move(arrival));
  if (arrival.consumer == "shared") return take_reports(ticket, std::move(arrival));
  if (arrival.consumer == "dead") return take_dead(ticket, std::move(arrival));
  take_status(arrival);
}

void RabbitBrokerEnd::State::take_reports(std::optional<Ticket> ticket, Arrival arrival) {
  v1::Reports reports;
  if (!reports.ParseFromString(arrival.message.body) || reports.reports().empty()) {
    spdlog::error("event=report_unreadable bytes={}", arrival.message.body.size());
    if (ticket) consumer->ack(*ticket);
    return;
  }
  const auto count = static_cast<std::size_t>(reports.reports_size());
  auto batch = std::make_shared<Batch>(count, std::move(arrival.message.properties));
  for (std::size_t i = 0; i < count; ++i) {
    auto& report = *reports.mutable_reports(static_cast<int>(i));
    const auto id = ends_lease(report) ? report.delivery_id() : std::string();
    sink(std::move(report), [self = weak_from_this(), batch, i, id, ticket](Heard heard) {
      batch->heard[i] = heard;
      const auto state = self.lock();
      if (!state) return;
      if (!id.empty() && heard != Heard::again) state->finish(id, channel_of(id));
      if (batch->left.fetch_sub(1) == 1) state->answer(*batch, ticket);
    });
  }
}

void RabbitBrokerEnd::State::answer(const Batch& batch, std::optional<Ticket> ticket) {
  if (!batch.properties.reply_to.empty()) {
    v1::ReportAnswers answers;
    for (const auto heard : batch.heard) answers.add_answers(answer_of(heard));
    Message message;
    message.routing_key = batch.properties.reply_to;
    message.properties.type = "fabu.v1.ReportAnswers";
    message.properties.correlation_id = batch.properties.correlation_id;
    message.properties.durable = false;
    answers.SerializeToString(&message.body);
    publisher->publish(std::move(message));
  }
  if (ticket) consumer->ack(*ticket);
}

// RabbitMQ has given it out so often that whoever takes it must die of it, or never answers. It is a failed try.
void RabbitBrokerEnd::State::take_dead(Ticket ticket, Arrival arrival) {
  v1::Work work;
  if (!work.ParseFromString(arrival.message.body)) {
    spdlog::error("event=work_unreadable bytes={}", arrival.message.body.size());
    return consumer->ack(ticket);
  }
  spdlog::error("event=work_killed_its_workers delivery={}", work.delivery().id());
  const auto id = work.delivery().id();
  const auto channel = work.delivery().channel();
  sink(death_of(work, SystemClock().now()), [self = weak_from_this(), id, channel, ticket](Heard heard) {
    const auto state = self.lock();
    if (!state) return;
    state->finish(id, channel);
    if (heard == Heard::again) {
      state->consumer->reject(ticket, true);
    } else {
      state->consumer->ack(ticket);
    }
  });
}

void RabbitBrokerEnd::State::take_status(const Arrival& arrival) {
  v1::WorkerStatus status;
  if (!status.ParseFromString(arrival.message.body)) return;
  if (status.hello() && board.paused) tell(board.paused());
  if (board.status) board.status(status);
}

void RabbitBrokerEnd::State::tell(const v1::ChannelSwitches& switches) {
  Message message;
  message.exchange = kControl;
  message.properties.type = "fabu.v1.ChannelSwitches";
  message.properties.durable = false;
  switches.SerializeToString(&message.body);
  publisher->publish(std::move(message));
}

void RabbitBrokerEnd::tell(const v1::ChannelSwitches& switches) {
  state_->tell(switches);
}

}  // namespace fabu::transport::rabbitmq
