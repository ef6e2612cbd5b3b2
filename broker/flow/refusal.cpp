#include "broker/flow/refusal.h"

#include <utility>

#include "broker/domain/item_rules.h"
#include "broker/domain/text_rules.h"

namespace fabu::flow::refusal {
namespace {

v1::FieldProblem problem(std::string path, std::string rule, std::string what, std::string todo, std::string what_zh,
                         std::string todo_zh) {
  v1::FieldProblem p;
  p.set_path(std::move(path));
  p.set_rule(std::move(rule));
  p.set_what(std::move(what));
  p.set_todo(std::move(todo));
  p.set_what_zh(std::move(what_zh));
  p.set_todo_zh(std::move(todo_zh));
  return p;
}

Error single(ErrorCode code, v1::FieldProblem p) {
  Error error{code, p.path(), p.what(), p.todo(), {}};
  error.problems.push_back(std::move(p));
  return error;
}

Error other_content(const std::string& standing, const std::string& content, std::uint32_t newest) {
  v1::Item before, now;
  Error error{ErrorCode::conflict,
              "reference",
              "This reference already names an item with other content.",
              "To replace it, send the new content with `correction.reason`. To publish another item, use another reference.",
              {}};
  if (before.ParseFromString(standing) && now.ParseFromString(content)) {
    now.clear_correction();
    before.clear_correction();
    for (const auto& path : domain::differing_fields(before, now)) {
      error.problems.push_back(
          problem(path, "item.reference.differs", "Differs from edition " + std::to_string(newest) + " of this item.",
                  "Send what was sent before, or ask for a correction.", "与本事项第" + std::to_string(newest) + "版内容不一致。",
                  "请按原内容重报，或以更正方式提交。"));
    }
  }
  return error;
}

}  // namespace

std::optional<Error> not_allowed(const Caller& caller, const v1::Item& item, const Installation& installation) {
  if (!caller.may(Scope::submit)) {
    return Error{ErrorCode::forbidden, "key", "This key may not submit items.", "Use a key with the scope `submit`.", {}};
  }
  const auto named = domain::quoted(item.department(), 32);
  if (caller.kind != v1::ACTOR_KIND_LOCAL && item.department() != caller.department) {
    return single(ErrorCode::forbidden,
                  problem("department", "item.department.not_yours",
                          "The key belongs to department " + caller.department + ", the item to " + named + ".",
                          "Submit with the key of the item's own department.", "密钥所属部门与事项的报送部门不一致。",
                          "请使用本部门的密钥报送。"));
  }
  const bool known = installation.departments.empty() || installation.department(item.department()) != nullptr;
  if (!known && !item.department().empty()) {  // an empty one is a fault of the item
    return single(ErrorCode::invalid,
                  problem("department", "item.department.unknown", "Department " + named + " is not configured here.",
                          "Ask the administrator to add it to `departments` in the configuration.", "报送部门未在本系统登记。",
                          "请联系管理员登记该部门。"));
  }
  return std::nullopt;
}

std::optional<Error> faults(std::vector<v1::FieldProblem> problems) {
  if (problems.empty()) return std::nullopt;
  Error error{
      ErrorCode::invalid,
      problems.front().path(),
      problems.size() == 1 ? problems.front().what() : std::to_string(problems.size()) + " things are wrong with this item.",
      "Mend every field named in `errors` and send the item again.",
      {}};
  error.problems = std::move(problems);
  return error;
}

std::optional<Error> missing_attachments(const v1::Item& item, store::Store& store) {
  std::vector<v1::FieldProblem> problems;
  for (int i = 0; i < item.attachments_size(); ++i) {
    const auto& attachment = item.attachments(i);
    const std::string path = "attachments[" + std::to_string(i) + "]";
    const auto digest = Digest::from_hex(attachment.sha256());
    if (!digest) continue;  // check_item has said so
    const auto size = store.attachment_size(*digest);
    if (!size) return size.error();
    if (!*size) {
      problems.push_back(
          problem(path + ".sha256", "item.attachments.missing", "The bytes of \"" + attachment.name() + "\" are not here.",
                  "Send them first: PUT /v1/attachments/" + attachment.sha256(), "附件“" + attachment.name() + "”尚未上传。",
                  "请先上传附件：PUT /v1/attachments/" + attachment.sha256()));
    } else if (**size != attachment.size()) {
      problems.push_back(problem(
          path + ".size", "item.attachments.size",
          "The stored file has " + std::to_string(**size) + " bytes, the item says " + std::to_string(attachment.size()) + ".",
          "State the true size.", "附件大小与实际不符。", "请填写附件的实际字节数。"));
    }
  }
  return faults(std::move(problems));
}

Error clash(const store::Accepted& accepted, const std::string& content) {
  switch (accepted.kind) {
    case store::AcceptKind::differs:
      return other_content(accepted.standing, content, accepted.newest_edition);
    case store::AcceptKind::wrong_edition:
      return single(ErrorCode::precondition,
                    problem("correction.of_edition", "item.correction.outdated",
                            "The newest edition is " + std::to_string(accepted.newest_edition) + ".",
                            "Read the newest edition, redo the correction on it and send that number.",
                            "当前最新版为第" + std::to_string(accepted.newest_edition) + "版。", "请以最新版为基础重新更正。"));
    case store::AcceptKind::nothing_to_correct:
      return single(ErrorCode::conflict,
                    problem("correction", "item.correction.nothing", "No item with this reference has been accepted yet.",
                            "Submit it without `correction`, or check the reference.", "没有可更正的已报送事项。",
                            "请去掉更正说明后首次报送，或核对报送编号。"));
    case store::AcceptKind::index_taken:
      if (accepted.newest_edition > 0) {  // a correction
        return single(ErrorCode::conflict,
                      problem("index_no", "item.index_no.fixed", "An item keeps its 索引号 for life; this is another one.",
                              "Leave it empty, or repeat the item's own.", "索引号一经编定不得更改，与该事项的索引号不一致。",
                              "请留空，或填写该事项原有的索引号。"));
      }
      return single(ErrorCode::conflict, problem("index_no", "item.index_no.taken", "This 索引号 belongs to another item.",
                                                 "Leave it empty to have one allotted, or use the right one.",
                                                 "索引号已被其他事项使用。", "请留空由系统编号，或填写正确的索引号。"));
    case store::AcceptKind::withdrawn:
      return single(
          ErrorCode::conflict,
          problem("reference", "item.withdrawn", "This item was withdrawn and cannot be corrected.",
                  "Submit a new item under a new reference.", "该事项已撤回，不能再更正。", "请以新的报送编号重新报送。"));
    case store::AcceptKind::accepted:
    case store::AcceptKind::repeated:
      break;
  }
  return Error{ErrorCode::corrupt, "accept", "An accepted item was treated as refused.", "Report this fault.", {}};
}

bool stands_already(const std::string& standing, const std::string& content) {
  v1::Item before, now;
  if (!before.ParseFromString(standing) || !now.ParseFromString(content) || now.has_correction()) return false;
  before.clear_correction();
  return domain::content_bytes(before) == domain::content_bytes(now);
}

bool is_ours(ErrorCode code) {
  switch (code) {
    case ErrorCode::busy:
    case ErrorCode::unavailable:
    case ErrorCode::io:
    case ErrorCode::corrupt:
      return true;
    case ErrorCode::invalid:
    case ErrorCode::malformed:
    case ErrorCode::not_found:
    case ErrorCode::gone:
    case ErrorCode::conflict:
    case ErrorCode::precondition:
    case ErrorCode::unauthorized:
    case ErrorCode::forbidden:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return false;
  }
  return false;
}

std::string unread(const Error& error) {
  if (error.problems.empty()) return error.where + ": item.malformed";
  return error.problems.front().path() + ": " + error.problems.front().rule();
}

}  // namespace fabu::flow::refusal
