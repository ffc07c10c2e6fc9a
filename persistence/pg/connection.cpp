#include "persistence/pg/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <utility>

namespace tessera::pg {

namespace {

// How long it takes to notice that a wait was given up, in ms; and what poll can be told.
constexpr std::int64_t longest_look = 100;
constexpr std::int64_t longest_poll = 60'000;

struct free_cancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
struct clear_result {
  void operator()(PGresult* result) const { PQclear(result); }
};
using owned_result = std::unique_ptr<PGresult, clear_result>;

std::string name_of(const char* sql) {
  return "s" + std::to_string(reinterpret_cast<std::uintptr_t>(sql));
}

bool failed(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

std::string startup_options(const session_options& options) {
  std::string all;
  if (!options.role.empty()) all += "-c role=" + options.role;
  for (const auto& setting : options.settings)
    all += " -c " + setting;
  return all;
}

} // namespace

connection::connection(session_options options) : options_(std::move(options)) {}
connection::~connection() {
  close();
}

bool connection::is_open() const {
  return session_ != nullptr;
}

void connection::close() {
  if (session_) PQfinish(session_);
  session_ = nullptr;
  prepared_.clear();
}

void connection::lose(const std::string& why) {
  close();
  throw error::lost(why);
}

void connection::cancel() {
  if (PQstatus(session_) != CONNECTION_OK) return;
  char why[256];
  if (const std::unique_ptr<PGcancel, free_cancel> request(PQgetCancel(session_)); request)
    PQcancel(request.get(), why, sizeof why);
}

void connection::open() {
  close();
  const auto until = clock::now() + options_.connect_timeout;
  const auto arguments = startup_options(options_);
  // The first occurrence of dbname may be a URL; what follows overrides it.
  const char* keywords[] = {
      "dbname", "application_name", "options", "client_encoding", "tcp_user_timeout", nullptr};
  const char* values[] = {
      options_.url.c_str(), options_.application_name.c_str(), arguments.c_str(), "UTF8", "3000", nullptr};
  session_ = PQconnectStartParams(keywords, values, 1);
  if (!session_) throw error::lost("out of memory while connecting");
  for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK; step = PQconnectPoll(session_)) {
    if (step == PGRES_POLLING_FAILED || PQstatus(session_) == CONNECTION_BAD)
      lose(std::string("cannot connect: ") + PQerrorMessage(session_));
    wait(step == PGRES_POLLING_READING ? POLLIN : POLLOUT, until);
  }
  PQsetnonblocking(session_, 1);
  PQsetNoticeProcessor(
      session_, [](void*, const char*) {}, nullptr
  );
}

void connection::wait(short events, clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (left <= 0) lose("no answer from the database in time");
    if (options_.give_up && *options_.give_up) {
      cancel();
      lose("given up");
    }
    pollfd socket{PQsocket(session_), events, 0};
    const int ready =
        poll(&socket, 1, static_cast<int>(std::min(left, options_.give_up ? longest_look : longest_poll)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) lose("poll failed");
  }
}

void connection::flush(clock::time_point until) {
  while (const int pending = PQflush(session_)) {
    if (pending < 0) lose(PQerrorMessage(session_));
    wait(POLLIN | POLLOUT, until);
    if (!PQconsumeInput(session_)) lose(PQerrorMessage(session_));
  }
}

pg_result* connection::next_result(clock::time_point until) {
  while (PQisBusy(session_)) {
    wait(POLLIN, until);
    if (!PQconsumeInput(session_)) lose(PQerrorMessage(session_));
  }
  return PQgetResult(session_);
}

/// The primary message alone: what else the server says repeats contents of rows, which no log may have.
error connection::error_of(pg_result* result) const {
  auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = PQresultErrorMessage(result); // libpq's own
  return error(
      std::move(message),
      field(result, PG_DIAG_SQLSTATE),
      field(result, PG_DIAG_CONSTRAINT_NAME),
      field(result, PG_DIAG_MESSAGE_DETAIL)
  );
}

rows connection::single_result(clock::time_point until) {
  owned_result kept;
  while (auto* result = next_result(until)) {
    if (!kept || !failed(kept.get()))
      kept.reset(result);
    else
      PQclear(result);
  }
  if (!kept) lose("the database closed the connection");
  if (failed(kept.get())) {
    auto why = error_of(kept.get());
    if (!why.rolled_back() || PQstatus(session_) == CONNECTION_BAD) close();
    throw why;
  }
  return rows(kept.release());
}

void connection::prepare(const char* sql, const parameters& values, clock::time_point until) {
  if (prepared_.contains(sql)) return;
  const auto types = values.types();
  if (!PQsendPrepare(session_, name_of(sql).c_str(), sql, static_cast<int>(types.size()), types.data()))
    lose(PQerrorMessage(session_));
  flush(until);
  single_result(until);
  prepared_.insert(sql);
}

namespace {

int send_prepared(PGconn* session, const char* sql, const parameters& values) {
  const auto pointers = values.pointers();
  const auto lengths = values.lengths();
  const std::vector<int> formats(values.size(), 1);
  return PQsendQueryPrepared(
      session,
      name_of(sql).c_str(),
      static_cast<int>(values.size()),
      pointers.data(),
      lengths.data(),
      formats.data(),
      1
  );
}

} // namespace

rows connection::execute(const char* sql, const parameters& values, std::chrono::milliseconds limit) {
  if (!session_) throw error::lost("not connected");
  const auto until = clock::now() + limit;
  prepare(sql, values, until);
  if (!send_prepared(session_, sql, values)) lose(PQerrorMessage(session_));
  flush(until);
  return single_result(until);
}

void connection::run_script(const std::string& sql, std::chrono::milliseconds limit) {
  if (!session_) throw error::lost("not connected");
  const auto until = clock::now() + limit;
  if (!PQsendQuery(session_, sql.c_str())) lose(PQerrorMessage(session_));
  flush(until);
  single_result(until);
}

std::vector<rows>
connection::run_segment(const std::vector<statement>& statements, std::chrono::milliseconds limit) {
  if (!session_) throw error::lost("not connected");
  const auto until = clock::now() + limit;
  for (const auto& [sql, values] : statements)
    prepare(sql, values, until);
  if (!PQenterPipelineMode(session_)) lose(PQerrorMessage(session_));
  for (const auto& [sql, values] : statements)
    if (!send_prepared(session_, sql, values)) lose(PQerrorMessage(session_));
  if (!PQpipelineSync(session_)) lose(PQerrorMessage(session_));
  flush(until);

  // Results come statement by statement, each followed by a null; after a failure the rest is "aborted".
  std::vector<rows> results;
  std::unique_ptr<error> why;
  int nulls_in_a_row = 0;
  for (;;) {
    owned_result result(next_result(until));
    if (!result) {
      if (PQstatus(session_) == CONNECTION_BAD || ++nulls_in_a_row > 2)
        lose("the database closed the connection");
      continue;
    }
    nulls_in_a_row = 0;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (failed(result.get()) && !why) why = std::make_unique<error>(error_of(result.get()));
    if (why && !why->rolled_back()) {
      close();
      throw *why;
    }
    if (!why) results.emplace_back(result.release());
  }
  PQexitPipelineMode(session_);
  if (why) throw *why;
  return results;
}

transaction::transaction(connection& session, const tenant_id& tenant, std::chrono::milliseconds limit)
    : session_(session), limit_(limit) {
  session_.execute("BEGIN", limit_);
  try {
    session_.execute(
        "SELECT set_config('app.tenant_id', $1, true)", parameters().add(to_string(tenant)), limit_
    );
  } catch (const error&) {
    session_.close(); // nobody would roll back: the destructor does not run
    throw;
  }
}

transaction::~transaction() {
  if (done_ || !session_.is_open()) return;
  try {
    session_.execute("ROLLBACK", limit_);
  } catch (const error&) {
    session_.close();
  }
}

void transaction::limit_statements(std::chrono::milliseconds limit) {
  const auto at_least = std::max(limit, std::chrono::milliseconds{1}); // 0 would be none
  execute(
      "SELECT set_config('statement_timeout', $1, true)", parameters().add(std::to_string(at_least.count()))
  );
}

void transaction::commit() {
  done_ = true;
  session_.execute("COMMIT", limit_);
}

} // namespace tessera::pg
