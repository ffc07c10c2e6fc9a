#include "tests/faults/campaign/two_owners.hpp"

#include "tests/faults/campaign/crash_campaign.hpp"
#include "tests/faults/history/ledger_rows.hpp"

#include <csignal>
#include <sstream>

namespace tessera::test {

namespace {

constexpr workload_options client_options{
    .workers = 12,
    .hot = 6,
    .poor = 2,
    .purchases_percent = 2,
    .reads_percent = 10,
    .replays_percent = 10,
    .request_timeout = milliseconds{6'000},
};

variables for_two(variables more) {
  more["TESSERA_CLUSTER_LEASES"] = "ignore";
  return more;
}

/// A login of its own tells the sessions of the second node from those of the first.
std::string
with_login(const postgres_cluster& cluster, const std::string& database, const std::string& login) {
  cluster.query(
      "postgres",
      "DO $$ BEGIN CREATE ROLE " + login +
          " LOGIN NOINHERIT NOBYPASSRLS; "
          "GRANT tessera_api, tessera_writer TO " +
          login + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
  );
  return cluster.url(database, login);
}

} // namespace

two_owners::two_owners(postgres_cluster& cluster, std::uint64_t seed)
    : cluster_(cluster), random_(seed), first_(cluster, {}, first_environment()),
      second_(cluster, first_.database(), second_environment(cluster, first_.database())),
      bank_((first_.start(), second_.start(), open_bank(first_, 12))), notes_(bank_.accounts),
      clients_(bank_, {&first_, &second_}, notes_, seed, client_options) {
  wait_until_known(second_, bank_);
}

variables two_owners::first_environment() {
  return for_two({{"TESSERA_CLUSTER_NODE_NAME", "fault-a"}});
}

variables two_owners::second_environment(const postgres_cluster& cluster, const std::string& database) {
  return for_two(
      {{"TESSERA_CLUSTER_NODE_NAME", "fault-b"},
       {"TESSERA_DATABASE_URL", with_login(cluster, database, second_login)}}
  );
}

void two_owners::pause_one() {
  auto& victim = some_node();
  if (!victim.alive()) return;
  victim.pause();
  let_pass(milliseconds{between(random_, 100, 1'500)});
  victim.resume();
}

std::vector<pid_t> two_owners::lane_backends(const node& of) const {
  std::istringstream pids(cluster_.query(
      "postgres",
      "SELECT coalesce(string_agg(pid::text, ' '), '') FROM pg_stat_activity WHERE datname = '" + database() +
          "' AND usename = '" + login_of(of) + "' AND application_name LIKE 'tessera-lane%'"
  ));
  std::vector<pid_t> found;
  for (pid_t pid = 0; pids >> pid;)
    found.push_back(pid);
  return found;
}

void two_owners::deliver_late_bytes() {
  auto& victim = some_node();
  const auto backends = lane_backends(victim);
  for (const auto pid : backends)
    ::kill(pid, SIGSTOP);
  let_pass(milliseconds{between(random_, 50, 300)}); // rounds pile up in its socket
  victim.kill();
  let_pass(milliseconds{between(random_, 100, 600)}); // the other one goes on
  for (const auto pid : backends)
    ::kill(pid, SIGCONT);
  victim.start();
}

bool two_owners::revive() {
  bool any = false;
  for (auto* each : {&first_, &second_})
    if (!each->alive()) any = each->start() || any;
  return any;
}

violations two_owners::check_now(checker_options options) {
  options.one_owner = false;
  if (options.all_resolved) wait_for_empty_inbox(cluster_, first_, bank_, milliseconds{20'000});
  return check(notes_.copy(), ledger_of(cluster_, database()), options);
}

void two_owners::keep(const std::string& directory, const violations& found) {
  keep_evidence(directory, notes_.copy(), cluster_, first_, found);
}

void disable_fence(const postgres_cluster& cluster, const std::string& database) {
  cluster.query(
      database,
      "CREATE OR REPLACE FUNCTION journal_outrun(accounts uuid[], seqs bigint[], hashes bytea[]) RETURNS "
      "uuid[] "
      "LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$ BEGIN RETURN NULL; END $$"
  );
  cluster.query(database, "ALTER TABLE credit_entries DROP CONSTRAINT credit_entries_pkey");
  cluster.query(database, "CREATE INDEX credit_entries_by_account ON credit_entries (account_id, seq)");
}

} // namespace tessera::test
