#include "broker/store/postgresql/presence.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "broker/store/postgresql/locks.h"
#include "broker/store/postgresql/notices.h"
#include "broker/store/postgresql/ownership.h"
#include "broker/store/postgresql/schema.h"

namespace fabu::store::pg {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kShortestPause{50}, kLongestPause{2000};  // between attempts to connect
constexpr milliseconds kAdmission{2000};  // a fabu that was killed a moment ago may still seem to have the database

Error taken(bool alone) {
  return Error{ErrorCode::conflict,
               "store",
               alone ? "Another fabu works with this database." : "A fabu serve has this database to itself.",
               alone ? "Stop it, or let several share the database: fabu broker."
                     : "Stop it; brokers share the database, fabu serve does not.",
               {}};
}

}  // namespace

Result<std::unique_ptr<Presence>> Presence::open(PresenceOptions options) {
  std::unique_ptr<Presence> presence(new Presence(std::move(options)));
  try {
    if (const auto entered = presence->enter(); !entered) return entered.error();
  } catch (const std::exception& e) {
    return Error{ErrorCode::unavailable, "store", e.what(), "Check the database's address and that it runs.", {}};
  }
  return presence;
}

Presence::~Presence() {
  stop();
}

Result<void> Presence::enter() {
  auto db = std::make_unique<Connection>(options_.address, kNoDeadline);
  for (const auto until = Clock::now() + kAdmission; !admitted(*db); std::this_thread::sleep_for(kShortestPause)) {
    if (Clock::now() > until) return taken(options_.alone);
  }
  if (const auto migrated = migrate(*db); !migrated) return migrated.error();
  db->wait_at_most(options_.check);
  appear(std::move(db));
  return {};
}

bool Presence::admitted(Connection& db) const {
  const auto answer = options_.alone ? db.query("SELECT pg_try_advisory_lock(" FABU_PG_TENANCY ", 0)::int::int8")
                                     : db.query("SELECT pg_try_advisory_lock_shared(" FABU_PG_TENANCY ", 0)::int::int8");
  return answer.number(0, 0) != 0;
}

// It listens before it owns anything.
void Presence::appear(std::unique_ptr<Connection> db) {
  const auto number = take_session(*db);
  db->run("LISTEN " + channel_of_session(number) + "; LISTEN " + kAllSessions);
  db_ = std::move(db);
  heard_ = Clock::now();
  const std::lock_guard lock(mutex_);
  session_ = number;
  standing_ = true;
}

void Presence::renew() {
  auto db = std::make_unique<Connection>(options_.address, options_.check);
  if (!admitted(*db)) throw Failure(taken(options_.alone).what, {});
  const auto former = session();
  appear(std::move(db));
  spdlog::info("event=session_renewed session={} former={}", session(), former);
  const std::lock_guard lock(mutex_);
  former_.push_back(former);
  unsettled_ = true;
}

std::vector<std::uint64_t> Presence::left_behind() {
  auto owners = options_.alone ? owners_of_open(*db_) : dead_owners(*db_);
  owners.erase(std::remove(owners.begin(), owners.end(), session()), owners.end());
  return owners;
}

void Presence::start(Adopt adopt) {
  adopt_ = std::move(adopt);
  thread_ = std::thread([this] { loop(); });
}

void Presence::subscribe(OnNews on_news) {
  const std::lock_guard lock(mutex_);
  on_news_ = std::move(on_news);
}

std::uint64_t Presence::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

std::uint64_t Presence::standing(milliseconds longest) {
  std::unique_lock lock(mutex_);
  if (standing_) return session_;
  wake_.ring();
  changed_.wait_for(lock, longest, [this, before = attempts_] { return standing_ || stopped_ || attempts_ != before; });
  return standing_ ? session_ : 0;
}

void Presence::doubt() {
  {
    const std::lock_guard lock(mutex_);
    unsettled_ = true;
  }
  wake_.ring();
}

void Presence::loop() {
  for (milliseconds pause = kShortestPause;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
    }
    try {
      if (!db_) renew();
      pause = kShortestPause;
      changed_.notify_all();
      listen();
    } catch (const Failure& e) {
      lose(e.what());
      std::this_thread::sleep_for(kShortestPause);
      wake_.wait(pause);  // or until a write wants it
      pause = std::min(pause * 2, kLongestPause);
    }
  }
}

void Presence::lose(const std::string& what) {
  db_.reset();
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    news = std::exchange(standing_, false);
    ++attempts_;
  }
  changed_.notify_all();
  if (news) spdlog::warn("event=session_lost session={} what=\"{}\"", session(), what);
}

// One turn: waits until something is said or to be done, and does it.
void Presence::listen() {
  settle();
  const auto said = db_->notifications(wake_.descriptor(), until_something_is_to_do());
  wake_.hear();
  if (!said.empty()) heard_ = Clock::now();
  if (Clock::now() - heard_ >= options_.check) {
    db_->query("SELECT 1");
    heard_ = Clock::now();
  }
  auto news = news_of(said, session());
  {
    const std::lock_guard lock(mutex_);
    news.everything = std::exchange(everything_, false) || news.everything;
  }
  tell(std::move(news));
}

milliseconds Presence::until_something_is_to_do() {
  const std::lock_guard lock(mutex_);
  if (everything_) return milliseconds(0);
  auto next = heard_ + options_.check;
  if (unsettled_ && !settling_) next = std::min(next, settle_at_);
  return std::chrono::ceil<milliseconds>(std::max(next - Clock::now(), Clock::duration::zero()));
}

void Presence::tell(News news) {
  OnNews to;
  {
    const std::lock_guard lock(mutex_);
    to = on_news_;
  }
  const bool nothing = news.outdated.empty() && news.due.empty() && !news.channels && !news.everything;
  if (nothing || !to) return;
  const auto lock = quiet();
  to(std::move(news));
}

// The writer's next transaction begins once those before it have ended, whatever became of them; it also takes over what former
// sessions own.
void Presence::settle() {
  std::vector<std::uint64_t> owners;
  std::uint64_t heir = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!unsettled_ || settling_ || Clock::now() < settle_at_) return;
    unsettled_ = false;
    settling_ = true;
    owners = former_;
    heir = session_;
  }
  adopt_(owners, heir, [this, owners](const Result<bool>& more) { settled(owners, more); });
}

void Presence::settled(const std::vector<std::uint64_t>& owners, const Result<bool>& more) {
  {
    const std::lock_guard lock(mutex_);
    settling_ = false;
    if (!more) settle_at_ = Clock::now() + milliseconds(500);
    if (!more || *more) {
      unsettled_ = true;
    } else {
      everything_ = true;
      std::erase_if(former_, [&](auto one) { return std::find(owners.begin(), owners.end(), one) != owners.end(); });
    }
  }
  wake_.ring();
}

void Presence::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  wake_.ring();
  if (thread_.joinable()) thread_.join();
}

void Presence::release() {
  if (!db_) return;
  try {
    db_->run(std::string("SELECT pg_advisory_unlock_all(); NOTIFY ") + kLeaders);
  } catch (const Failure& e) {
    spdlog::warn("event=session_not_released what=\"{}\"", e.what());
  }
  db_.reset();
}

}  // namespace fabu::store::pg
