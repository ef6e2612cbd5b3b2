// Who a process is to RabbitMQ, as the configuration says.
#pragma once

#include <string>

#include "broker/cli/config.h"
#include "broker/domain/result.h"
#include "broker/transport/rabbitmq/address.h"

namespace fabu::cli {

// `purpose` is shown in RabbitMQ's list of connections. Fails: invalid, io, and forbidden when everybody may read the password.
Result<transport::rabbitmq::Account> rabbit_account(const RabbitmqConfig&, const std::string& purpose);

// The machine's name and a random part, of letters, digits and dashes: names one process among all.
std::string process_name();

}  // namespace fabu::cli
