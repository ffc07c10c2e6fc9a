#pragma once

#include "messages/invitations.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Many invitations at once (contract 5 `bulk`; R-I 5): a job, whose rows are invited one by one as a single
/// call would, as fast as the limits allow.
namespace tessera {

/// The numbers are stored.
enum class job_mode : std::uint8_t {
  each = 1,           // each row for itself
  all_or_nothing = 2, // all in one transaction
};
enum class job_state : std::uint8_t {
  running = 1,
  paused = 2,
  completed = 3, // the last three are final
  cancelled = 4,
  failed = 5, // all or nothing, and a row was refused
};
std::string_view to_string(job_state state);

enum class job_row_state : std::uint8_t {
  waiting = 1,
  invited = 2,
  refused = 3,
  valid = 4,   // of a dry run: it would be invited
  skipped = 5, // nobody looked at it: the job was cancelled, or failed
};
std::string_view to_string(job_row_state state);
std::optional<job_row_state> parse_job_row_state(std::string_view text);

inline constexpr std::size_t most_job_rows = 10'000;
/// All in one transaction, which others wait for.
inline constexpr std::size_t most_rows_of_all_or_nothing = 200;

/// Why a row was refused: what a single call would have been answered.
struct job_refusal {
  int status = 0; // 0: it was not
  std::string code;
  std::string title;
  std::string detail;
  std::string errors; // JSON array
};

struct job_row {
  std::string email;        // as it was given
  create_invitation wanted; // where it is not refused; whose origin and functions are the job's
  job_refusal refused;
};

struct submit_invitations {
  std::string id; // made in the transaction
  job_mode mode = job_mode::each;
  bool dry_run = false;
  std::vector<job_row> rows; // as they were given, most_job_rows at most
  invitation_origin origin;
  std::optional<idempotency_key> key;
  std::function<kept_answer(const std::string& id)> word;
};

struct invitation_job {
  std::string id; // empty: there is none that the caller may see
  job_mode mode = job_mode::each;
  bool dry_run = false;
  job_state state = job_state::running;
  principal by;
  time_point created_at;
  std::optional<time_point> finished_at;
  std::optional<time_point> resumes_at; // the limits let it go on then
  std::int64_t rows[6] = {};            // how many, by the number of their state
};

/// Who asks: whoever made a job sees it, and those of the whole tenant see all.
struct job_viewer {
  principal by;
  bool sees_all = false;
};

enum class job_event : std::uint8_t { pause, resume, cancel };
struct steer_job {
  std::string id;
  job_event event = job_event::pause;
  job_viewer viewer;
  std::optional<idempotency_key> key;
  std::function<kept_answer(const invitation_job&)> word; // as it is then
};

/// Rows in their order.
struct invitation_job_page {
  struct row {
    std::int64_t number = 0; // from 1
    std::string email;
    job_row_state state = job_row_state::waiting;
    std::string invitation;
    job_refusal refused;
  };
  invitation_job job;
  std::vector<row> rows;
  bool more = false;
};
struct invitation_job_query {
  std::string id;
  job_viewer viewer;
  std::optional<job_row_state> only;
  int limit = 50;
  std::int64_t after = 0;
  std::function<kept_answer(const invitation_job_page&)> word;
};

/// The next row of a job, or all of them: whoever works on it asks again while there is an answer `told` with
/// a body.
struct work_on_job {
  std::string id;
  double limits_scale = 1;
  std::string base_url;
  std::function<job_refusal(const rejection&)> word_rejection;
  std::function<job_refusal(const invitation_refusal&)> word_refusal;
};

/// Answered by result<invitation_answer>: refused as unknown where there is none that the caller may see, as
/// not_pending where it is over.
struct invitation_job_call {
  tenant_id tenant;
  std::variant<submit_invitations, steer_job, invitation_job_query, work_on_job> what;
};

} // namespace tessera
