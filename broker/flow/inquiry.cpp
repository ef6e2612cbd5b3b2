#include "broker/flow/inquiry.h"

#include <fabu/v1/audit.pb.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "broker/flow/evidence.h"
#include "broker/flow/off_thread.h"
#include "broker/flow/why.h"

namespace fabu::flow {
namespace asio = boost::asio;

namespace {

constexpr int kSealTries = 5;

Error no_item() {
  return Error{ErrorCode::not_found,
               "item",
               "There is no such item, or it is not yours to see.",
               "Give an item number, an 索引号, or DEPARTMENT:REFERENCE.",
               {}};
}

Result<std::uint64_t> find_by_words(store::Store& store, const std::string& name) {
  const auto by_index = store.find_index(name);
  if (!by_index) return by_index.error();
  if (*by_index) return **by_index;
  if (const auto colon = name.find(':'); colon != std::string::npos) {
    const auto by_reference = store.find_item(name.substr(0, colon), name.substr(colon + 1));
    if (!by_reference) return by_reference.error();
    if (*by_reference) return **by_reference;
  }
  return no_item();
}

// An 索引号 may be all digits too: a number that no item has is looked for as one.
Result<v1::ItemView> named_item(store::Store& store, const std::string& name) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failed == std::errc{} && end == name.data() + name.size() && number > 0) {
    auto view = store.item(number);
    if (view || view.error().code != ErrorCode::not_found) return view;
  }
  const auto id = find_by_words(store, name);
  if (!id) return id.error();
  return store.item(*id);
}

// One answer for what is not there and for what is not the caller's to see: who asks learns nothing of others' items.
Result<v1::ItemView> seen_item(store::Store& store, const Caller& caller, const std::string& name) {
  auto view = named_item(store, name);
  if (!view && view.error().code != ErrorCode::not_found) return view.error();
  if (!view || !caller.sees(view->department())) return no_item();
  for (auto& edition : *view->mutable_editions()) {
    if (!edition.has_item()) edition.mutable_item()->ParseFromString(edition.edition().content());
  }
  return view;
}

Result<v1::Trace> trace_of(store::Store& store, std::uint64_t item_id, bool with_openings) {
  const auto records = store.item_records(item_id);
  if (!records) return records.error();
  std::map<std::uint64_t, std::string> details;
  if (with_openings) {
    auto openings = store.openings(item_id);
    if (!openings) return openings.error();
    for (auto& opening : *openings) details[opening.seq()] = std::move(*opening.mutable_detail());
  }
  v1::Trace trace;
  trace.set_item_id(item_id);
  for (const auto& bytes : *records) {
    auto& step = *trace.add_steps();
    if (!step.mutable_record()->ParseFromString(bytes)) {
      return Error{ErrorCode::corrupt, "log", "A stored audit record cannot be read.", "Run fabu audit verify.", {}};
    }
    step.set_leaf_hash(audit::leaf_hash(bytes).hex());
    if (step.record().has_public_()) {
      *step.mutable_detail() = step.record().public_();
    } else if (const auto found = details.find(step.record().seq()); found != details.end()) {
      step.mutable_detail()->ParseFromString(found->second);
    }
  }
  return trace;
}

}  // namespace

Inquiry::Inquiry(store::Store& store, const domain::Catalogue& catalogue, const Installation& installation,
                 const ChannelBoard& board, const Clock& clock, asio::thread_pool& pool, Seal seal, std::string verifier_key)
    : store_(store),
      catalogue_(catalogue),
      installation_(installation),
      board_(board),
      clock_(clock),
      pool_(pool),
      seal_(std::move(seal)),
      verifier_key_(std::move(verifier_key)) {}

asio::awaitable<Result<std::uint64_t>> Inquiry::resolve(Caller caller, std::string name) {
  auto work = [this, caller, name]() -> Result<std::uint64_t> {
    const auto view = seen_item(store_, caller, name);
    if (!view) return view.error();
    return view->item_id();
  };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::ItemView>> Inquiry::item(Caller caller, std::string name) {
  auto work = [&] { return seen_item(store_, caller, name); };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::ItemList>> Inquiry::items(Caller caller, store::ItemQuery query) {
  if (query.department.empty() && !caller.sees({})) query.department = caller.department;
  if (!caller.sees(query.department)) {
    co_return Error{ErrorCode::forbidden, "department", "This key sees only its own department.", "Leave `department` out.", {}};
  }
  query.limit = std::clamp(query.limit, 1U, 500U);
  auto work = [this, query]() -> Result<v1::ItemList> {
    auto found = store_.items(query);
    if (!found) return found.error();
    v1::ItemList list;
    for (auto& summary : *found) *list.add_items() = std::move(summary);
    if (list.items_size() == static_cast<int>(query.limit))
      list.set_next(std::to_string(list.items(list.items_size() - 1).item_id()));
    return list;
  };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::Trace>> Inquiry::trace(Caller caller, std::string name) {
  auto work = [this, caller, name]() -> Result<v1::Trace> {
    const auto view = seen_item(store_, caller, name);
    if (!view) return view.error();
    return trace_of(store_, view->item_id(), caller.may(Scope::audit));
  };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::Why>> Inquiry::why(Caller caller, std::string name) {
  auto work = [this, caller, name]() -> Result<v1::Why> {
    WhyFacts facts;
    auto view = seen_item(store_, caller, name);
    if (!view) return view.error();
    facts.item = std::move(*view);
    auto trace = trace_of(store_, facts.item.item_id(), true);
    if (!trace) return trace.error();
    facts.trace = std::move(*trace);
    facts.channels = board_.views();
    facts.entry = catalogue_.find(facts.item.catalogue_entry());
    facts.now = clock_.now();
    return flow::why(facts);
  };
  co_return co_await off_thread(pool_, work);
}

// An item that goes on between the seal and the reading is sealed anew; one that never rests is put off.
asio::awaitable<Result<v1::EvidenceBundle>> Inquiry::bundle(Caller caller, std::string name) {
  const auto id = co_await resolve(caller, name);
  if (!id) co_return id.error();
  Result<v1::EvidenceBundle> gathered = no_item();
  for (int tries = 0; tries < kSealTries; ++tries) {
    const auto sealed = co_await seal_();
    if (!sealed) co_return sealed.error();
    auto work = [this, &caller, &id, &sealed] {
      return evidence(store_, *id, *sealed, verifier_key_, caller.may(Scope::audit), clock_.now());
    };
    gathered = co_await off_thread(pool_, work);
    if (gathered || gathered.error().code != ErrorCode::busy) break;
  }
  co_return gathered;
}

asio::awaitable<Result<v1::DeliveryList>> Inquiry::deliveries(Caller caller, store::DeliveryQuery query) {
  query.limit = std::clamp(query.limit, 1U, 1000U);
  auto work = [this, caller, query]() -> Result<v1::DeliveryList> {
    if (!caller.sees({}) && query.item_id == 0) {
      return Error{
          ErrorCode::forbidden, "item", "This key sees only its own department's items.", "Ask for one item: ?item=NUMBER", {}};
    }
    if (query.item_id != 0) {
      const auto view = seen_item(store_, caller, std::to_string(query.item_id));
      if (!view) return view.error();
    }
    auto found = store_.deliveries(query);
    if (!found) return found.error();
    v1::DeliveryList list;
    for (auto& delivery : *found) *list.add_deliveries() = std::move(delivery);
    if (list.deliveries_size() == static_cast<int>(query.limit)) list.set_next(list.deliveries(list.deliveries_size() - 1).id());
    return list;
  };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::DeliveryGroups>> Inquiry::groups(Caller caller) {
  auto work = [this, caller]() -> Result<v1::DeliveryGroups> {
    if (!caller.sees({})) {
      return Error{ErrorCode::forbidden,
                   "key",
                   "This key does not have the scope `operate`.",
                   "Ask an administrator for a key that has it.",
                   {}};
    }
    auto found = store_.delivery_groups();
    if (!found) return found.error();
    v1::DeliveryGroups groups;
    for (auto& group : *found) *groups.add_groups() = std::move(group);
    return groups;
  };
  co_return co_await off_thread(pool_, work);
}

asio::awaitable<Result<v1::ChannelList>> Inquiry::channels(Caller) {
  auto work = [this]() -> Result<v1::ChannelList> {
    v1::ChannelList list;
    for (auto& view : board_.views()) {
      const auto counts = store_.channel_counts(view.name());
      if (!counts) return counts.error();
      auto& shown = *list.add_channels();
      shown = std::move(view);
      shown.set_waiting(counts->open);
      shown.set_dead(counts->dead);
    }
    return list;
  };
  co_return co_await off_thread(pool_, work);
}

}  // namespace fabu::flow
