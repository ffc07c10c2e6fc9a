#include "tests/support/postgres_session.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace tessera::test {

postgres_session::postgres_session(const std::string& url) : open_(PQconnectdb(url.c_str())) {
  if (PQstatus(open_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(open_.get()));
}

postgres_session::~postgres_session() = default;

void postgres_session::closer::operator()(pg_conn* open) const {
  PQfinish(open);
}

void postgres_session::execute(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> got(PQexec(open_.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(got.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(std::string(PQerrorMessage(open_.get())) + "in: " + sql);
}

} // namespace tessera::test
