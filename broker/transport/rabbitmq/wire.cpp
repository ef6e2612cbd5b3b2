#include "broker/transport/rabbitmq/wire.h"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>

namespace fabu::transport::rabbitmq {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameMax = 131072;

amqp_bytes_t view(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string text(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

amqp_table_entry_t entry(const char* key, amqp_field_value_kind_t kind) {
  amqp_table_entry_t made{};
  made.key = amqp_cstring_bytes(key);
  made.value.kind = static_cast<std::uint8_t>(kind);
  return made;
}

// Entries that refer to what they are made of.
std::vector<amqp_table_entry_t> entries(const Arguments& arguments) {
  std::vector<amqp_table_entry_t> made;
  for (const auto& [name, value] : arguments) {
    amqp_table_entry_t one{};
    one.key = view(name);
    if (const auto* word = std::get_if<std::string>(&value)) {
      one.value.kind = AMQP_FIELD_KIND_UTF8;
      one.value.value.bytes = view(*word);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      one.value.kind = AMQP_FIELD_KIND_I64;
      one.value.value.i64 = *number;
    } else {
      one.value.kind = AMQP_FIELD_KIND_BOOLEAN;
      one.value.value.boolean = std::get<bool>(value) ? 1 : 0;
    }
    made.push_back(one);
  }
  return made;
}

amqp_table_t table(std::vector<amqp_table_entry_t>& from) {
  return {static_cast<int>(from.size()), from.data()};
}

std::optional<std::string> header_text(const amqp_field_value_t& value) {
  switch (value.kind) {
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
      return text(value.value.bytes);
    case AMQP_FIELD_KIND_I64:
      return std::to_string(value.value.i64);
    case AMQP_FIELD_KIND_I32:
      return std::to_string(value.value.i32);
    default:
      return std::nullopt;
  }
}

Properties read_properties(const amqp_basic_properties_t& from) {
  const auto flag = [&](amqp_flags_t bit) { return (from._flags & bit) != 0; };
  Properties made;
  if (flag(AMQP_BASIC_TYPE_FLAG)) made.type = text(from.type);
  if (flag(AMQP_BASIC_CONTENT_TYPE_FLAG)) made.content_type = text(from.content_type);
  if (flag(AMQP_BASIC_CORRELATION_ID_FLAG)) made.correlation_id = text(from.correlation_id);
  if (flag(AMQP_BASIC_REPLY_TO_FLAG)) made.reply_to = text(from.reply_to);
  if (flag(AMQP_BASIC_MESSAGE_ID_FLAG)) made.message_id = text(from.message_id);
  if (flag(AMQP_BASIC_USER_ID_FLAG)) made.user_id = text(from.user_id);
  made.durable = flag(AMQP_BASIC_DELIVERY_MODE_FLAG) && from.delivery_mode == AMQP_DELIVERY_PERSISTENT;
  if (flag(AMQP_BASIC_HEADERS_FLAG)) {
    for (int i = 0; i < from.headers.num_entries; ++i) {
      const auto& header = from.headers.entries[i];
      if (auto value = header_text(header.value)) made.headers.emplace(text(header.key), std::move(*value));
    }
  }
  return made;
}

std::string closing_words(const amqp_method_t& method) {
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* close = static_cast<const amqp_channel_close_t*>(method.decoded);
    return fmt::format("{} {}", close->reply_code, text(close->reply_text));
  }
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* close = static_cast<const amqp_connection_close_t*>(method.decoded);
    return fmt::format("{} {}", close->reply_code, text(close->reply_text));
  }
  return fmt::format("method {:#x}", method.id);
}

std::string words(const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return amqp_error_string2(reply.library_error);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      return closing_words(reply.reply);
    case AMQP_RESPONSE_NONE:
      return "the connection ended";
    case AMQP_RESPONSE_NORMAL:
      break;
  }
  return "unknown";
}

timeval as_timeval(std::chrono::seconds time) {
  return {static_cast<time_t>(time.count()), 0};
}

// A socket with certificates checked: the server's against the authorities and its name.
amqp_socket_t* tls_socket(amqp_connection_state_t connection, const Account& account) {
  auto* socket = amqp_ssl_socket_new(connection);
  if (socket == nullptr) throw WireError("no TLS socket");
  const auto must = [](int status, const std::string& doing) {
    if (status != AMQP_STATUS_OK) throw WireError(doing + ": " + amqp_error_string2(status));
  };
  amqp_ssl_socket_set_verify_peer(socket, 1);
  amqp_ssl_socket_set_verify_hostname(socket, 1);
  must(amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS versions");
  const auto authorities = account.ca.empty() ? std::filesystem::path("/etc/ssl/certs/ca-certificates.crt") : account.ca;
  must(amqp_ssl_socket_set_cacert(socket, authorities.c_str()), "reading " + authorities.string());
  if (!account.certificate.empty())
    must(amqp_ssl_socket_set_key(socket, account.certificate.c_str(), account.key.c_str()),
         "reading " + account.certificate.string());
  return socket;
}

}  // namespace

void Wire::Close::operator()(amqp_connection_state_t connection) const {
  amqp_destroy_connection(connection);
}

Wire::Wire(const Account& account, const Server& server) : connection_(amqp_new_connection()), user_(server.user) {
  auto* connection = connection_.get();
  if (connection == nullptr) throw WireError("no memory for a connection");
  const timeval patience = as_timeval(account.patience), election = as_timeval(account.patience * 4);
  amqp_set_handshake_timeout(connection, &patience);
  amqp_set_rpc_timeout(connection, &election);  // a quorum queue without a leader answers when it has one
  auto* socket = server.tls ? tls_socket(connection, account) : amqp_tcp_socket_new(connection);
  if (socket == nullptr) throw WireError("no memory for a socket");
  check(amqp_socket_open_noblock(socket, server.host.c_str(), server.port, &patience), "connecting to " + server.name());

  std::array capabilities{entry("connection.blocked", AMQP_FIELD_KIND_BOOLEAN),
                          entry("consumer_cancel_notify", AMQP_FIELD_KIND_BOOLEAN)};
  for (auto& one : capabilities) one.value.value.boolean = 1;
  std::array properties{entry("capabilities", AMQP_FIELD_KIND_TABLE), entry("connection_name", AMQP_FIELD_KIND_UTF8)};
  properties[0].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  properties[1].value.value.bytes = view(account.process);
  const amqp_table_t told{static_cast<int>(properties.size()), properties.data()};
  const bool external = account.password.empty() && !account.certificate.empty();
  const int heartbeat = static_cast<int>(account.heartbeat.count());
  const auto reply = external ? amqp_login_with_properties(connection, server.vhost.c_str(), 0, kFrameMax, heartbeat, &told,
                                                           AMQP_SASL_METHOD_EXTERNAL, server.user.c_str())
                              : amqp_login_with_properties(connection, server.vhost.c_str(), 0, kFrameMax, heartbeat, &told,
                                                           AMQP_SASL_METHOD_PLAIN, server.user.c_str(), account.password.c_str());
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw WireError("logging in as " + server.user + ": " + words(reply));
  amqp_channel_open(connection, kChannel);
  check_rpc("opening a channel");
}

Wire::~Wire() = default;

void Wire::check(int status, std::string_view doing) const {
  if (status != AMQP_STATUS_OK) throw WireError(fmt::format("{}: {}", doing, amqp_error_string2(status)));
}

void Wire::check_rpc(std::string_view doing) const {
  const auto reply = amqp_get_rpc_reply(connection_.get());
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw WireError(fmt::format("{}: {}", doing, words(reply)));
}

void Wire::confirm_publishing() {
  amqp_confirm_select(connection_.get(), kChannel);
  check_rpc("asking for confirmations");
}

void Wire::declare_exchange(const std::string& name, const std::string& kind) {
  amqp_exchange_declare(connection_.get(), kChannel, view(name), view(kind), 0, 1, 0, 0, amqp_empty_table);
  check_rpc("declaring exchange " + name);
}

std::string Wire::declare_queue(const QueueShape& shape) {
  auto arguments = entries(shape.arguments);
  const auto* made = amqp_queue_declare(connection_.get(), kChannel, view(shape.name), 0, shape.durable ? 1 : 0,
                                        shape.exclusive ? 1 : 0, shape.auto_delete ? 1 : 0, table(arguments));
  check_rpc("declaring queue " + shape.name);
  std::string name = text(made->queue);
  amqp_maybe_release_buffers(connection_.get());
  return name;
}

void Wire::bind(const std::string& queue, const std::string& exchange, const std::string& routing_key) {
  amqp_queue_bind(connection_.get(), kChannel, view(queue), view(exchange), view(routing_key), amqp_empty_table);
  check_rpc("binding queue " + queue);
}

void Wire::consume(const std::string& queue, const std::string& consumer, std::uint16_t prefetch, bool answers) {
  amqp_basic_qos(connection_.get(), kChannel, 0, prefetch, 0);
  check_rpc("limiting what comes of " + queue);
  if (answers) answered_.insert(consumer);
  amqp_basic_consume(connection_.get(), kChannel, view(queue), view(consumer), 0, answers ? 0 : 1, 0, amqp_empty_table);
  check_rpc("consuming " + queue);
}

void Wire::publish(const Message& message) {
  const auto& from = message.properties;
  amqp_basic_properties_t properties{};
  const auto set = [&](amqp_flags_t flag, amqp_bytes_t& field, const std::string& value) {
    if (value.empty()) return;
    properties._flags |= flag;
    field = view(value);
  };
  set(AMQP_BASIC_TYPE_FLAG, properties.type, from.type);
  set(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type, from.content_type);
  set(AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id, from.correlation_id);
  set(AMQP_BASIC_REPLY_TO_FLAG, properties.reply_to, from.reply_to);
  set(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id, from.message_id);
  set(AMQP_BASIC_USER_ID_FLAG, properties.user_id, user_);
  properties._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = from.durable ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
  std::vector<amqp_table_entry_t> headers;
  for (const auto& [name, value] : from.headers) {
    amqp_table_entry_t one{};
    one.key = view(name);
    one.value.kind = AMQP_FIELD_KIND_UTF8;
    one.value.value.bytes = view(value);
    headers.push_back(one);
  }
  if (!headers.empty()) {
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = table(headers);
  }
  check(amqp_basic_publish(connection_.get(), kChannel, view(message.exchange), view(message.routing_key), 1, 0, &properties,
                           view(message.body)),
        "publishing");
}

void Wire::ack(std::uint64_t tag, bool all_before) {
  check(amqp_basic_ack(connection_.get(), kChannel, tag, all_before ? 1 : 0), "acknowledging");
}

void Wire::reject(std::uint64_t tag, bool again) {
  check(amqp_basic_reject(connection_.get(), kChannel, tag, again ? 1 : 0), "rejecting");
}

std::optional<WireEvent> Wire::next() {
  for (;;) {
    amqp_frame_t frame;
    const timeval none{0, 0};
    const int status = amqp_simple_wait_frame_noblock(connection_.get(), &frame, &none);
    if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
    check(status, "reading");
    auto event = read(frame);
    amqp_maybe_release_buffers(connection_.get());
    if (event) return event;
  }
}

std::optional<WireEvent> Wire::read(const amqp_frame_t& frame) {
  if (frame.frame_type != AMQP_FRAME_METHOD) return std::nullopt;
  const auto& method = frame.payload.method;
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto* deliver = static_cast<const amqp_basic_deliver_t*>(method.decoded);
      Arrival arrival;
      arrival.consumer = text(deliver->consumer_tag);
      arrival.tag = deliver->delivery_tag;
      arrival.redelivered = deliver->redelivered != 0;
      arrival.wants_answer = answered_.contains(arrival.consumer);
      std::string exchange = text(deliver->exchange), routing_key = text(deliver->routing_key);
      arrival.message = read_message();
      arrival.message.exchange = std::move(exchange);
      arrival.message.routing_key = std::move(routing_key);
      return arrival;
    }
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      return Confirmation{ack->delivery_tag, ack->multiple != 0, true};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
      return Confirmation{nack->delivery_tag, nack->multiple != 0, false};
    }
    case AMQP_BASIC_RETURN_METHOD: {
      std::string reason = text(static_cast<const amqp_basic_return_t*>(method.decoded)->reply_text);
      return Return{read_message().properties.message_id, std::move(reason)};
    }
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return Blockage{true, text(static_cast<const amqp_connection_blocked_t*>(method.decoded)->reason)};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return Blockage{false, {}};
    case AMQP_BASIC_CANCEL_METHOD:
      return Cancellation{text(static_cast<const amqp_basic_cancel_t*>(method.decoded)->consumer_tag)};
    case AMQP_CHANNEL_CLOSE_METHOD:
    case AMQP_CONNECTION_CLOSE_METHOD:
      throw WireError("closed by RabbitMQ: " + closing_words(method));
    default:
      return std::nullopt;
  }
}

// The content of the deliver or return that was just read.
Message Wire::read_message() {
  amqp_message_t content;
  const auto reply = amqp_read_message(connection_.get(), kChannel, &content, 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw WireError("reading a message: " + words(reply));
  Message message;
  message.properties = read_properties(content.properties);
  message.body = text(content.body);
  amqp_destroy_message(&content);
  return message;
}

void Wire::wait(int wake, std::chrono::milliseconds most) {
  if (amqp_frames_enqueued(connection_.get()) != 0 || amqp_data_in_buffer(connection_.get()) != 0) return;
  std::array<pollfd, 2> watched{pollfd{amqp_get_sockfd(connection_.get()), POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  ::poll(watched.data(), watched.size(), static_cast<int>(most.count()));
}

}  // namespace fabu::transport::rabbitmq
