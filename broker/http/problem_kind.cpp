#include "broker/http/problem_kind.h"

#include <algorithm>
#include <array>

namespace fabu::http {
namespace {

enum Kind : std::size_t {
  kInvalid,
  kMalformed,
  kNotFound,
  kGone,
  kConflict,
  kPrecondition,
  kUnauthorized,
  kForbidden,
  kTooLarge,
  kUnsupported,
  kBusy,
  kUnavailable,
  kIo,
  kCorrupt,
  kTimeout,
  kMethod,
  kNotAcceptable,
  kHeadTooLarge,
  kCount
};

constexpr std::array<ProblemKind, kCount> kKinds{{
    {"invalid", 422, "The submission breaks rules", "报送内容不符合规则",
     "The request was understood, and as it is it can never succeed. `errors` names every field, the rule it breaks and what to "
     "do. Mend them all and "
     "send again.",
     "请求可以解析，但内容不符合规则，原样重发不会成功。errors 逐项列出字段、规则和处理办法，请全部改正后重新报送。"},
    {"malformed", 400, "The request could not be read", "请求无法解析",
     "The request breaks the format: HTTP framing, protobuf, JSON or UTF-8. Check what the sending system writes; /openapi.json "
     "tells the format.",
     "请求格式有误（HTTP、protobuf、JSON 或 UTF-8）。请检查报送系统的输出，格式见 /openapi.json。"},
    {"not-found", 404, "There is no such thing", "未找到",
     "Nothing has this name, or it is not yours to see. Check the number, 索引号 or reference, and the department of the key.",
     "没有该名称的对象，或当前密钥无权查看。请核对编号、索引号或业务编号，以及密钥所属部门。"},
    {"gone", 410, "It was withdrawn", "已撤回", "It was here and was withdrawn. The notice in its place says why.",
     "内容曾经公开，现已撤回，原因见公告。"},
    {"conflict", 409, "It contradicts what is stored", "与已存内容冲突",
     "Other content is stored under the same reference, or the number belongs to another item. `errors` says what differs. To "
     "replace what is published, "
     "send the new content with `correction`; for another item take another reference.",
     "同一业务编号下已有不同内容，或编号已被占用，errors 列出差异。如需更正已公开内容，请填写 correction "
     "后重新报送；如为新事项，请使用新的业务编号。"},
    {"precondition", 412, "You saw an older state", "所依据的版本已过期",
     "The edition named in the request is not the newest. Read the item again, decide again.",
     "请求所依据的版本不是最新版本。请重新读取后再作处理。"},
    {"unauthorized", 401, "No valid key", "未提供有效密钥",
     "Send `Authorization: Bearer fabu_…` with a key that is valid here. Keys are made by `fabu key create` and shown once.",
     "请在请求头 Authorization: Bearer 中提供有效的 API 密钥。密钥由 fabu key create 生成，仅显示一次。"},
    {"forbidden", 403, "The key does not allow this", "密钥权限不足",
     "The key is valid, and lacks the scope or belongs to another department. Ask an administrator for a key that has it.",
     "密钥有效，但缺少所需权限或属于其他部门。请联系管理员。"},
    {"too-large", 413, "The body is too large", "请求体过大",
     "Items may have 2 MiB, batches 2 MiB a line and 64 MiB in all, attachments what the server allows (100 MiB unless set "
     "otherwise). Send large files as "
     "attachments, long batches in parts.",
     "单个事项不超过 2 MiB；批量报送每行不超过 2 MiB、总量不超过 64 MiB；附件不超过服务器设定（默认 100 "
     "MiB）。大文件请作为附件上传，批量请分批报送。"},
    {"unsupported", 415, "This media type or coding is not taken", "不支持的媒体类型或编码",
     "Send one of the media types that /openapi.json lists for the operation, without Content-Encoding.",
     "请使用 /openapi.json 中列出的媒体类型，且不要使用 Content-Encoding。"},
    {"busy", 429, "Try again in a moment", "系统繁忙，请稍后重试",
     "The server takes no more just now. Nothing was stored. Wait for Retry-After and send the same again: sending again is "
     "safe.",
     "系统暂时无法接收更多请求，本次未存储任何内容。请按 Retry-After 等待后原样重发，重复报送是安全的。", 1},
    {"unavailable", 503, "The server cannot do this now", "服务暂不可用",
     "The store cannot write, or the server is stopping or full. Nothing was acknowledged. Wait for Retry-After and send the "
     "same again; operators find the "
     "cause at /readyz.",
     "存储暂时不可写，或服务正在停止、连接已满，本次未确认任何内容。请按 Retry-After 等待后原样重发；运维人员可查看 /readyz。",
     5},
    {"internal", 500, "Something failed here", "服务器内部错误",
     "An operation of the system failed. It is logged under the trace id. Sending the same again is safe.",
     "系统操作失败，已按 trace id 记录日志。原样重发是安全的。"},
    {"corrupt", 500, "Stored data contradicts itself", "存储数据不一致",
     "What is stored does not agree with itself. Run `fabu audit verify` and see docs/operations.md.",
     "存储数据前后不一致。请运行 fabu audit verify 并参阅 docs/operations.md。"},
    {"timeout", 408, "The request came too slowly", "请求超时",
     "The head must arrive within 10 seconds and the body at least at 1 KiB a second. Send again.",
     "请求头须在 10 秒内到达，请求体速率不得低于 1 KiB/秒。请重新发送。"},
    {"method-not-allowed", 405, "This address does not take that method", "不支持的请求方法",
     "`Allow` lists the methods that it takes.", "可用的方法见响应头 Allow。"},
    {"not-acceptable", 406, "No answer in a form that you accept", "无法提供所要求的格式",
     "The Accept header names nothing that this operation gives; /openapi.json lists what it gives.",
     "Accept 所列格式均不可用，可用格式见 /openapi.json。"},
    {"head-too-large", 431, "The request's head is too large", "请求头过大", "Request line and headers together may have 16 KiB.",
     "请求行与请求头合计不超过 16 KiB。"},
}};

}  // namespace

const ProblemKind& problem_kind(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return kKinds[kInvalid];
    case ErrorCode::malformed:
      return kKinds[kMalformed];
    case ErrorCode::not_found:
      return kKinds[kNotFound];
    case ErrorCode::gone:
      return kKinds[kGone];
    case ErrorCode::conflict:
      return kKinds[kConflict];
    case ErrorCode::precondition:
      return kKinds[kPrecondition];
    case ErrorCode::unauthorized:
      return kKinds[kUnauthorized];
    case ErrorCode::forbidden:
      return kKinds[kForbidden];
    case ErrorCode::too_large:
      return kKinds[kTooLarge];
    case ErrorCode::unsupported:
      return kKinds[kUnsupported];
    case ErrorCode::busy:
      return kKinds[kBusy];
    case ErrorCode::unavailable:
      return kKinds[kUnavailable];
    case ErrorCode::io:
      return kKinds[kIo];
    case ErrorCode::corrupt:
      return kKinds[kCorrupt];
  }
  return kKinds[kIo];
}

const ProblemKind& problem_kind(WireFault fault) {
  switch (fault) {
    case WireFault::bad_request:
    case WireFault::unknown_transfer_coding:
      return kKinds[kMalformed];
    case WireFault::head_too_large:
      return kKinds[kHeadTooLarge];
    case WireFault::timed_out:
      return kKinds[kTimeout];
    case WireFault::body_too_large:
      return kKinds[kTooLarge];
    case WireFault::overloaded:
      return kKinds[kUnavailable];
    case WireFault::failed:
      return kKinds[kIo];
  }
  return kKinds[kIo];
}

std::span<const ProblemKind> problem_kinds() {
  return kKinds;
}

const ProblemKind* find_problem_kind(std::string_view name) {
  const auto* const found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const ProblemKind& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace fabu::http
