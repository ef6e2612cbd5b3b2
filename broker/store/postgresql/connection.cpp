#include "broker/store/postgresql/connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fabu::store::pg {
namespace {

constexpr int kBinary = 1;

// What PQsend… wants of the parameters.
struct Arguments {
  explicit Arguments(const Values& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      types.push_back(static_cast<Oid>(values.type(i)));
      data.push_back(values.data(i));
      lengths.push_back(values.length(i));
      formats.push_back(kBinary);
    }
  }
  int count() const { return static_cast<int>(data.size()); }
  std::vector<Oid> types;
  std::vector<const char*> data;
  std::vector<int> lengths, formats;
};

// What the address says later overrides this.
PGconn* connected(const std::string& address) {
  static constexpr std::array kNames{
      "connect_timeout",  "keepalives",           "keepalives_idle",           "keepalives_interval", "keepalives_count",
      "tcp_user_timeout", "target_session_attrs", "fallback_application_name", "client_encoding",     "dbname"};
  const std::array values{"3", "1", "5", "2", "3", "5000", "read-write", "fabu", "UTF8", address.c_str()};
  std::array<const char*, kNames.size() + 1> names{}, all{};
  std::copy(kNames.begin(), kNames.end(), names.begin());
  std::copy(values.begin(), values.end(), all.begin());
  return PQconnectdbParams(names.data(), all.data(), 1);
}

// Plans are kept, also those that were made while a table was small and read whole: every statement of this room has an index for
// what it wants. (What has no other way is then estimated so dear that it would be compiled.)
//
// The server, too, must notice soon that a broker is gone, or stands still within a transaction: it holds locks for it.
constexpr const char* kServerSide =
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 5000; "
    "SET client_connection_check_interval = 2000; SET idle_in_transaction_session_timeout = 5000; "
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";

// libpq's messages have several lines.
std::string one_line(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  while (message.ends_with(' ')) message.pop_back();
  return message;
}

std::string name_of(const char* literal) {
  return "s" + std::to_string(reinterpret_cast<std::uintptr_t>(literal));
}

}  // namespace

std::int64_t Answer::number(int row, int column) const {
  if (is_null(row, column)) return 0;
  return read_number(PQgetvalue(result_.get(), row, column), PQgetlength(result_.get(), row, column));
}

std::string_view Answer::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t Answer::changed() const {
  return std::strtoll(PQcmdTuples(result_.get()), nullptr, 10);
}

Connection::Connection(const std::string& address, Deadline deadline) : deadline_(deadline), handle_(connected(address)) {
  if (!is_good()) fail("connect");
  PQsetNoticeReceiver(
      handle_.get(), [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(handle_.get(), 1) != 0) fail("connect");
  run(kServerSide);
}

void Connection::fail(const char* doing) const {
  throw Failure(std::string(doing) + ": " + one_line(PQerrorMessage(handle_.get())), {});
}

Answer Connection::checked(PGresult* result) const {
  Answer rows(result);
  const auto status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return rows;
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  throw Failure(one_line(result != nullptr ? PQresultErrorMessage(result) : PQerrorMessage(handle_.get())),
                state != nullptr ? state : "");
}

void Connection::poll_for(short events, int wake, std::chrono::milliseconds longest) const {
  if (PQsocket(handle_.get()) < 0) fail("read");
  std::array<pollfd, 2> watched{pollfd{PQsocket(handle_.get()), events, 0}, pollfd{wake, POLLIN, 0}};
  const auto time = static_cast<int>(std::clamp<std::int64_t>(longest.count(), 0, 1 << 30));
  if (::poll(watched.data(), watched.size(), time) < 0 && errno != EINTR) throw Failure(std::strerror(errno), {});
}

// Waits until it is there; null: no more of this statement.
PGresult* Connection::next() {
  for (;;) {
    const int flushed = PQflush(handle_.get());
    if (flushed < 0) fail("send");
    if (flushed == 0 && PQisBusy(handle_.get()) == 0) return PQgetResult(handle_.get());
    auto left = std::chrono::milliseconds(1 << 30);
    if (deadline_ != kNoDeadline) {
      left = std::chrono::ceil<std::chrono::milliseconds>(until_ - std::chrono::steady_clock::now());
      if (left <= std::chrono::milliseconds(0))
        throw Failure("the database did not answer within " + std::to_string(deadline_.count()) + " ms", {});
    }
    poll_for(flushed == 0 ? POLLIN : POLLIN | POLLOUT, -1, left);
    if (PQconsumeInput(handle_.get()) != 1) fail("read");
  }
}

// The last answer of what was sent outside a pipeline; fails when one of them failed.
Answer Connection::last() {
  Answer answer(nullptr);
  std::unique_ptr<Failure> failure;
  while (PGresult* const result = next()) {
    try {
      answer = checked(result);
    } catch (const Failure& e) {
      if (!failure) failure = std::make_unique<Failure>(e);
    }
  }
  if (failure) throw *failure;
  return answer;
}

void Connection::run(const std::string& sql) {
  begin_waiting();
  if (PQsendQuery(handle_.get(), sql.c_str()) != 1) fail("send");
  last();
}

void Connection::start(const char* sql) {
  if (PQsendQuery(handle_.get(), sql) != 1) fail("send");
}

bool Connection::answered(int wake, std::chrono::milliseconds longest) {
  const bool sent = PQflush(handle_.get()) == 0;
  poll_for(sent ? POLLIN : POLLIN | POLLOUT, wake, longest);
  if (PQconsumeInput(handle_.get()) != 1) fail("read");
  if (PQisBusy(handle_.get()) != 0) return false;
  begin_waiting();
  last();
  return true;
}

std::vector<Notification> Connection::notifications(int wake, std::chrono::milliseconds longest) {
  std::vector<Notification> all;
  for (bool waited = false;; waited = true) {
    if (PQconsumeInput(handle_.get()) != 1) fail("read");
    while (PGnotify* const one = PQnotifies(handle_.get())) {
      all.push_back({one->relname, one->extra});
      PQfreemem(one);
    }
    if (waited || !all.empty()) return all;
    poll_for(POLLIN, wake, longest);
  }
}

Answer Connection::query(const char* literal, const Values& values) {
  begin_waiting();
  const Arguments arguments(values);
  const auto name = name_of(literal);
  if (!prepared_.contains(literal)) {
    if (PQsendPrepare(handle_.get(), name.c_str(), literal, arguments.count(), arguments.types.data()) != 1) fail("prepare");
    last();
    prepared_.insert(literal);
  }
  if (PQsendQueryPrepared(handle_.get(), name.c_str(), arguments.count(), arguments.data.data(), arguments.lengths.data(),
                          arguments.formats.data(), kBinary) != 1) {
    fail("send");
  }
  return last();
}

void Connection::send(const char* literal, const Values& values) {
  if (expected_.empty() && PQenterPipelineMode(handle_.get()) != 1) fail("enter pipeline mode");
  const Arguments arguments(values);
  const auto name = name_of(literal);
  if (!prepared_.contains(literal)) {
    if (PQsendPrepare(handle_.get(), name.c_str(), literal, arguments.count(), arguments.types.data()) != 1) fail("prepare");
    prepared_.insert(literal);
    expected_.push_back(false);
  }
  if (PQsendQueryPrepared(handle_.get(), name.c_str(), arguments.count(), arguments.data.data(), arguments.lengths.data(),
                          arguments.formats.data(), kBinary) != 1) {
    fail("send");
  }
  expected_.push_back(true);
}

// One answer for each statement, in order, each ended by a null; those after a failure are PGRES_PIPELINE_ABORTED.
void Connection::take_answers(std::vector<Answer>& answers, std::unique_ptr<Failure>& failure) {
  for (const bool wanted : expected_) {
    PGresult* const result = next();
    if (result == nullptr) fail("read");
    try {
      Answer rows = checked(result);
      if (wanted) answers.push_back(std::move(rows));
    } catch (const Failure& e) {
      if (!failure) failure = std::make_unique<Failure>(e);
    }
    while (PGresult* const rest = next()) PQclear(rest);
  }
}

std::vector<Answer> Connection::sync() {
  std::vector<Answer> answers;
  if (expected_.empty()) return answers;
  begin_waiting();
  if (PQpipelineSync(handle_.get()) != 1) fail("sync");
  std::unique_ptr<Failure> failure;
  take_answers(answers, failure);
  expected_.clear();
  PGresult* const end = next();
  const bool synced = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
  PQclear(end);
  if (!synced || PQexitPipelineMode(handle_.get()) != 1) fail("leave pipeline mode");
  if (failure) throw *failure;
  return answers;
}

}  // namespace fabu::store::pg
