#include "broker/flow/dispatch.h"

#include <fabu/v1/item.pb.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <exception>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "broker/flow/off_thread.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

constexpr Millis kLongestSleep = std::chrono::hours(1);  // a clock that is set forward is noticed within this time
constexpr Millis kAfterReadError{1000}, kAfterLoss{1000};

}  // namespace

// What is known of one channel's queue. `mutex` guards all but the timer, which the feeder's strand owns.
struct Dispatch::Feeder {
  Feeder(std::string name, asio::any_io_executor executor) : channel(std::move(name)), timer(executor) {}

  const std::string channel;
  asio::steady_timer timer;
  std::mutex mutex;
  bool caught_up = false;  // everything due was offered: fresh deliveries go straight to the transport
  bool rescan = true;      // something may be due that no scan has seen
  bool full = false;       // the transport refused; wait for room
  bool stopped = false;
  bool scanning = false;
  std::optional<Instant> next_due;
  std::unordered_set<std::string> outdated;  // since the running scan began to read
  std::unordered_set<std::string> expected;  // as many as there are submissions under way
  // The later edition of an item that the transport has. At most as many as it holds.
  std::unordered_map<std::uint64_t, std::string> corrections;

  // The later edition that waits behind the delivery, if there is one.
  std::string behind(const std::string& delivery_id) {
    std::uint64_t item = 0;
    std::from_chars(delivery_id.data(), delivery_id.data() + delivery_id.size(), item);
    const auto found = corrections.find(item);
    if (found == corrections.end()) return {};
    std::string id = std::move(found->second);
    corrections.erase(found);
    return id == delivery_id ? std::string{} : id;
  }
};

Dispatch::Dispatch(store::Store& store, transport::BrokerEnd& transport, const domain::Catalogue& catalogue,
                   const Installation& installation, const Clock& clock, Events& events, asio::any_io_executor executor,
                   asio::thread_pool& reads, std::chrono::microseconds patience)
    : store_(store),
      transport_(transport),
      catalogue_(catalogue),
      installation_(installation),
      clock_(clock),
      events_(events),
      executor_(executor),
      reads_(reads),
      afterwards_(executor_, patience) {
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

void Dispatch::rescan(Feeder& feeder) {
  {
    const std::lock_guard lock(feeder.mutex);
    feeder.caught_up = false;
    if (feeder.rescan) return;  // the feeder is awake, or will be when there is room
    feeder.rescan = true;
  }
  wake(feeder);
}

void Dispatch::expect(const v1::Edition& edition, const std::vector<v1::Delivery>& deliveries) {
  if (edition.number() != 1) return;  // a scan finds it
  for (const auto& delivery : deliveries) {
    const auto found = feeders_.find(delivery.channel());
    if (found == feeders_.end()) continue;
    const std::lock_guard lock(found->second->mutex);
    found->second->expected.insert(delivery.id());
  }
}

// An older edition that still waits is taken back first; one that a scan has read, but not offered yet, is not offered any more.
void Dispatch::planned(const v1::Edition& edition, const std::vector<v1::Delivery>& deliveries,
                       const std::vector<v1::Delivery>& superseded) {
  for (const auto& old : superseded) {
    outdated(old.channel(), old.id());
    transport_.recall(old.id(), old.channel());
  }
  v1::Work work;
  *work.mutable_edition() = edition;
  add_catalogue_facts(work, edition.content());
  for (const auto& delivery : deliveries) {
    const auto found = feeders_.find(delivery.channel());
    if (found == feeders_.end()) continue;
    *work.mutable_delivery() = delivery;
    if (!offer_fresh(*found->second, work)) rescan(*found->second);
  }
}

void Dispatch::planned_soon(v1::Edition edition, std::vector<v1::Delivery> deliveries) {
  afterwards_.add([this, edition = std::move(edition), deliveries = std::move(deliveries)] { planned(edition, deliveries, {}); });
}

// True: it is in the transport. False: only a scan knows what is to be done.
bool Dispatch::offer_fresh(Feeder& feeder, const v1::Work& work) {
  const std::lock_guard lock(feeder.mutex);
  const bool untouched = feeder.expected.erase(work.delivery().id()) > 0;
  if (!untouched || !feeder.caught_up) return false;
  if (transport_.offer(work)) return true;
  feeder.full = true;
  return false;
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

void Dispatch::lost(const std::string& channel) {
  due(channel, clock_.now() + kAfterLoss);
}

void Dispatch::heard(const store::News& news) {
  for (const auto& old : news.outdated) {
    outdated(old.channel, old.delivery_id);
    if (!transport_.recall(old.delivery_id, old.channel)) transport_.forget(old.delivery_id, old.channel);
  }
  for (const auto& channel : news.due) {
    const auto found = feeders_.find(channel);
    if (found != feeders_.end()) rescan(*found->second);
  }
  if (!news.everything) return;
  transport_.may_have_missed_reports();
  for (auto& [name, feeder] : feeders_) rescan(*feeder);
}

void Dispatch::outdated(const std::string& channel, const std::string& delivery_id) {
  const auto found = feeders_.find(channel);
  if (found == feeders_.end()) return;
  Feeder& feeder = *found->second;
  std::string behind;
  {
    const std::lock_guard lock(feeder.mutex);
    if (feeder.scanning) feeder.outdated.insert(delivery_id);
    feeder.expected.erase(delivery_id);
    behind = feeder.behind(delivery_id);
  }
  // What waits behind it was read while something else stood on the channel: it is taken back and read anew.
  if (!behind.empty() && transport_.recall(behind, channel)) rescan(feeder);
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
      if (feeder->stopped) co_return;
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
      feeder->outdated.clear();
    }
    auto reading = [this, &query] { return read(query); };
    auto batch = co_await off_thread(reads_, reading);
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

// A feeder outlives whatever goes wrong with one read.
Result<store::OpenBatch> Dispatch::read(const store::OpenQuery& query) const {
  try {
    return store_.open_deliveries(query);
  } catch (const std::exception& e) {
    return Error{ErrorCode::io, "store", e.what(), {}, {}};
  }
}

bool Dispatch::offer_batch(Feeder& feeder, store::OpenBatch& batch) {
  for (auto& work : batch.works) {
    if (feeder.outdated.contains(work.delivery().id())) continue;
    const auto item = work.delivery().item_id();
    std::string correction = work.delivery().edition() > 1 ? work.delivery().id() : std::string{};
    work.set_look_first(true);
    add_catalogue_facts(work, work.edition().content());
    if (!transport_.offer(std::move(work))) return false;
    if (!correction.empty()) feeder.corrections[item] = std::move(correction);
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
