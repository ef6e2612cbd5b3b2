// Batches of submissions, each answered on its own.
#include <array>

#include "broker/domain/item_codec.h"
#include "broker/http/api_parts.h"
#include "broker/http/batch.h"
#include "broker/http/media.h"

namespace fabu::http {
namespace asio = boost::asio;

namespace {

using Form = BatchReader::Form;

// What every submission of a batch shares.
struct Frame {
  ApiPtr api;
  Caller caller;
  std::string path, trace_id;
  Form form;
  bool dry_run;
};
using FramePtr = std::shared_ptr<const Frame>;

v1::BatchAnswer refused(const FramePtr& frame, const Error& error) {
  v1::BatchAnswer answer;
  *answer.mutable_problem() = problem_message(error, frame->path, frame->trace_id);
  return answer;
}

asio::awaitable<v1::BatchAnswer> submit(FramePtr frame, std::string bytes) {
  const Place place(frame->api);
  if (!place) co_return refused(frame, Place::none_left());
  auto item = frame->form == Form::lines ? domain::decode_json(bytes) : domain::decode_protobuf(bytes);
  auto& intake = frame->api->deps.intake;
  if (!item) {
    const auto& error = item.error();
    if (!frame->dry_run) {
      const auto recorded = co_await intake.refuse_unread(frame->caller, flow::refusal::unread(error));
      if (!recorded) co_return refused(frame, recorded.error());
    }
    co_return refused(frame, error);
  }
  auto receipt = co_await intake.submit(frame->caller, std::move(*item), frame->dry_run);
  if (!receipt) co_return refused(frame, receipt.error());
  v1::BatchAnswer answer;
  *answer.mutable_receipt() = std::move(*receipt);
  co_return answer;
}

// Answers come in the form of the request, unless another is asked for.
std::optional<Form> form_of_answer(const Request& request, Form takes) {
  static const std::array<std::string, 4> kLinesFirst{"application/x-ndjson", "application/json", "application/x-protobuf",
                                                      "application/protobuf"};
  static const std::array<std::string, 4> kBinaryFirst{"application/x-protobuf", "application/protobuf", "application/x-ndjson",
                                                       "application/json"};
  const bool lines = takes == Form::lines;
  const auto best = best_offer(request.header("Accept"), lines ? kLinesFirst : kBinaryFirst);
  if (!best) return std::nullopt;
  return (*best < 2) == lines ? Form::lines : Form::delimited;
}

asio::awaitable<Response> batch(ApiPtr api, Request request) {
  BatchOptions options;
  options.takes = is_protobuf(media_type(request.header("Content-Type"))) ? Form::delimited : Form::lines;
  options.most_bytes = kMaxItem;
  const auto gives = form_of_answer(request, options.takes);
  if (!gives) co_return problem_response(*find_problem_kind("not-acceptable"), "", request.path, request.trace.trace_id);
  options.gives = *gives;
  const auto dry_run = dry_run_of(request);
  if (!dry_run) co_return refusal(request, dry_run.error());
  const auto frame =
      std::make_shared<const Frame>(Frame{api, request.caller, request.path, request.trace.trace_id, options.takes, *dry_run});
  auto answers = std::make_shared<Batch>(
      request.stream, [frame](std::string bytes) { return submit(frame, std::move(bytes)); },
      [frame](const Error& error) { return refused(frame, error); }, options);
  Response response = text_response(200, *gives == Form::lines ? "application/x-ndjson" : "application/x-protobuf", "");
  response.set("Cache-Control", "no-store");
  response.stream = Batch::stream(std::move(answers));
  co_return response;
}

}  // namespace

void add_batch(Router& router, const ApiPtr& api) {
  const std::vector<std::string> types{"application/x-ndjson", "application/x-protobuf", "application/protobuf"};
  router.add({"items.batch",
              "POST",
              "/v1/items:batch",
              "Submit many items; each is answered on its own, in order",
              types,
              {"application/x-ndjson", "application/x-protobuf"},
              Access::any(Scope::submit),
              kMaxBatch,
              true,
              bound(api, batch),
              recording(api)});
}

}  // namespace fabu::http
