#include "fault/disk/script.h"

#include <utility>

#include "broker/store/sqlite/sqlite_store.h"
#include "integration/store/sample.h"
#include "integration/store/soundness.h"
#include "temp_folder.h"

namespace fabu::store {
namespace {

bool has_edition(Store& store, std::uint64_t item, int number) {
  const auto view = store.item(item);
  return view && view->editions_size() >= number;
}

bool has_record(Store& store, v1::AuditAction action, const std::string& delivery_id = "") {
  for (const auto& entry : store.log_entries(0, 4096).value()) {
    v1::AuditRecord record;
    if (record.ParseFromString(entry) && record.action() == action && record.delivery_id() == delivery_id) return true;
  }
  return false;
}

Answer answer_of(ErrorCode code) {
  return code == ErrorCode::unavailable ? Answer::unavailable : Answer::wrong;
}

// An accept that is sent again is answered as repeated.
Step accepting(std::string name, Accept command, std::uint64_t item, int edition) {
  Step step{std::move(name), {}, [=](Store& store) { return has_edition(store, item, edition); }};
  step.act = [=](Store& store) {
    const auto outcome = BlockingStore(store).accept(command);
    if (!outcome) return answer_of(outcome.error().code);
    const bool here = outcome->receipt.item_id() == item && outcome->receipt.edition() == static_cast<std::uint32_t>(edition);
    return here && outcome->receipt.reference() == command.reference ? Answer::acked : Answer::wrong;
  };
  return step;
}

// Any other write; one that is sent again may be told that it was done before.
template <typename Act>
Step writing(std::string name, Act act, std::function<bool(Store&)> holds) {
  Step step{std::move(name), {}, holds};
  step.act = [=](Store& store) {
    const auto outcome = act(BlockingStore(store));
    if (outcome) return Answer::acked;
    if (outcome.error().code == ErrorCode::conflict && holds(store)) return Answer::acked;
    return answer_of(outcome.error().code);
  };
  return step;
}

Step settling(std::string name, const Settle& command, v1::AuditAction record) {
  const auto id = command.report.delivery_id();
  return writing(
      std::move(name), [=](BlockingStore write) { return write.settle(command); },
      [=](Store& store) { return has_record(store, record, id); });
}

Accept held(const std::string& reference) {
  Accept command = submission(reference);
  command.held = true;
  return command;
}

v1::Edition first_edition(const std::string& reference, std::uint64_t item) {
  v1::Edition edition;
  edition.set_item_id(item);
  edition.set_digest(submission(reference).digest.raw());
  return edition;
}

std::vector<Step> make_script() {
  std::vector<Step> steps;
  const auto add = [&](Step step) { steps.push_back(std::move(step)); };
  add(accepting("accept 1", submission("GG-1"), 1, 1));
  add(accepting("accept 2, held", held("GG-2"), 2, 1));
  add(settling("deliver 1", delivered("1-1-website"), v1::AUDIT_ACTION_DELIVERED));
  add(settling("set 1 back", set_back("1-1-noticeboard", v1::DELIVERY_STATE_RETRYING, at(300)), v1::AUDIT_ACTION_FAILED));
  add(accepting("correct 1", correction("GG-1", "二"), 1, 2));
  add(writing(
      "approve 2", [](BlockingStore write) { return write.review(decision(first_edition("GG-2", 2), true, "同意")); },
      [](Store& store) { return has_record(store, v1::AUDIT_ACTION_APPROVED); }));
  add(settling("deliver the correction of 1", delivered("1-2-website"), v1::AUDIT_ACTION_DELIVERED));
  add(writing(
      "make a key", [](BlockingStore write) { return write.create_key(sample_key("k1"), administrator(), at(5)); },
      [](Store& store) { return store.key("k1").value().has_value(); }));
  add(writing(
      "refuse",
      [](BlockingStore write) {
        return write.refuse({department(), "GGJ", "GG-9", {"title: required"}, at(6)});
      },
      [](Store& store) { return has_record(store, v1::AUDIT_ACTION_REFUSED); }));
  add(accepting("accept 3", submission("GG-3"), 3, 1));
  add(writing(
      "withdraw 3", [](BlockingStore write) { return write.withdraw(withdrawal(3)); },
      [](Store& store) { return has_edition(store, 3, 2); }));
  add(settling("give 2 up", dead("2-1-website"), v1::AUDIT_ACTION_DEAD));
  add(writing(
      "replay 2", [](BlockingStore write) { return write.replay(replay_of(kWebsite)); },
      [](Store& store) { return has_record(store, v1::AUDIT_ACTION_REPLAYED, "2-1-website"); }));
  add(writing(
      "record", [](BlockingStore write) { return write.record(audit::started("0.1.0"), at(700)); },
      [](Store& store) { return has_record(store, v1::AUDIT_ACTION_STARTED); }));
  add(writing(
      "keep a checkpoint",
      [](BlockingStore write) {
        return write.save_checkpoint({7, "note", 7});
      },
      [](Store& store) { return store.latest_checkpoint().value().has_value(); }));
  add(accepting("accept 4", submission("GG-4"), 4, 1));
  return steps;
}

// All that the port shows of the script's items, but for what differs from run to run: where in the log, and with which salt.
std::vector<std::string> items_of(Store& store) {
  std::vector<std::string> views;
  for (const auto& item : all_items(store)) views.push_back(store.item(item.item_id()).value().DebugString());
  return views;
}

std::vector<std::string> undisturbed() {
  const TempFolder folder;
  SqliteOptions options;
  options.folder = folder.path();
  const auto store = std::move(open_sqlite(options).value());
  run_script(*store);
  return items_of(*store);
}

}  // namespace

const std::vector<Step>& script() {
  static const auto steps = make_script();
  return steps;
}

std::size_t run_script(Store& store, std::size_t begin) {
  for (std::size_t i = begin; i < script().size(); ++i) {
    const auto answer = script()[i].act(store);
    EXPECT_NE(answer, Answer::wrong) << script()[i].name;
    if (answer != Answer::acked) return i;
  }
  return script().size();
}

testing::AssertionResult kept_its_word(Store& store, std::size_t acked) {
  for (std::size_t i = 0; i < script().size(); ++i) {
    const auto& step = script()[i];
    const bool there = step.holds(store);
    if (i < acked && !there) return testing::AssertionFailure() << "`" << step.name << "` was acked and is not there";
    if (i > acked && there) return testing::AssertionFailure() << "`" << step.name << "` is there and was never sent";
  }
  return is_sound(store);
}

testing::AssertionResult is_complete(Store& store) {
  static const auto expected = undisturbed();
  if (auto kept = kept_its_word(store, script().size()); !kept) return kept;
  const auto found = items_of(store);
  if (found.size() != expected.size())
    return testing::AssertionFailure() << found.size() << " items instead of " << expected.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != expected[i])
      return testing::AssertionFailure() << "an item is\n" << found[i] << "\ninstead of\n" << expected[i];
  }
  return testing::AssertionSuccess();
}

}  // namespace fabu::store
