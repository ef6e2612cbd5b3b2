#include "broker/flow/operate.h"

#include <fabu/v1/audit.pb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "broker/domain/field_rules.h"
#include "broker/flow/commit.h"
#include "broker/flow/dispatch.h"
#include "broker/flow/off_thread.h"
#include "broker/flow/plan.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

// In characters.
constexpr std::size_t kReasonBound = 1000, kRemarksBound = 2000, kNameBound = 100;

struct ScopeName {
  const char* name;
  Scope scope;
};
constexpr std::array<ScopeName, 6> kScopes{{{"submit", Scope::submit},
                                            {"read", Scope::read},
                                            {"operate", Scope::operate},
                                            {"audit", Scope::audit},
                                            {"review", Scope::review},
                                            {"admin", Scope::admin}}};

std::optional<Error> lacks(const Caller& caller, Scope scope) {
  if (caller.may(scope)) return std::nullopt;
  const auto found = std::find_if(kScopes.begin(), kScopes.end(), [&](const auto& s) { return s.scope == scope; });
  return Error{ErrorCode::forbidden,
               "key",
               "This key does not have the scope `" + std::string(found->name) + "`.",
               "Ask an administrator for a key that has it.",
               {}};
}

std::optional<Error> bad_text(const domain::TextRule& rule) {
  domain::Faults faults;
  domain::check_text(rule, faults);
  auto found = faults.take();
  if (found.empty()) return std::nullopt;
  Error error{ErrorCode::invalid, rule.path, found.front().what(), found.front().todo(), {}};
  error.problems = std::move(found);
  return error;
}

Error no_item() {
  return Error{ErrorCode::not_found, "item", "There is no such item.", "Check the number.", {}};
}

v1::SubmissionReceipt receipt_of(const v1::ItemView& item, const v1::Edition& edition, const std::vector<std::string>& channels,
                                 v1::EditionState state, std::uint64_t log_index) {
  v1::SubmissionReceipt receipt;
  receipt.set_department(item.department());
  receipt.set_reference(item.reference());
  receipt.set_item_id(edition.item_id());
  receipt.set_index_no(edition.index_no());
  receipt.set_edition(edition.number());
  receipt.set_edition_digest(Digest::from_raw(edition.digest()).value_or(Digest{}).hex());
  receipt.set_accepted_ms(edition.received_ms());
  for (const auto& channel : channels) receipt.add_channels(channel);
  receipt.set_state(state);
  receipt.set_log_index(log_index);
  return receipt;
}

Result<std::uint8_t> scopes_of(const v1::KeyRequest& request) {
  if (request.scopes().empty()) return static_cast<std::uint8_t>(Scope::submit) | static_cast<std::uint8_t>(Scope::read);
  std::uint8_t bits = 0;
  for (const auto& name : request.scopes()) {
    const auto found = std::find_if(kScopes.begin(), kScopes.end(), [&](const auto& s) { return name == s.name; });
    if (found == kScopes.end()) {
      return Error{ErrorCode::invalid,
                   "scopes",
                   "There is no scope `" + name + "`.",
                   "Use submit, read, operate, audit, review or admin.",
                   {}};
    }
    bits |= static_cast<std::uint8_t>(found->scope);
  }
  return bits;
}

bool is_code(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

v1::ActorKind kind_of(const Caller& caller) {
  return caller.kind == v1::ACTOR_KIND_LOCAL ? v1::ACTOR_KIND_LOCAL : v1::ACTOR_KIND_OPERATOR;
}

// Open deliveries of older editions to the channels of the newer ones: they give way when the newer are planned.
std::vector<v1::Delivery> giving_way(const v1::ItemView& before, const std::vector<v1::Delivery>& newer) {
  std::vector<v1::Delivery> older;
  for (const auto& delivery : before.deliveries()) {
    const bool open = delivery.state() == v1::DELIVERY_STATE_PENDING || delivery.state() == v1::DELIVERY_STATE_RETRYING;
    const auto same = [&](const v1::Delivery& n) { return n.channel() == delivery.channel(); };
    if (open && std::any_of(newer.begin(), newer.end(), same)) older.push_back(delivery);
  }
  return older;
}

Error no_channel(const std::string& name) {
  return Error{ErrorCode::not_found, "channel", "No channel `" + name + "` runs here.", "See GET /v1/channels.", {}};
}

}  // namespace

std::vector<std::string> scope_names(std::uint8_t scopes) {
  std::vector<std::string> names;
  for (const auto& [name, scope] : kScopes) {
    if ((scopes & static_cast<std::uint8_t>(scope)) != 0) names.emplace_back(name);
  }
  return names;
}

Operate::Operate(store::Store& store, const domain::Catalogue& catalogue, const Installation& installation, ChannelBoard& board,
                 const Clock& clock, Dispatch& dispatch, MakeKey make_key)
    : store_(store),
      catalogue_(catalogue),
      installation_(installation),
      board_(board),
      clock_(clock),
      dispatch_(dispatch),
      make_key_(std::move(make_key)) {}

asio::awaitable<Result<v1::ItemView>> Operate::view(std::uint64_t item_id) {
  auto work = [this, item_id] { return store_.item(item_id); };
  auto found = co_await off_thread(dispatch_.reads(), work);
  if (!found && found.error().code == ErrorCode::not_found) co_return no_item();
  co_return found;
}

asio::awaitable<Result<v1::SubmissionReceipt>> Operate::withdraw(Caller caller, std::uint64_t item_id,
                                                                 v1::WithdrawRequest request) {
  const bool any = caller.may(Scope::operate);
  if (!any) {
    if (auto error = lacks(caller, Scope::submit)) co_return *error;
  }
  const auto item = co_await view(item_id);
  if (!item) co_return item.error();
  if (!any && item->department() != caller.department) co_return no_item();
  if (auto error = bad_text({"reason", request.reason(), kReasonBound, true, true})) co_return *error;
  store::Withdraw command{caller, item_id, request.of_edition(), request.reason(), clock_.now()};
  auto queue = [this, &command](store::Done<store::Withdrawn> done) { store_.withdraw(std::move(command), std::move(done)); };
  auto withdrawn = co_await committed<store::Withdrawn>(queue);
  if (!withdrawn) co_return withdrawn.error();
  dispatch_.planned(withdrawn->edition, withdrawn->deliveries, withdrawn->superseded);
  co_return receipt_of(*item, withdrawn->edition, withdrawn->channels, withdrawn->state, withdrawn->log_index);
}

asio::awaitable<Result<v1::SubmissionReceipt>> Operate::review(Caller caller, std::uint64_t item_id, v1::ReviewRequest request) {
  if (auto error = lacks(caller, Scope::review)) co_return *error;
  const auto digest = Digest::from_hex(request.edition_digest());
  if (!digest) {
    co_return Error{ErrorCode::invalid,
                    "edition_digest",
                    "The digest of the edition that you saw is required: 64 hex digits.",
                    "Read the item and send its `edition.digest` in hex.",
                    {}};
  }
  const bool approve = request.decision() == v1::DECISION_APPROVE;
  if (!approve && request.decision() != v1::DECISION_REJECT) {
    co_return Error{ErrorCode::invalid, "decision", "No decision was given.", "Send DECISION_APPROVE or DECISION_REJECT.", {}};
  }
  if (auto error = bad_text({"remarks", request.remarks(), kRemarksBound, false, true})) co_return *error;
  const auto item = co_await view(item_id);
  if (!item) co_return item.error();
  store::Review command{caller, item_id, *digest, approve, request.remarks(), {}, {}, clock_.now()};
  if (const auto* entry = catalogue_.find(item->catalogue_entry())) {
    Plan where = plan(*entry, installation_);
    command.channels = std::move(where.channels);
    command.skipped = std::move(where.skipped);
  } else if (approve) {
    co_return Error{ErrorCode::conflict,
                    "item",
                    "The catalogue no longer has the entry " + item->catalogue_entry() + ": there is nowhere to publish it.",
                    "Restore the entry, or reject the item and have it corrected.",
                    {}};
  }
  auto queue = [this, &command](store::Done<store::Reviewed> done) {
    store_.review(std::move(command), expecting(dispatch_, std::move(done)));
  };
  auto reviewed = co_await committed<store::Reviewed>(queue);
  if (!reviewed) co_return reviewed.error();
  dispatch_.planned(reviewed->edition, reviewed->deliveries, giving_way(*item, reviewed->deliveries));
  const auto approved = reviewed->deliveries.empty() ? v1::EDITION_STATE_APPROVED : v1::EDITION_STATE_PUBLISHING;
  const auto state = approve ? approved : v1::EDITION_STATE_REJECTED;
  std::vector<std::string> channels;
  for (const auto& delivery : reviewed->deliveries) channels.push_back(delivery.channel());
  co_return receipt_of(*item, reviewed->edition, channels, state, reviewed->log_index);
}

asio::awaitable<Result<v1::ReplayAnswer>> Operate::replay(Caller caller, v1::ReplayRequest request) {
  if (auto error = lacks(caller, Scope::operate)) co_return *error;
  const bool dry_run = request.dry_run();
  store::Replay command{caller, std::move(request), clock_.now()};
  auto queue = [this, &command](store::Done<store::Replayed> done) { store_.replay(std::move(command), std::move(done)); };
  auto replayed = co_await committed<store::Replayed>(queue);
  if (!replayed) co_return replayed.error();
  for (const auto& delivery : replayed->deliveries) dispatch_.due(delivery.channel(), from_ms(delivery.due_ms()));
  v1::ReplayAnswer answer;
  answer.set_matched(replayed->matched);
  answer.set_replayed(replayed->deliveries.size());
  answer.set_dry_run(dry_run);
  co_return answer;
}

asio::awaitable<Result<v1::ChannelView>> Operate::pause(Caller caller, std::string channel, std::string reason) {
  if (auto error = lacks(caller, Scope::operate)) co_return *error;
  if (auto error = bad_text({"reason", reason, kReasonBound})) co_return *error;
  const auto control = board_.find(channel);
  if (!control) co_return no_channel(channel);
  const auto recorded = co_await switch_channel(caller, channel, true, reason);
  if (!recorded) co_return recorded.error();
  control->pause(std::move(reason));
  co_return control->view();
}

asio::awaitable<Result<v1::ChannelView>> Operate::resume(Caller caller, std::string channel) {
  if (auto error = lacks(caller, Scope::operate)) co_return *error;
  const auto control = board_.find(channel);
  if (!control) co_return no_channel(channel);
  std::string no_reason;
  const auto recorded = co_await switch_channel(caller, channel, false, std::move(no_reason));
  if (!recorded) co_return recorded.error();
  control->resume();
  co_return control->view();
}

asio::awaitable<void> Operate::note_channel(std::string channel, bool paused, std::string reason) {
  auto draft = audit::channel_changed(channel, paused, v1::ACTOR_KIND_CHANNEL, channel, reason);
  co_await record(std::move(draft));
}

asio::awaitable<Result<std::uint64_t>> Operate::switch_channel(Caller caller, std::string channel, bool paused,
                                                               std::string reason) {
  caller.kind = kind_of(caller);
  store::SwitchChannel command{std::move(caller), std::move(channel), paused, std::move(reason), clock_.now()};
  auto queue = [this, &command](store::Done<std::uint64_t> done) { store_.switch_channel(std::move(command), std::move(done)); };
  auto recorded = co_await committed<std::uint64_t>(queue);
  co_return recorded;
}

asio::awaitable<Result<std::uint64_t>> Operate::record(audit::Draft draft) {
  auto queue = [this, &draft](store::Done<std::uint64_t> done) {
    store_.record(std::move(draft), clock_.now(), std::move(done));
  };
  auto recorded = co_await committed<std::uint64_t>(queue);
  co_return recorded;
}

asio::awaitable<Result<v1::KeyAnswer>> Operate::create_key(Caller caller, v1::KeyRequest request) {
  if (auto error = lacks(caller, Scope::admin)) co_return *error;
  if (!is_code(request.department())) {
    co_return Error{ErrorCode::invalid,
                    "department",
                    "A department code has 1 to 32 letters, digits, _ or -.",
                    "Give the code as it stands in the configuration.",
                    {}};
  }
  if (!installation_.departments.empty() && installation_.department(request.department()) == nullptr) {
    co_return Error{ErrorCode::invalid,
                    "department",
                    "Department " + request.department() + " is not in the configuration.",
                    "Add it to `departments`, or check the code.",
                    {}};
  }
  const auto scopes = scopes_of(request);
  if (!scopes) co_return scopes.error();
  if (auto error = bad_text({"name", request.name(), kNameBound})) co_return *error;
  FreshKey fresh = make_key_();
  fresh.record.department = request.department();
  fresh.record.name = request.name();
  fresh.record.scopes = *scopes;
  fresh.record.created_ms = to_ms(clock_.now());
  const std::string id = fresh.record.id;
  auto queue = [&](store::Done<std::uint64_t> done) { store_.create_key(fresh.record, caller, clock_.now(), std::move(done)); };
  const auto created = co_await committed<std::uint64_t>(queue);
  if (!created) co_return created.error();
  v1::KeyAnswer answer;
  answer.set_key_id(id);
  answer.set_key(fresh.text);
  answer.set_department(request.department());
  for (const auto& name : scope_names(*scopes)) answer.add_scopes(name);
  co_return answer;
}

asio::awaitable<Result<std::uint64_t>> Operate::revoke_key(Caller caller, std::string key_id) {
  if (auto error = lacks(caller, Scope::admin)) co_return *error;
  auto queue = [&](store::Done<std::uint64_t> done) { store_.revoke_key(key_id, caller, clock_.now(), std::move(done)); };
  co_return co_await committed<std::uint64_t>(queue);
}

}  // namespace fabu::flow
