// A submission as it comes over AMQP, and its answer. Pure.
//
// Departments publish a serialised fabu.v1.Item to the exchange fabu.items with the routing key `item`, with their user-id (which
// RabbitMQ validates), and, to be answered, reply-to and a correlation id. The answer is a fabu.v1.SubmissionReceipt or a
// fabu.v1.Problem; the property `type` says which.
#pragma once

#include <fabu/v1/api.pb.h>
#include <fabu/v1/item.pb.h>

#include <map>
#include <optional>
#include <string>

#include "broker/domain/caller.h"
#include "broker/domain/result.h"
#include "broker/transport/rabbitmq/wire.h"

namespace fabu::amqp {

// RabbitMQ user → department code. Empty: every user's name is its department's code.
using Users = std::map<std::string, std::string>;

// Who sent it. Errors: unauthorized, when there is no user-id, or it is nobody's.
Result<Caller> caller_of(const transport::rabbitmq::Properties&, const Users&);
// What was sent. Errors: unsupported (another type or content type), too_large, malformed.
Result<v1::Item> item_of(const transport::rabbitmq::Message&);

// For the sender, to the queue that it named; nothing when it named none.
std::optional<transport::rabbitmq::Message> receipt_for(const transport::rabbitmq::Properties& asked,
                                                        const v1::SubmissionReceipt&);
std::optional<transport::rabbitmq::Message> problem_for(const transport::rabbitmq::Properties& asked, const Error&);

// The message as it came, for the parked ones: with the reason in the headers fabu-reason, fabu-rule and fabu-user.
transport::rabbitmq::Message parked(transport::rabbitmq::Message, const Error& reason);

// The server's own failure, which sending again can mend.
bool passes(const Error&);

}  // namespace fabu::amqp
