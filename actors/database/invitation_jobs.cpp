// Jobs of many invitations: each row is what a single call brings into its transaction, and meets the same
// rules there (messages/invitation_jobs.hpp).
#include "messages/invitation_jobs.hpp"

#include "actors/database/invitation_parts.hpp"
#include "actors/domain/invitation_authority.hpp"
#include "persistence/stores/invitation_job_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

using std::chrono::seconds;

// A row whose account has not answered yet is looked at again then.
constexpr std::chrono::milliseconds short_pause{100};

bool is_theirs(const invitation_job& job, const job_viewer& viewer) {
  return viewer.sees_all || (job.by.kind == viewer.by.kind && job.by.id == viewer.by.id);
}

/// Of a row of the file: nobody may see more by it than by a single call.
create_invitation completed(create_invitation wanted, const work_on_job& work) {
  wanted.limits_scale = work.limits_scale;
  wanted.base_url = work.base_url;
  wanted.sees = [application = wanted.origin.by.by.application](const invitation_view& other) {
    return is_for_application(other.grants, application);
  };
  // The token is nobody's to see here: what is kept is the id.
  wanted.word = [](const invitation_made& made) { return kept_answer{201, made.id, {}, false}; };
  return wanted;
}

/// One visit of a job.
class working {
public:
  working(
      pg::transaction& in, const tenant_id& tenant, const work_on_job& work, const invitation_means& means
  )
      : in_(in), tenant_(tenant), work_(work), means_(means) {}

  result<invitation_answer> run() {
    auto job = persistence::claim_job(in_, tenant_, work_.id);
    if (!job || job->state != job_state::running) return invitation_answer();
    job_ = std::move(*job);
    job_.mode == job_mode::each ? invite_next() : invite_all();
    return std::move(answer_);
  }

private:
  enum class next { go_on, wait, fail };

  void invite_next() {
    const auto rows = persistence::waiting_rows(in_, tenant_, job_.id, 1);
    if (rows.empty()) return finish(job_state::completed);
    savepoint("SAVEPOINT invited");
    if (invite(rows.front()) != next::wait) pause(std::nullopt);
  }

  /// The first one that is refused undoes all.
  void invite_all() {
    auto rows = persistence::waiting_rows(in_, tenant_, job_.id, most_rows_of_all_or_nothing);
    // Their locks are kept to the end, so two jobs take them in one order.
    std::ranges::stable_sort(rows, {}, [](const persistence::waiting_row& row) {
      return std::pair(address_behind_aliases(row.wanted.email_key), canonical_address(row.wanted.email_key));
    });
    savepoint("SAVEPOINT invited");
    for (const auto& row : rows)
      switch (invite(row)) {
      case next::go_on: break;
      case next::wait: return;
      case next::fail: persistence::skip_job_rows(in_, tenant_, job_.id); return finish(job_state::failed);
      }
    finish(job_state::completed);
  }

  next invite(const persistence::waiting_row& row) {
    auto means = means_;
    means.new_invitation = of_row(means_.new_invitation, row.number);
    means.only_tries = job_.dry_run;
    const auto told = carry_out(in_, completed(row.wanted, work_), means);
    if (!told) return refuse(row, told.why());
    if (told->refused) return refuse(row, *told->refused);
    if (told->reservation && !job_.dry_run) return wait_for(row, *told->reservation);
    answer_.nudge.insert(answer_.nudge.end(), told->nudge.begin(), told->nudge.end());
    if (job_.dry_run && job_.mode == job_mode::each) undo();
    const auto state = job_.dry_run ? job_row_state::valid : job_row_state::invited;
    write(row, {state, job_.dry_run ? std::string() : told->told.body, {}});
    return next::go_on;
  }

  /// Several are made in one transaction, and each has an id of its own.
  std::string of_row(const std::string& id, std::int64_t number) const {
    return job_.mode == job_mode::each ? id : id + "-" + std::to_string(number);
  }

  next refuse(const persistence::waiting_row& row, const rejection& why) {
    undo();
    // The source has not looked yet, or nobody came in time and the credits went back.
    if (why.code == errc::overloaded && row.wanted.reservation) {
      if (!persistence::hold_reservation(in_, tenant_, *row.wanted.reservation))
        persistence::write_row_reservation(in_, tenant_, job_.id, row.number, std::nullopt);
      return pause(persistence::now_of(in_) + short_pause);
    }
    write(row, {job_row_state::refused, {}, work_.word_rejection(why)});
    return next::fail;
  }
  next refuse(const persistence::waiting_row& row, const invitation_refusal& why) {
    const bool is_the_inviters =
        why.flaw == invitation_flaw::too_many_of_inviter || why.flaw == invitation_flaw::too_many_of_tenant;
    if (is_the_inviters && job_.dry_run) { // it would only take longer
      undo();
      write(row, {job_row_state::valid, {}, {}});
      return next::go_on;
    }
    undo();
    if (is_the_inviters) return pause(persistence::now_of(in_) + seconds(why.retry_after_seconds));
    write(row, {job_row_state::refused, {}, work_.word_refusal(why)});
    return next::fail;
  }

  next wait_for(const persistence::waiting_row& row, const reservation_asked& asked) {
    answer_.nudge.push_back(asked.account);
    persistence::write_row_reservation(in_, tenant_, job_.id, row.number, asked.id);
    return pause(std::nullopt);
  }

  next pause(const std::optional<time_point>& until) {
    persistence::write_job_pause(in_, tenant_, job_.id, until);
    if (!until) answer_.told.body = "more"; // at once, if its turn comes
    return next::wait;
  }

  void finish(job_state state) {
    if (job_.dry_run && job_.mode == job_mode::all_or_nothing) keep_outcomes();
    persistence::write_job_state(in_, tenant_, job_.id, state);
    for (const auto& [number, outcome] : later_)
      persistence::write_row_outcome(in_, tenant_, job_.id, number, outcome);
  }

  /// What is written of a row of all or nothing would be undone with the next one that is refused.
  void write(const persistence::waiting_row& row, persistence::row_outcome outcome) {
    if (job_.mode == job_mode::each)
      return persistence::write_row_outcome(in_, tenant_, job_.id, row.number, outcome);
    if (outcome.state == job_row_state::refused) later_.clear(); // of those before nothing is left
    later_.emplace_back(row.number, std::move(outcome));
  }
  void keep_outcomes() {
    const bool failed = !later_.empty() && later_.back().second.state == job_row_state::refused;
    if (!failed) undo();
  }

  void undo() { savepoint("ROLLBACK TO SAVEPOINT invited"); }
  void savepoint(const char* how) { in_.execute(how); }

  pg::transaction& in_;
  const tenant_id& tenant_;
  const work_on_job& work_;
  const invitation_means& means_;
  invitation_job job_;
  invitation_answer answer_;
  std::vector<std::pair<std::int64_t, persistence::row_outcome>> later_;
};

result<invitation_answer>
submit(pg::transaction& in, const tenant_id& tenant, submit_invitations job, const invitation_means& means) {
  job.id = "job" + means.new_invitation.substr(means.new_invitation.find('-'));
  return once(in, tenant, job.key, [&]() -> result<invitation_answer> {
    persistence::insert_job(in, tenant, job);
    const bool is_refused =
        std::ranges::any_of(job.rows, [](const job_row& row) { return row.refused.status > 0; });
    if (is_refused && job.mode == job_mode::all_or_nothing) {
      persistence::skip_job_rows(in, tenant, job.id);
      persistence::write_job_state(in, tenant, job.id, job_state::failed);
    }
    return told(job.word(job.id));
  });
}

/// Nothing: it stays as it is.
std::optional<job_state> after(job_state before, job_event event) {
  if (event == job_event::pause) return job_state::paused;
  if (event == job_event::resume) return job_state::running;
  return before == job_state::cancelled ? std::nullopt : std::optional(job_state::cancelled);
}

result<invitation_answer> steer(pg::transaction& in, const tenant_id& tenant, const steer_job& command) {
  return once(in, tenant, command.key, [&]() -> result<invitation_answer> {
    auto job = persistence::hold_job(in, tenant, command.id);
    if (!job || !is_theirs(*job, command.viewer)) return refused(invitation_flaw::unknown);
    const bool is_over = job->state >= job_state::completed;
    const bool was_so = command.event == job_event::cancel && job->state == job_state::cancelled;
    if (is_over && !was_so) return refused(invitation_flaw::not_pending, "The job is over.");
    if (const auto state = after(job->state, command.event)) {
      if (*state == job_state::cancelled) persistence::skip_job_rows(in, tenant, command.id);
      persistence::write_job_state(in, tenant, command.id, *state);
    }
    job = persistence::find_job(in, tenant, command.id);
    persistence::count_job_rows(in, tenant, *job);
    return told(command.word(*job));
  });
}

result<invitation_answer>
show(pg::transaction& in, const tenant_id& tenant, const invitation_job_query& query) {
  auto job = persistence::find_job(in, tenant, query.id);
  if (!job || !is_theirs(*job, query.viewer)) return refused(invitation_flaw::unknown);
  return told(query.word(persistence::job_page(in, tenant, std::move(*job), query)));
}

} // namespace

result<invitation_answer> carry_out(
    pg::transaction& in, const std::shared_ptr<const invitation_job_call>& call, const invitation_means& means
) {
  persistence::enter_tenant(in, call->tenant);
  struct carrying_out {
    pg::transaction& in;
    const tenant_id& tenant;
    const invitation_means& means;
    auto operator()(const submit_invitations& job) const { return submit(in, tenant, job, means); }
    auto operator()(const steer_job& command) const { return steer(in, tenant, command); }
    auto operator()(const invitation_job_query& query) const { return show(in, tenant, query); }
    auto operator()(const work_on_job& work) const { return working(in, tenant, work, means).run(); }
  };
  return std::visit(carrying_out{in, call->tenant, means}, call->what);
}

} // namespace tessera
