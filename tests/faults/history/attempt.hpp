#pragma once

#include "messages/types/ids.hpp"

#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the clients of a campaign did and were told. Times are microseconds of one monotonic clock.
namespace tessera::test {

enum class action : std::uint8_t { consume, purchase, read, reverse };

/// What the client knows about the effect of its request. A refusal promises that there was none.
enum class outcome : std::uint8_t { ok, refused, unknown };

/// Why there was no plain yes: the problem's code, or what became of the connection.
enum class answer_code : std::uint8_t {
  none,
  insufficient_credits,
  overloaded,
  database_unavailable,
  not_owner,
  outcome_unknown,
  connect, // nothing was sent
  lost,    // the connection broke before the answer
  timeout, // no answer in time
  other,
};

std::string_view to_string(action value);
std::string_view to_string(outcome value);
std::string_view to_string(answer_code value);
answer_code parse_answer_code(std::string_view text);

inline constexpr std::int64_t not_told = -1;

/// One request and its answer. All attempts of one `op` carry the same Idempotency-Key; each has an
/// X-Request-Id of its own, which the ledger keeps, so that an entry names the very attempt that made it.
struct attempt {
  std::uint64_t op = 0;
  std::uint32_t number = 0;    // of the op: 0 is the first
  std::uint32_t account = 0;   // index into history::accounts
  std::uint32_t reference = 0; // index into history::references: the purchase that was told
  std::uint16_t worker = 0;
  std::uint8_t node = 0;    // that was asked
  std::uint16_t status = 0; // 0: no answer
  action what = action::consume;
  outcome result = outcome::unknown;
  answer_code code = answer_code::none;
  bool replayed = false;
  bool retry_after = false;
  std::int64_t amount = 0;
  std::int64_t invoke_us = 0;
  std::int64_t complete_us = 0;
  std::int64_t seq = not_told;
  std::int64_t available = not_told;
  std::int64_t used = not_told;
  std::int64_t would_allow = not_told;

  bool ok() const { return result == outcome::ok; }
  bool unknown() const { return result == outcome::unknown; }
  /// True when the service decided no: then the key was not in the ledger.
  bool decided_no() const { return result == outcome::refused && status == 402; }
};

struct history {
  std::vector<account_id> accounts;
  std::vector<std::string> references{""};
  std::vector<attempt> attempts; // in the order of their completion per worker, otherwise in none
};

/// `op-12` and `op-12.3`.
std::string key_of(std::uint64_t op);
std::string request_of(std::uint64_t op, std::uint32_t number);

struct request_name {
  std::uint64_t op = 0;
  std::uint32_t number = 0;
};
std::optional<std::uint64_t> parse_key(std::string_view text);
std::optional<request_name> parse_request(std::string_view text);

/// Collects attempts from many threads.
class recorder {
public:
  explicit recorder(std::vector<account_id> accounts) { history_.accounts = std::move(accounts); }

  void add(attempt done, const std::string& reference = {});
  /// What happened so far.
  history copy() const;
  std::size_t size() const;

private:
  mutable std::mutex mutex_;
  history history_;
};

/// One line per attempt; `read_jsonl` gives the same history back (accounts in the order of their first use).
void write_jsonl(std::ostream& out, const history& done);
history read_jsonl(std::istream& in);

} // namespace tessera::test
