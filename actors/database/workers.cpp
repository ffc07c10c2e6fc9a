#include "actors/database/workers.hpp"

#include <pthread.h>

namespace tessera {

namespace {

using namespace std::chrono_literals;

pg::session_options session_of(const workers_options& chosen, const std::atomic<bool>& stopping) {
  return {
      .url = chosen.url,
      .role = "tessera_api",
      .application_name = chosen.application_name,
      .settings =
          {"jit=off",
           "statement_timeout=" + std::to_string(chosen.limit.count()),
           "lock_timeout=1000",
           "idle_in_transaction_session_timeout=3000",
           "client_connection_check_interval=1000"}, // a statement ends soon after whoever wanted it
      .connect_timeout = 1'000ms,
      .give_up = chosen.only_reads ? &stopping : nullptr,
  };
}

} // namespace

workers::workers(workers_options options) : options_(std::move(options)) {
  for (unsigned i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this] { work(); });
}

workers::~workers() {
  stopping_ = true;
  jobs_.stop();
  for (auto& thread : threads_)
    thread.join();
}

void workers::work() {
  pthread_setname_np(pthread_self(), "database");
  pg::connection session(session_of(options_, stopping_));
  while (auto batch = jobs_.take(1, 1'000ms))
    for (auto& run : *batch)
      try {
        run(session);
      } catch (const std::exception& why) {
        spdlog::error("{}: an answer was not taken: {}", options_.application_name, why.what());
      }
}

} // namespace tessera
