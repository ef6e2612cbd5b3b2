// A broker among the brokers of a database: its session, which owns what it dispatches, and what the others tell it. One
// connection and one thread, which sleeps until something is said.
//
// The session lives as long as the connection. When that breaks, a new connection takes a new session, what the former one owns
// is given to the new one, and then the broker is told to look at everything: notices may have been missed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker/domain/result.h"
#include "broker/store/postgresql/connection.h"
#include "broker/store/postgresql/wake.h"
#include "broker/store/store.h"

namespace fabu::store::pg {

struct PresenceOptions {
  std::string address;
  bool alone = false;  // nobody else may be present
  std::chrono::milliseconds check{
      5000};  // how long nothing may be heard before the connection is tried, and how long that may take
};

// Thread-safe.
class Presence {
 public:
  // Gives open deliveries of these owners to `heir` in a transaction of the writer. True: there are more.
  using Adopt = std::function<void(std::vector<std::uint64_t> owners, std::uint64_t heir, Done<bool> more)>;

  // Connects, brings the schema up to date, takes a session. Fails (conflict) when the database is somebody else's.
  static Result<std::unique_ptr<Presence>> open(PresenceOptions);
  ~Presence();
  // Owners whose open deliveries nobody dispatches: before start().
  std::vector<std::uint64_t> left_behind();
  void start(Adopt);
  void subscribe(OnNews);

  // The newest session, also when it has just been lost.
  std::uint64_t session() const;
  // The session; 0: it is lost, and could not be replaced at once. Waits at most this long.
  std::uint64_t standing(std::chrono::milliseconds longest);
  // While this is held no news is told.
  std::unique_lock<std::mutex> quiet() { return std::unique_lock(telling_); }
  // The outcome of a write is unknown: once it is settled the broker is told to look at everything.
  void doubt();

  // Ends the thread: no news after it. The session stays.
  void stop();
  // Gives the session up. After the last write.
  void release();

 private:
  explicit Presence(PresenceOptions options) : options_(std::move(options)) {}
  Result<void> enter();  // for the first time
  bool admitted(Connection&) const;
  void appear(std::unique_ptr<Connection>);
  void renew();
  void loop();
  void listen();
  void settle();
  void settled(const std::vector<std::uint64_t>& owners, const Result<bool>& more);
  void lose(const std::string& what);
  void tell(News);
  std::chrono::milliseconds until_something_is_to_do();

  const PresenceOptions options_;
  Wake wake_;
  std::unique_ptr<Connection> db_;  // of the thread while it runs
  std::chrono::steady_clock::time_point heard_;
  Adopt adopt_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  OnNews on_news_;
  std::uint64_t session_ = 0;
  bool standing_ = false;  // the session's connection is not known to be broken
  bool stopped_ = false;
  unsigned attempts_ = 0;  // to connect again
  // What the writer has to do before the broker is told to look at everything.
  std::vector<std::uint64_t> former_;  // sessions that may still own something
  bool unsettled_ = false;
  bool settling_ = false;  // it is doing it
  std::chrono::steady_clock::time_point settle_at_;
  bool everything_ = false;  // to be told
  std::mutex telling_;
};

}  // namespace fabu::store::pg
