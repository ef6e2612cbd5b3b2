// The Store port: what the use cases need of stable storage, in their words. Implementations: sqlite/ (embedded),
// postgresql/ (scaled out). One conformance suite, tests/integration/store/conformance.h, runs against each.
//
// Writing. Every write is queued, grouped with whatever else waits, run in one transaction with its audit records, synced
// once, and answered by its `Done`. Done is called exactly once, on the store's own thread: it must not block. A failed
// commit fails the whole group: nothing of it is stored. When the queue is full, Done is called at once with
// ErrorCode::busy; after a failure of the disk with ErrorCode::unavailable. When the process ends at that very moment, what was
// not acked may yet be found stored, as if its answer had been lost: whoever sends it again is answered as done before.
// Reading. Reads block and are thread-safe; they see every write whose Done has been called.
// Several brokers. A database may serve several, each with a Store of its own. Every open delivery is owned by one of them, which
// dispatches it: the one that accepted its edition, or replayed it, or last reported a setback of it; but the owner of what is
// still open of the item on that channel also owns what replaces it, so that one broker keeps their order. What a broker leaves
// behind when it ends goes to another (docs/decisions/0004). A store that has its database to itself owns all.
#pragma once

#include <fabu/v1/api.pb.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/audit/records.h"
#include "broker/audit/tree.h"
#include "broker/domain/caller.h"
#include "broker/domain/result.h"
#include "proto/fabu/digest.h"
#include "proto/fabu/time.h"

namespace fabu::store {

template <typename T>
using Done = std::function<void(Result<T>)>;

// --- accept ---------------------------------------------------------------------------------------------------------

struct Accept {
  Caller caller;
  std::string department, reference;
  std::string entry, title;      // kept beside the item for lists
  std::string index_no;          // as given; empty = allot one
  std::string index_prefix;      // "{USCC}/{yyyymm}-"; the store appends the next five-digit number of that prefix
  std::string content;           // serialised Item
  Digest digest;                 // of content
  bool correction = false;       // content asks to replace an earlier edition
  std::uint32_t of_edition = 0;  // 0 = whichever is newest
  std::string reason;
  Instant received;
  bool held = false;                  // a reviewer must look: no deliveries yet
  std::vector<std::string> channels;  // planned, in catalogue order
  std::vector<std::string> skipped;   // named by the catalogue, not set up here
};

enum class AcceptKind {
  accepted,            // stored: a new item or a new edition
  repeated,            // this very content is stored already; `receipt` is the one given then
  differs,             // other content under this reference and no correction asked for; `standing` is the newest content
  wrong_edition,       // of_edition is not the newest
  nothing_to_correct,  // a correction of an item that is not there
  index_taken,         // index_no belongs to another item
  withdrawn,           // the item was withdrawn; a correction cannot revive it
};

struct Accepted {
  AcceptKind kind = AcceptKind::accepted;
  v1::SubmissionReceipt receipt;         // of accepted and repeated
  v1::Edition edition;                   // of accepted
  std::vector<v1::Delivery> deliveries;  // of accepted: pending now
  std::vector<v1::Delivery> superseded;  // of accepted: older open or dead deliveries that gave way
  std::string standing;                  // of differs: serialised Item of the newest edition
  std::uint32_t newest_edition = 0;
};

// --- other writes -----------------------------------------------------------------------------------------------------

// A refused submission: nothing but its record.
struct Refuse {
  Caller caller;
  std::string department, reference;
  std::vector<std::string> problems;  // "path: rule"
  Instant time;
};

struct Withdraw {
  Caller caller;
  std::uint64_t item_id = 0;
  std::uint32_t of_edition = 0;  // 0 = newest
  std::string reason;
  Instant time;
};

// Asked for again with the same reason, it is answered as it was then, but for `deliveries` and `superseded`: there is nothing to
// do.
struct Withdrawn {
  v1::Edition edition;                   // the withdrawal
  std::vector<v1::Delivery> deliveries;  // one for each channel that has, or may have, the item
  std::vector<v1::Delivery> superseded;
  std::vector<std::string> channels;  // of the deliveries
  v1::EditionState state = v1::EDITION_STATE_UNSPECIFIED;
  std::uint64_t log_index = 0;  // of the record of its order
};

struct Review {
  Caller caller;
  std::uint64_t item_id = 0;
  Digest digest;  // of the edition that the reviewer saw; must be the newest, held one (precondition otherwise)
  bool approve = false;
  std::string remarks;                         // enters the log as a commitment
  std::vector<std::string> channels, skipped;  // of approve
  Instant time;
};

struct Reviewed {
  v1::Edition edition;
  std::vector<v1::Delivery> deliveries;
  std::uint64_t log_index = 0;  // of the record of the decision
};

// What a worker reported; see v1::Report. `delivered` counts also when the delivery gave way or died meanwhile: the channel has
// it. The same receipt again is answered as done, another one is refused (conflict). A setback of what is not open changes
// nothing and is answered with the delivery as it is. Progress on what is delivered or dead is refused (conflict), and so is an
// observation of what was never delivered.
struct Settle {
  v1::Report report;
  std::string actor;  // channel name
  Instant time;
};

struct Settled {
  v1::Delivery delivery;  // as it is now, without progress
  v1::EditionState edition_state = v1::EDITION_STATE_UNSPECIFIED;
};

struct Replay {
  Caller caller;
  v1::ReplayRequest request;
  Instant time;
};

struct Replayed {
  std::uint64_t matched = 0;
  std::vector<v1::Delivery> deliveries;  // pending now; empty in a dry run
};

// An operator stops a channel, or lets it go on. A pause outlives the process.
struct SwitchChannel {
  Caller caller;
  std::string channel;
  bool paused = false;
  std::string reason;  // of a pause
  Instant time;
};

struct PausedChannel {
  std::string channel, reason;
};

struct KeyRecord {
  std::string id;  // public part, e.g. "k7Q2mZ9x"
  std::string department;
  std::string name;
  std::uint8_t scopes = 0;  // of fabu::Scope
  Digest secret;            // SHA-256 of the secret part, which has 256 random bits
  std::int64_t created_ms = 0;
  std::int64_t revoked_ms = 0;  // 0 = valid
};

// --- reads ------------------------------------------------------------------------------------------------------------

struct ItemQuery {
  std::string department;  // empty = all
  std::string entry;
  std::uint64_t before = 0;  // items with a smaller number; 0 = from the newest
  unsigned limit = 50;       // at most 500
};

struct DeliveryQuery {
  std::string channel;
  std::optional<v1::DeliveryState> state;
  std::string code;  // of the last failure
  std::uint64_t item_id = 0;
  std::string after;     // delivery id: the cursor
  unsigned limit = 100;  // at most 1000
};

// Open deliveries that this broker owns, with what their workers need.
struct OpenQuery {
  std::string channel;
  Instant due;        // due at or before
  std::string after;  // opaque cursor of the last one read in this scan; empty = from the start
  unsigned limit = 256;
};

struct OpenBatch {
  std::vector<v1::Work> works;      // catalogue facts are not filled: the flow adds them. In the order of their due times
  std::string cursor;               // for OpenQuery::after; empty = no more are due
  std::optional<Instant> next_due;  // the earliest open delivery that is due later
};

struct LogHead {
  std::uint64_t size = 0;
  Digest root;
};

struct StoredCheckpoint {
  std::uint64_t size = 0;
  std::string note;  // signed note, verbatim
  std::int64_t time_ms = 0;
};

struct ChannelCounts {
  std::uint64_t open = 0, dead = 0;
};

// --- several brokers --------------------------------------------------------------------------------------------------

// A delivery of which another broker stored something.
struct Outdated {
  std::string channel, delivery_id;
};

// What other brokers stored that this one has to act on.
struct News {
  // What was read of these is out of date, and of what waits behind them: they gave way to a newer edition, were settled or set
  // back. They may no longer be open, and need no longer be this broker's.
  std::vector<Outdated> outdated;
  std::vector<std::string> due;  // channels of which this broker has come to own something, due now or later: to be scanned
  bool channels = false;         // a channel was paused or goes on: see paused_channels()
  // News may have been missed, or the outcome of a write stayed unknown: all of the above may be so for anything. What was
  // offered and not begun may belong to another broker by now.
  bool everything = false;
};
using OnNews = std::function<void(News)>;
using OnLead = std::function<void(bool leads)>;

// A file that is being stored. Append pieces, then finish. Destroying it unfinished leaves nothing behind. Blocking; one
// thread at a time.
class AttachmentWriter {
 public:
  virtual ~AttachmentWriter() = default;
  virtual Result<void> append(std::string_view bytes) = 0;  // too_large past the bound
  // Digest and size are verified, the bytes are on stable storage, and they can be read by digest. invalid when the digest
  // is another. Storing what is there already succeeds.
  virtual Result<std::uint64_t> finish() = 0;
};

class Store : public audit::TileSource {
 public:
  // Writes.
  virtual void accept(Accept, Done<Accepted>) = 0;
  virtual void refuse(Refuse, Done<std::uint64_t>) = 0;  // the record's leaf index
  virtual void withdraw(Withdraw, Done<Withdrawn>) = 0;
  virtual void review(Review, Done<Reviewed>) = 0;
  virtual void settle(Settle, Done<Settled>) = 0;
  virtual void replay(Replay, Done<Replayed>) = 0;
  virtual void switch_channel(SwitchChannel, Done<std::uint64_t>) = 0;  // the record's leaf index
  virtual void create_key(KeyRecord, Caller, Instant, Done<std::uint64_t>) = 0;
  virtual void revoke_key(std::string key_id, Caller, Instant, Done<std::uint64_t>) = 0;
  virtual void record(audit::Draft, Instant, Done<std::uint64_t>) = 0;  // an act with no state of its own; leaf index
  virtual void save_checkpoint(StoredCheckpoint, Done<std::uint64_t>) = 0;
  // How many writes wait. For back-pressure and metrics.
  virtual std::size_t backlog() const = 0;

  // Reads.
  virtual Result<std::optional<std::uint64_t>> find_item(std::string_view department, std::string_view reference) = 0;
  virtual Result<std::optional<std::uint64_t>> find_index(std::string_view index_no) = 0;
  virtual Result<v1::ItemView> item(std::uint64_t item_id) = 0;  // all editions with content, all deliveries; not_found
  virtual Result<std::vector<v1::ItemSummary>> items(const ItemQuery&) = 0;
  virtual Result<std::vector<v1::Delivery>> deliveries(const DeliveryQuery&) = 0;
  virtual Result<v1::Delivery> delivery(const std::string& id) = 0;
  virtual Result<std::vector<v1::DeliveryGroup>> delivery_groups() = 0;          // dead and retrying, by channel and failure code
  virtual Result<ChannelCounts> channel_counts(const std::string& channel) = 0;  // O(1): counters are maintained
  virtual Result<OpenBatch> open_deliveries(const OpenQuery&) = 0;
  virtual Result<v1::Work> work(const std::string& delivery_id) = 0;  // as in open_deliveries, for one
  virtual Result<std::vector<PausedChannel>> paused_channels() = 0;
  virtual Result<std::vector<KeyRecord>> keys() = 0;
  virtual Result<std::optional<KeyRecord>> key(std::string_view id) = 0;

  // The log. TileSource::tile serves partial tiles too.
  virtual LogHead log_head() = 0;                                                                    // durable
  virtual Result<std::vector<std::string>> log_entries(std::uint64_t first, std::size_t count) = 0;  // stored bytes, at most 4096
  virtual Result<std::vector<std::string>> item_records(std::uint64_t item_id) = 0;  // stored bytes by seq, at most 10000
  virtual Result<std::vector<v1::Opening>> openings(std::uint64_t item_id) = 0;
  virtual Result<std::optional<StoredCheckpoint>> latest_checkpoint() = 0;

  // Several brokers. Each of the two is called once, subscribe() before anything is written. Their functions are called on the
  // store's own threads, each one call at a time, and must not block; not after close() has returned. SQLite's store
  // never has news, and leads at once, within campaign().
  //
  // News is told after the Done of every own write that was stored before what it tells.
  virtual void subscribe(OnNews) = 0;
  // Has this broker stand for leader: of all that do, one leads at a time. `on_lead` tells when that changes; at first none does.
  // A broker that has lost the database, or was stopped and goes on, may be told late that it leads no longer: it asks leads()
  // before each job, and since even then a job may overtake its successor's, each job is harmless when it is done twice.
  virtual void campaign(OnLead) = 0;
  // Whether it leads at this moment, by its own clock. Does not block.
  virtual bool leads() const = 0;

  // Attachments, by digest.
  virtual Result<std::unique_ptr<AttachmentWriter>> write_attachment(const Digest&, std::uint64_t max_size) = 0;
  virtual Result<std::optional<std::uint64_t>> attachment_size(const Digest&) = 0;
  virtual Result<std::string> attachment_path(const Digest&) = 0;  // a local file with the bytes; not_found

  // Stops taking writes, commits what waits, closes. Called once.
  virtual void close() = 0;
};

}  // namespace fabu::store
