#include "broker/store/postgresql/campaign.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "broker/store/postgresql/locks.h"
#include "broker/store/postgresql/notices.h"
#include "broker/store/postgresql/ownership.h"

namespace fabu::store::pg {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kShortestPause{100}, kLongestPause{2000};

}  // namespace

// A follower's view of the leader: which backend holds the lock, and how often it said that it lives.
struct Campaign::Leader {
  std::int64_t backend = 0, beat = 0;
  bool operator==(const Leader&) const = default;
};

class Campaign::Observer {
 public:
  Observer(const std::string& address, milliseconds patience) : db_(address, patience), patience_(patience) {}

  // Looks at the leader; ends its connection when it has stood still for too long.
  void look() {
    const auto rows = db_.query("SELECT pid::int8, (SELECT beat FROM leader) FROM " FABU_PG_LOCKS(FABU_PG_LEADER));
    const Leader now = rows.count() == 0 ? Leader{} : Leader{rows.number(0, 0), rows.number(0, 1)};
    if (now != seen_ || now.backend == 0) {
      seen_ = now;
      since_ = Clock::now();
    } else if (Clock::now() - since_ >= patience_) {
      replace();
    }
  }

 private:
  // Not one that has taken its place, or lives again, in the meantime.
  void replace() {
    const auto ended = db_.query("SELECT pg_terminate_backend(pid)::int::int8 FROM " FABU_PG_LOCKS(
                                     FABU_PG_LEADER) " AND pid = $1 AND $2 = (SELECT beat FROM leader)",
                                 Values().number(seen_.backend).number(seen_.beat));
    spdlog::warn("event=leader_stuck backend={} ended={}", seen_.backend, ended.count() > 0 && ended.number(0, 0) != 0);
    since_ = Clock::now();
  }

  Connection db_;
  const milliseconds patience_;
  Leader seen_;
  Clock::time_point since_ = Clock::now();
};

Campaign::Campaign(std::string address, milliseconds patience, Adopt adopt)
    : address_(std::move(address)), patience_(patience), adopt_(std::move(adopt)) {}

Campaign::~Campaign() {
  close();
}

void Campaign::start(OnLead on_lead) {
  on_lead_ = std::move(on_lead);
  thread_ = std::thread([this] { loop(); });
}

bool Campaign::leads() const {
  return Clock::now().time_since_epoch().count() < until_;
}

void Campaign::close() {
  stopped_ = true;
  wake_.ring();
  if (thread_.joinable()) thread_.join();
  until_ = 0;
}

milliseconds Campaign::interval() const {
  return std::clamp(patience_ / 8, milliseconds(10), milliseconds(1000));
}

void Campaign::loop() {
  for (milliseconds pause = kShortestPause; !stopped_; pause = std::min(pause * 2, kLongestPause)) {
    try {
      stand();
    } catch (const Failure& e) {
      if (told_) pause = kShortestPause;
      spdlog::warn("event=campaign_failed what=\"{}\"", e.what());
    }
    step_down();
    if (!stopped_) wake_.wait(pause);
  }
}

void Campaign::step_down() {
  until_ = 0;
  if (!std::exchange(told_, false) || stopped_) return;
  spdlog::warn("event=leads_no_longer");
  on_lead_(false);
}

void Campaign::stand() {
  Connection db(address_, patience_);
  db.run(std::string("SET synchronous_commit = off; LISTEN ") + kLeaders);  // that it lives need not outlive the database
  db.start("SELECT pg_advisory_lock(" FABU_PG_LEADER ", 0)");
  if (wait_for_lock(db)) lead(db);
}

bool Campaign::wait_for_lock(Connection& db) {
  if (db.answered(wake_.descriptor(), interval())) return true;
  Observer observer(address_, patience_);
  while (!stopped_) {
    if (db.answered(wake_.descriptor(), interval())) return true;
    wake_.hear();
    observer.look();
  }
  return false;
}

void Campaign::lead(Connection& db) {
  while (!stopped_) {
    auto owners = beat(db);
    if (!std::exchange(told_, true)) {
      spdlog::info("event=leads");
      on_lead_(true);
    }
    adopt(std::move(owners));
    db.notifications(wake_.descriptor(), interval());
    wake_.hear();
  }
  db.run("SELECT pg_advisory_unlock_all()");
}

// Tells that it lives, and finds sessions that are over.
std::vector<std::uint64_t> Campaign::beat(Connection& db) {
  const auto sent = Clock::now();
  db.send("UPDATE leader SET beat = beat + 1");
  ask_dead_owners(db);
  const auto answers = db.sync();
  until_ = (sent + patience_ * 3 / 4).time_since_epoch().count();
  return owners_in(answers[1]);
}

void Campaign::adopt(std::vector<std::uint64_t> owners) {
  if (owners.empty() || adopting_.exchange(true)) return;
  spdlog::info("event=adopts sessions={}", owners.size());
  adopt_(std::move(owners), [this] {
    adopting_ = false;
    wake_.ring();  // is there more?
  });
}

}  // namespace fabu::store::pg
