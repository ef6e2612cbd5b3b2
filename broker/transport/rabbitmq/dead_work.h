// Deliveries that RabbitMQ gave out too often.
#pragma once

#include <fabu/v1/delivery.pb.h>

#include "proto/fabu/time.h"

namespace fabu::transport::rabbitmq {

// A failed try, with the code transport.delivery-limit: tried again after an hour, and dead the third time.
v1::Report death_of(const v1::Work&, Instant now);

}  // namespace fabu::transport::rabbitmq
