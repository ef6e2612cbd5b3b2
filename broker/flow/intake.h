// Intake: from a department's item to an ack that is a promise.
#pragma once

#include <fabu/v1/api.pb.h>

#include <boost/asio/awaitable.hpp>

#include "broker/domain/caller.h"
#include "broker/domain/catalogue.h"
#include "broker/domain/result.h"
#include "broker/flow/installation.h"
#include "broker/store/store.h"
#include "proto/fabu/time.h"

namespace fabu::flow {

class Dispatch;
class Events;

// Thread-safe: any number of submissions may be under way. Submissions that are started one after the other on one strand reach
// the store in that order: a correction may follow its original without waiting for the receipt.
class Intake {
 public:
  Intake(store::Store&, const domain::Catalogue&, const Installation&, const Clock&, Dispatch&, Events&);

  // Checks, stores and plans the item; the receipt means that all of it is on stable storage. The same content again gives the
  // same receipt. Errors: invalid with every fault in `problems`; conflict that says what differs; precondition (wrong
  // of_edition); forbidden (another department's key); busy, unavailable or io (not stored, safe to send again). Refusals are
  // recorded in the audit log before they are answered, except in dry runs; the server's own failures are no refusals.
  boost::asio::awaitable<Result<v1::SubmissionReceipt>> submit(Caller, v1::Item, bool dry_run);
  // A submission that could not even be read leaves a record too. `problem`: "path: rule". Errors: busy or unavailable (not
  // recorded, so the caller is told to send again).
  boost::asio::awaitable<Result<void>> refuse_unread(Caller, std::string problem);

 private:
  boost::asio::awaitable<Result<v1::SubmissionReceipt>> store(store::Accept);
  boost::asio::awaitable<Result<store::Accepted>> put(store::Accept);
  boost::asio::awaitable<Result<std::uint64_t>> record(const Caller&, const v1::Item&, const Error&);

  store::Store& store_;
  const domain::Catalogue& catalogue_;
  const Installation& installation_;
  const Clock& clock_;
  Dispatch& dispatch_;
  Events& events_;
};

}  // namespace fabu::flow
