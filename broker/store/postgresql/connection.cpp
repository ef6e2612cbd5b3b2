#include "broker/store/postgresql/connection.h"

#include <cstdlib>

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

Connection::Connection(const std::string& address) : handle_(PQconnectdb(address.c_str())) {
  if (!is_good()) fail("connect");
  PQsetNoticeReceiver(
      handle_.get(), [](void*, const PGresult*) {}, nullptr);
}

void Connection::fail(const char* doing) const {
  throw Failure(std::string(doing) + ": " + PQerrorMessage(handle_.get()), {});
}

Answer Connection::checked(PGresult* result) const {
  Answer rows(result);
  const auto status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return rows;
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  throw Failure(result != nullptr ? PQresultErrorMessage(result) : PQerrorMessage(handle_.get()), state != nullptr ? state : "");
}

void Connection::run(const std::string& sql) {
  checked(PQexec(handle_.get(), sql.c_str()));
}

Answer Connection::query(const char* literal, const Values& values) {
  const Arguments arguments(values);
  const auto name = name_of(literal);
  if (!prepared_.contains(literal)) {
    checked(PQprepare(handle_.get(), name.c_str(), literal, arguments.count(), arguments.types.data()));
    prepared_.insert(literal);
  }
  return checked(PQexecPrepared(handle_.get(), name.c_str(), arguments.count(), arguments.data.data(), arguments.lengths.data(),
                                arguments.formats.data(), kBinary));
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
    PGresult* const result = PQgetResult(handle_.get());
    if (result == nullptr) fail("read");
    try {
      Answer rows = checked(result);
      if (wanted) answers.push_back(std::move(rows));
    } catch (const Failure& e) {
      if (!failure) failure = std::make_unique<Failure>(e);
    }
    while (PGresult* const rest = PQgetResult(handle_.get())) PQclear(rest);
  }
}

std::vector<Answer> Connection::sync() {
  std::vector<Answer> answers;
  if (expected_.empty()) return answers;
  if (PQpipelineSync(handle_.get()) != 1) fail("sync");
  std::unique_ptr<Failure> failure;
  take_answers(answers, failure);
  expected_.clear();
  PGresult* const end = PQgetResult(handle_.get());
  const bool synced = PQresultStatus(end) == PGRES_PIPELINE_SYNC;
  PQclear(end);
  if (!synced || PQexitPipelineMode(handle_.get()) != 1) fail("leave pipeline mode");
  if (failure) throw *failure;
  return answers;
}

}  // namespace fabu::store::pg
