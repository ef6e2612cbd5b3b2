#include "broker/flow/dispatch.h"

#include <fabu/v1/item.pb.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>

#include "broker/flow/off_thread.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

constexpr Millis kLongestSleep = std::chrono::hours(1);  // a clock that is set forward is noticed within this time
constexpr Millis kAfterReadError{1000};

}  // namespace

// What is known of one channel's queue. `mutex` guards all but the timer, which the feeder's strand owns.
struct Dispatch::Feeder {
  Feeder(std::string name, asio::any_io_executor executor) : channel(std::move(name)), timer(executor) {}

  const std::string channel;
  asio::steady_timer timer;
  std::mutex mutex;
  bool caught_up = false;      // everything due was offered: fresh deliveries go straight to the transport
  bool rescan = true;          // something may be due that no scan has seen
  bool full = false;           // the transport refused; wait for room
  bool stopped = false;
  bool scanning = false;
  std::optional<Instant> next_due;
  std::unordered_set<std::string> settled_meanwhile;  // settled since the running scan began to read
};

Dispatch::Dispatch(store::Store& store, transport::BrokerEnd& transport, const domain::Catalogue& catalogue,
                   const Installation& installation, const Clock& clock, Events& events, asio::any_io_executor executor,
                   asio::thread_pool& reads)
    : store_(store), transport_(transport), catalogue_(catalogue), installation_(installation), clock_(clock), events_(events),
      executor_(executor), reads_(reads) {
  for (const auto& channel : installation_.channels) {
    feeders_.emplace(channel, std::make_shared<Feeder>(channel, asio::make_strand(executor_)));
  }
}

Dispatch::~Dispatch() = default;

void Dispatch::start() {
  for (auto& [name, feeder] : feeders_) {
    asio::co_spawn(feeder->timer.get_executor(), feed(feeder), [this](std::exception_ptr failure) {
      if (!failure) return;
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        events_.store_failed("dispatch", e.what());
      }
    });
  }
}

void Dispatch::stop() {
  for (auto& [name, feeder] : feeders_) {
    {
      const std::lock_guard lock(feeder->mutex);
      feeder->stopped = true;
      feeder->caught_up = false;
    }
    wake(*feeder);
  }
}

void Dispatch::wake(Feeder& feeder) {
  const auto found = feeders_.find(feeder.channel);
  asio::post(feeder.timer.get_executor(), [keep = found->second] { keep->timer.cancel(); });
}

void Dispatch::planned(const v1::Edition& edition, const std::vector<v1::Delivery>& deliveries,
                       const std::vector<v1::Delivery>& superseded) {
  for (const auto& old : superseded) transport_.recall(old.id(), old.channel());
  for (const auto& delivery : deliveries) {
    const auto found = feeders_.find(delivery.channel());
    if (found == feeders_.end()) continue;
    Feeder& feeder = *found->second;
    {
      const std::lock_guard lock(feeder.mutex);
      if (feeder.caught_up && edition.number() == 1) {
        v1::Work work;
        *work.mutable_delivery() = delivery;
        *work.mutable_edition() = edition;
        add_catalogue_facts(work, edition.content());
        if (transport_.offer(std::move(work))) continue;
        feeder.full = true;
      }
      feeder.caught_up = false;
      if (feeder.rescan) continue;  // the feeder is awake, or will be when there is room
      feeder.rescan = true;
    }
    wake(feeder);
  }
}

void Dispatch::due(const std::string& channel, Instant when) {
  const auto found = feeders_.find(channel);
  if (found == feeders_.end()) return;
  Feeder& feeder = *found->second;
  {
    const std::lock_guard lock(feeder.mutex);
    if (feeder.next_due && *feeder.next_due <= when) return;
    feeder.next_due = when;
  }
  wake(feeder);
}

void Dispatch::room(const std::string& channel) {
  const auto found = feeders_.find(channel);
  if (found == feeders_.end()) return;
  {
    const std::lock_guard lock(found->second->mutex);
    found->second->full = false;
  }
  wake(*found->second);
}

void Dispatch::settled(const std::string& channel, const std::string& delivery_id) {
  const auto found = feeders_.find(channel);
  if (found == feeders_.end()) return;
  const std::lock_guard lock(found->second->mutex);
  if (found->second->scanning) found->second->settled_meanwhile.insert(delivery_id);
}

asio::awaitable<void> Dispatch::feed(std::shared_ptr<Feeder> feeder) {
  for (;;) {
    bool due_now = false;
    Millis sleep = kLongestSleep;
    {
      const std::lock_guard lock(feeder->mutex);
      if (feeder->stopped) co_return;
      const Instant now = clock_.now();
      if (feeder->next_due && *feeder->next_due <= now) {
        feeder->rescan = true;
        feeder->next_due.reset();
      }
      due_now = feeder->rescan && !feeder->full;
      if (feeder->next_due) sleep = std::min(sleep, std::max(Millis{1}, Millis{*feeder->next_due - now}));
    }
    if (due_now) {
      const bool complete = co_await scan(feeder);
      if (complete) continue;
      const std::lock_guard lock(feeder->mutex);
      if (!feeder->full) sleep = kAfterReadError;
    }
    feeder->timer.expires_after(sleep);
    boost::system::error_code cancelled;
    co_await feeder->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

// Reads the channel's due deliveries from the oldest on and offers them, until none is left or the queue is full.
asio::awaitable<bool> Dispatch::scan(std::shared_ptr<Feeder> feeder) {
  store::OpenQuery query;
  query.channel = feeder->channel;
  query.due = clock_.now();
  {
    const std::lock_guard lock(feeder->mutex);
    feeder->rescan = false;
  }
  for (;;) {
    {
      const std::lock_guard lock(feeder->mutex);
      feeder->scanning = true;
      feeder->settled_meanwhile.clear();
    }
    auto read = [this, &query] { return store_.open_deliveries(query); };
    auto batch = co_await off_thread(reads_, read);
    const std::lock_guard lock(feeder->mutex);
    feeder->scanning = false;
    if (feeder->stopped) co_return false;
    if (!batch) {
      events_.store_failed("open_deliveries", batch.error().what);
      feeder->rescan = true;
      co_return false;
    }
    if (!offer_batch(*feeder, *batch)) {
      feeder->full = true;
      feeder->rescan = true;
      co_return false;
    }
    if (batch->next_due && (!feeder->next_due || *batch->next_due < *feeder->next_due)) feeder->next_due = batch->next_due;
    if (batch->cursor.empty()) {
      feeder->caught_up = !feeder->rescan;
      co_return true;
    }
    query.after = batch->cursor;
  }
}

bool Dispatch::offer_batch(Feeder& feeder, store::OpenBatch& batch) {
  for (auto& work : batch.works) {
    if (feeder.settled_meanwhile.contains(work.delivery().id())) continue;
    work.set_look_first(true);
    add_catalogue_facts(work, work.edition().content());
    if (!transport_.offer(std::move(work))) return false;
  }
  return true;
}

void Dispatch::add_catalogue_facts(v1::Work& work, const std::string& content) const {
  v1::Item item;
  if (!item.ParseFromString(content)) return;  // an adapter will reject it with the reason
  auto& facts = *work.mutable_catalogue();
  facts.set_code(item.catalogue_entry());
  if (const auto* department = installation_.department(item.department())) facts.set_department_name(department->name);
  const auto* entry = catalogue_.find(item.catalogue_entry());
  if (entry == nullptr) return;  // the catalogue has changed since; the code still names it
  facts.set_name(entry->name);
  facts.set_stage(entry->stage);
  facts.set_legal_basis(entry->legal_basis);
  facts.set_domain_code(entry->domain);
  if (const auto* domain = catalogue_.domain(entry->domain)) facts.set_domain_name(domain->name);
}

}  // namespace fabu::flow
