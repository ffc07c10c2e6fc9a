#pragma once

#include "messages/accounts.hpp"
#include "messages/allocations.hpp"
#include "messages/balances.hpp"
#include "messages/directory.hpp"
#include "messages/idempotency.hpp"
#include "messages/purchases.hpp"
#include "messages/transactions.hpp"
#include "messages/usage.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace tessera {

class clock;

/// What the database answers; called on one of its threads.
template <class Answer> using answer_of = std::function<void(result<Answer>)>;

struct database_options {
  std::string url; // a login that may become tessera_api
  unsigned workers = 2;
  std::size_t max_queued = 1'000;
  std::chrono::milliseconds report_limit{15'000}; // a report reads every entry concerned
};

/// Everything that is not a balance: one tenant's rows, one transaction per request, behind row-level
/// security. A few threads with a session each and a bounded queue for what is written; as many for reads
/// that may take long (lists, the past, rollups: decision 0030); reports have a thread, a queue and a longer
/// time limit of their own (decision 0023). Failures: overloaded and database_unavailable (nothing happened),
/// internal (a bug; nothing happened), outcome_unknown (the connection was lost while committing).
class database {
public:
  database(database_options options, node_incarnation writer, const clock& time);
  ~database();

  // Changes without a money effect: what they make and what the caller is told commit together.
  void run(repeatable<create_entity, entity_created> call, answer_of<kept_answer> answer);
  void run(repeatable<create_application, application_created> call, answer_of<kept_answer> answer);
  void run(repeatable<create_package, credit_package> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_package, credit_package> call, answer_of<kept_answer> answer);

  void run(list_packages query, answer_of<package_list> answer);
  void run(package_query query, answer_of<credit_package> answer);
  void run(purchase_credits command, answer_of<purchase_accepted> answer);
  void run(purchase_query query, answer_of<purchase_receipt> answer);
  void run(allocation_query query, answer_of<allocation> answer);
  void run(list_allocations query, answer_of<allocation_page> answer);
  void run(list_purchases query, answer_of<purchase_page> answer);
  void run(find_purchase query, answer_of<purchase_view> answer);
  void run(list_transactions query, answer_of<transaction_page> answer);
  void run(rollup_query query, answer_of<balance_rollup> answer);
  void run(past_balance_query query, answer_of<balance_view> answer);
  void run(usage_query query, answer_of<usage_report> answer);

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera
