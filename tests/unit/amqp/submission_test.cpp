#include "broker/amqp/submission.h"

#include <gtest/gtest.h>

#include "broker/transport/rabbitmq/topology.h"

namespace fabu::amqp {
namespace {

namespace rabbitmq = transport::rabbitmq;

rabbitmq::Message message(const std::string& user = "jyk") {
  v1::Item item;
  item.set_department("jyk");
  item.set_title("公告");
  rabbitmq::Message made;
  made.properties.type = "fabu.v1.Item";
  made.properties.content_type = "application/protobuf";
  made.properties.user_id = user;
  made.properties.reply_to = "answers";
  made.properties.correlation_id = "c1";
  made.body = item.SerializeAsString();
  return made;
}

TEST(AmqpCaller, IsTheDepartmentOfTheValidatedUser) {
  const auto caller = caller_of(message().properties, {}).value();
  EXPECT_EQ(caller.department, "jyk");
  EXPECT_EQ(caller.actor(), "jyk/amqp:jyk");
  EXPECT_TRUE(caller.may(Scope::submit));
  EXPECT_FALSE(caller.may(Scope::operate));
  EXPECT_EQ(caller_of(message("u7").properties, {{"u7", "tdk"}}).value().department, "tdk");
}

TEST(AmqpCaller, IsNobodyWithoutAUserOrWithOneOfNoDepartment) {
  for (const auto& user : {"", "stranger"}) {
    const auto caller = caller_of(message(user).properties, {{"u7", "tdk"}});
    ASSERT_FALSE(caller);
    EXPECT_EQ(caller.error().code, ErrorCode::unauthorized);
    EXPECT_EQ(caller.error().where, "user_id");
  }
}

TEST(AmqpItem, IsReadByItsTypeAndContentType) {
  auto sent = message();
  EXPECT_EQ(item_of(sent).value().title(), "公告");
  sent.properties.type.clear();
  sent.properties.content_type.clear();
  EXPECT_TRUE(item_of(sent)) << "neither must be given";
  sent.properties.type = "fabu.v1.Receipt";
  EXPECT_EQ(item_of(sent).error().where, "type");
  sent = message();
  sent.properties.content_type = "application/json";
  EXPECT_EQ(item_of(sent).error().where, "content_type");
  sent = message();
  sent.body = "\xff\xff not an item";
  EXPECT_EQ(item_of(sent).error().code, ErrorCode::malformed);
}

TEST(AmqpAnswer, GoesToTheQueueThatWasNamed) {
  v1::SubmissionReceipt receipt;
  receipt.set_item_id(7);
  const auto answer = receipt_for(message().properties, receipt);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->exchange, "");
  EXPECT_EQ(answer->routing_key, "answers");
  EXPECT_EQ(answer->properties.correlation_id, "c1");
  EXPECT_EQ(answer->properties.type, "fabu.v1.SubmissionReceipt");
  const Error error{ErrorCode::conflict, "reference", "It differs.", "Look.", {}};
  const auto problem = problem_for(message().properties, error);
  v1::Problem read;
  ASSERT_TRUE(read.ParseFromString(problem->body));
  EXPECT_EQ(read.status(), 409);
  EXPECT_EQ(read.trace_id(), "c1");
  auto silent = message().properties;
  silent.reply_to.clear();
  EXPECT_FALSE(receipt_for(silent, receipt));
}

TEST(AmqpParked, KeepsTheMessageAndSaysWhy) {
  const Error error{ErrorCode::malformed, "body", "No item.", "Send one.", {}};
  const auto kept = parked(message(), error);
  EXPECT_EQ(kept.exchange, rabbitmq::kParked);
  EXPECT_EQ(kept.body, message().body);
  EXPECT_EQ(kept.properties.reply_to, "answers");
  EXPECT_EQ(kept.properties.headers.at("fabu-reason"), "body: No item.");
  EXPECT_EQ(kept.properties.headers.at("fabu-user"), "jyk");
}

}  // namespace
}  // namespace fabu::amqp
