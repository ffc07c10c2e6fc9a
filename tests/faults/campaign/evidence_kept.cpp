#include "tests/faults/campaign/crash_campaign.hpp"
#include "tests/faults/history/ledger_rows.hpp"

#include <fstream>
#include <iostream>
#include <map>

namespace tessera::test {

namespace {

/// Nothing is left out: a line per entry, in the order of the ledger.
constexpr const char* entries_sql =
    "SELECT string_agg(concat_ws(' ', account_id, seq, txid, entry_type, units, available_after, used_after, "
    "caller_key, "
    "request_id, reference, booked_at, writer), E'\\n' ORDER BY account_id, seq, txid) FROM credit_entries";

constexpr const char* lots_sql =
    "SELECT string_agg(l::text, E'\\n' ORDER BY account_id, opened_seq) FROM credit_lots AS l";
constexpr const char* balances_sql =
    "SELECT string_agg(b::text, E'\\n' ORDER BY account_id) FROM credit_balances AS b";
constexpr const char* inbox_sql =
    "SELECT string_agg(i::text, E'\\n' ORDER BY account_id, inbox_id) FROM credit_inbox AS i";

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text << '\n';
}

} // namespace

bool wait_for_empty_inbox(const postgres_cluster& cluster, node& at, const bank& with, milliseconds timeout) {
  auto client = at.service().client(with.key);
  client.set_header("X-Application", "crm");
  return wait_until(timeout, [&] {
    if (waiting_in_inbox(cluster, at.database()) == 0) return true;
    for (const auto& entity : with.entities)
      client.get("/api/credits/balance/organization/" + entity);
    return false;
  });
}

void print_outcomes(std::ostream& out, const history& done) {
  std::map<std::string, std::size_t> counts;
  for (const auto& each : done.attempts) {
    const auto status = each.status == 0 ? std::string("no answer") : std::to_string(each.status);
    const auto code = std::string(to_string(each.code));
    const auto* replayed = each.replayed ? " replayed" : "";
    ++counts[std::string(to_string(each.what)) + " " + status + (code.empty() ? "" : " " + code) + replayed];
  }
  out << done.attempts.size() << " attempts\n";
  for (const auto& [what, count] : counts)
    out << "  " << count << "\t" << what << "\n";
}

void keep_evidence(
    const std::string& directory,
    const history& done,
    const postgres_cluster& cluster,
    const node& of,
    const violations& found
) {
  std::ofstream lines(directory + "/history.jsonl", std::ios::binary);
  write_jsonl(lines, done);
  write_file(directory + "/ledger.txt", cluster.query(of.database(), entries_sql));
  write_file(directory + "/lots.txt", cluster.query(of.database(), lots_sql));
  write_file(directory + "/balances.txt", cluster.query(of.database(), balances_sql));
  write_file(directory + "/inbox.txt", cluster.query(of.database(), inbox_sql));
  write_file(directory + "/service.log", of.log());
  write_file(directory + "/postgres.log", cluster.log());
  write_file(directory + "/violations.txt", found.report());
  std::cout << "kept in " << directory << std::endl;
}

} // namespace tessera::test
