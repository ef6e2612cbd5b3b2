#include "broker/amqp/submission.h"

#include "broker/domain/item_codec.h"
#include "broker/flow/refusal.h"
#include "broker/http/problem.h"
#include "broker/transport/rabbitmq/topology.h"

namespace fabu::amqp {
namespace rabbitmq = transport::rabbitmq;
namespace {

constexpr std::size_t kLongestHeader = 1000;

std::optional<rabbitmq::Message> answer(const rabbitmq::Properties& asked, const char* type, std::string body) {
  if (asked.reply_to.empty()) return std::nullopt;
  rabbitmq::Message message;
  message.routing_key = asked.reply_to;
  message.properties.type = type;
  message.properties.content_type = "application/protobuf";
  message.properties.correlation_id = asked.correlation_id;
  message.body = std::move(body);
  return message;
}

bool is_protobuf(const std::string& content_type) {
  return content_type.empty() || content_type == "application/protobuf" || content_type == "application/x-protobuf" ||
         content_type == "application/octet-stream";
}

}  // namespace

Result<Caller> caller_of(const rabbitmq::Properties& properties, const Users& users) {
  const auto& user = properties.user_id;
  if (user.empty()) {
    return Error{ErrorCode::unauthorized,
                 "user_id",
                 "The message says not who sent it.",
                 "Set the property user_id to the name of your RabbitMQ user: RabbitMQ checks it.",
                 {}};
  }
  std::string department = user;
  if (!users.empty()) {
    const auto found = users.find(user);
    if (found == users.end()) {
      return Error{ErrorCode::unauthorized,
                   "user_id",
                   "The RabbitMQ user " + user + " belongs to no department.",
                   "Have it written into the configuration: departments, amqp_user.",
                   {}};
    }
    department = found->second;
  }
  return Caller{v1::ACTOR_KIND_DEPARTMENT, std::move(department), "amqp:" + user, static_cast<std::uint8_t>(Scope::submit)};
}

Result<v1::Item> item_of(const rabbitmq::Message& message) {
  const auto& properties = message.properties;
  if (!properties.type.empty() && properties.type != "fabu.v1.Item") {
    return Error{ErrorCode::unsupported, "type", "The message is a " + properties.type + ".", "Publish a fabu.v1.Item.", {}};
  }
  if (!is_protobuf(properties.content_type)) {
    return Error{ErrorCode::unsupported,
                 "content_type",
                 "The body is " + properties.content_type + ".",
                 "Serialise the Item as protobuf: application/protobuf.",
                 {}};
  }
  return domain::decode_protobuf(message.body);
}

std::optional<rabbitmq::Message> receipt_for(const rabbitmq::Properties& asked, const v1::SubmissionReceipt& receipt) {
  return answer(asked, "fabu.v1.SubmissionReceipt", receipt.SerializeAsString());
}

std::optional<rabbitmq::Message> problem_for(const rabbitmq::Properties& asked, const Error& error) {
  return answer(asked, "fabu.v1.Problem",
                http::problem_message(error, std::string("amqp:") + rabbitmq::kItems, asked.correlation_id).SerializeAsString());
}

rabbitmq::Message parked(rabbitmq::Message message, const Error& reason) {
  auto& headers = message.properties.headers;
  headers["fabu-reason"] = (reason.where.empty() ? reason.what : reason.where + ": " + reason.what).substr(0, kLongestHeader);
  if (!reason.problems.empty()) headers["fabu-rule"] = reason.problems.front().rule().substr(0, kLongestHeader);
  headers["fabu-user"] = message.properties.user_id;
  message.exchange = rabbitmq::kParked;
  message.routing_key.clear();
  message.properties.durable = true;
  return message;
}

bool passes(const Error& error) {
  return flow::refusal::is_ours(error.code) && error.code != ErrorCode::corrupt;
}

}  // namespace fabu::amqp
