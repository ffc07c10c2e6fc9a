#include "tools/tessera/metrics.hpp"

#include <fstream>
#include <string_view>
#include <unistd.h>

namespace tessera::cli {

namespace {

class metrics_writer {
public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    write(name, help, "counter", value);
  }
  void gauge(std::string_view name, std::string_view help, std::int64_t value) {
    write(name, help, "gauge", value);
  }
  void labelled(std::string_view name, std::string_view label, std::string_view is, std::uint64_t value) {
    (text_ += "tessera_").append(name).append("{").append(label).append("=\"").append(is).append("\"} ");
    text_ += std::to_string(value) + '\n';
  }
  void head(std::string_view name, std::string_view help, std::string_view type) {
    text_.append("# HELP tessera_").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE tessera_").append(name).append(" ").append(type).append("\n");
  }
  std::string take() { return std::move(text_); }

private:
  template <class Number>
  void write(std::string_view name, std::string_view help, std::string_view type, Number value) {
    head(name, help, type);
    (text_ += "tessera_").append(name) += ' ' + std::to_string(value) + '\n';
  }
  std::string text_;
};

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

} // namespace

std::string metrics_text(const metric_sources& from) {
  metrics_writer out;
  out.gauge("ready", "1 when the node may serve", from.ready);
  out.gauge("resident_bytes", "Memory of the process", resident_bytes());

  out.gauge("http_connections", "Open connections", from.server.connections_open);
  out.counter("http_connections_accepted_total", "Accepted connections", from.server.connections_accepted);
  out.counter(
      "http_connections_refused_total", "Connections above the limit", from.server.connections_refused
  );
  out.head("http_responses_total", "Answers by class of status", "counter");
  for (int i = 1; i < 6; ++i)
    out.labelled("http_responses_total", "class", std::to_string(i) + "xx", from.server.requests_by_class[i]);
  out.counter(
      "http_requests_shed_total", "Refused with 503 before a route saw them", from.server.requests_shed
  );
  out.counter("http_framing_refused_total", "Refused by the framing gate", from.server.framing_refused);
  out.gauge("http_loop_lag_microseconds", "How far the slowest io thread is behind", from.server.loop_lag_us);

  out.counter("journal_rounds_total", "Rounds sent to the database", from.lanes.rounds);
  out.counter("journal_entries_total", "Entries made durable", from.lanes.entries);
  out.counter("journal_round_microseconds_total", "Time spent in rounds", from.lanes.round_time_us);
  out.counter(
      "journal_rounds_refused_total",
      "Rounds that the database refused for an unforeseen reason",
      from.lanes.rounds_refused
  );
  out.counter("journal_rounds_unknown_total", "Rounds whose answer was lost", from.lanes.rounds_unknown);
  out.counter(
      "journal_accounts_outrun_total", "Accounts that another writer had moved", from.lanes.accounts_outrun
  );
  out.counter("journal_duplicates_total", "Keys found in the ledger by an append", from.lanes.duplicates);
  out.counter("journal_look_ups_total", "Keys looked up before a refusal", from.lanes.look_ups);
  out.gauge("journal_depth", "Items that wait in the lanes", static_cast<std::int64_t>(from.journal_depth));

  out.gauge("accounts_live", "Account actors in memory", static_cast<std::int64_t>(from.accounts_live));
  out.counter("accounts_activations_total", "Accounts woken up", from.accounts.activations);
  out.counter("accounts_passivations_total", "Accounts gone to rest", from.accounts.passivations);
  out.counter(
      "accounts_retirements_total",
      "Accounts that gave up after an unknown outcome",
      from.accounts.retirements
  );
  out.counter("spends_decided_total", "Spends let through by the rules", from.accounts.spends);
  out.counter("spends_refused_total", "Spends refused by the rules", from.accounts.refusals);
  out.counter("spends_replayed_total", "Answers to repeated keys", from.accounts.replays);
  out.counter(
      "commands_decided_again_total",
      "Commands decided again after a refused round",
      from.accounts.decided_again
  );
  out.gauge(
      "idempotency_keys_remembered",
      "Keys in the node's memory",
      static_cast<std::int64_t>(from.keys_remembered)
  );
  out.gauge(
      "tenants_loaded", "Tenants in the node's directory", static_cast<std::int64_t>(from.tenants_loaded)
  );
  out.counter("issuer_key_fetches_total", "Fetches of other issuers' keys", from.issuer_keys.fetches);
  out.counter(
      "issuer_key_fetches_failed_total", "Those that brought no usable keys", from.issuer_keys.failures
  );
  return out.take();
}

} // namespace tessera::cli
