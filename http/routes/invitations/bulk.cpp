// POST /api/invitations/bulk, GET /api/invitations/bulk/:jobId, POST …/pause|resume|cancel
#include "http/routes/invitations/bulk.hpp"

#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routes/invitations/bulk_rows.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/invitation_problem.hpp"

#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view submit_template = "POST /api/invitations/bulk";

void write_job(json::writer& out, const invitation_job& job) {
  const auto count = [&job](job_row_state state) { return job.rows[static_cast<std::size_t>(state)]; };
  std::int64_t total = 0;
  for (const auto rows : job.rows)
    total += rows;
  out.begin_object().field("success", true).field("jobId", job.id).field("status", to_string(job.state));
  out.field("mode", job.mode == job_mode::each ? "each" : "all_or_nothing").field("dryRun", job.dry_run);
  out.key("createdAt").time(to_microseconds(job.created_at)).key("finishedAt");
  job.finished_at ? out.time(to_microseconds(*job.finished_at)) : out.null();
  out.key("resumesAt");
  job.resumes_at ? out.time(to_microseconds(*job.resumes_at)) : out.null();
  out.field("total", total).field("done", total - count(job_row_state::waiting));
  out.key("counts").begin_object();
  for (const auto state :
       {job_row_state::waiting,
        job_row_state::invited,
        job_row_state::refused,
        job_row_state::valid,
        job_row_state::skipped})
    out.field(to_string(state), count(state));
  out.end_object();
}

kept_answer word_job(const invitation_job& job) {
  kept_answer told{200, {}, {}, false};
  json::writer out(told.body);
  write_job(out, job);
  out.end_object();
  return told;
}

void write_row(json::writer& out, const invitation_job_page::row& row) {
  out.begin_object().field("row", row.number).field("email", row.email);
  out.field("status", to_string(row.state)).key("invitationId");
  row.invitation.empty() ? out.null() : out.string(row.invitation);
  out.key("problem");
  const auto& why = row.refused;
  if (why.status == 0) {
    out.null().end_object();
    return;
  }
  out.begin_object().field("code", why.code).field("title", why.title);
  out.field("status", std::int64_t{why.status}).field("detail", why.detail);
  out.key("errors").raw(why.errors.empty() ? "[]" : why.errors).end_object().end_object();
}

response render(
    const invitation_job_page& page,
    const service& with,
    const cursor_purpose& purpose,
    const request& request
) {
  response answer;
  json::writer out(answer.body);
  write_job(out, page.job);
  out.key("rows").begin_array();
  for (const auto& row : page.rows)
    write_row(out, row);
  out.end_array();
  const auto last = page.more ? std::optional(std::to_string(page.rows.back().number)) : std::nullopt;
  close_page(out, answer, with, purpose, request, last);
  return answer;
}

kept_answer word_accepted(const std::string& id) {
  kept_answer told{202, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("jobId", id).end_object();
  return told;
}

job_viewer viewer_of(const caller& who) {
  return {who.as_principal(), who.rights.has_whole_tenant()};
}

void call(
    service& with,
    const caller& who,
    decltype(invitation_job_call::what) what,
    std::function<void(const result<invitation_answer>&)> done
) {
  auto asked =
      std::make_shared<const invitation_job_call>(invitation_job_call{who.tenant->tenant, std::move(what)});
  with.behind.change(invitation_call{std::move(asked)}, std::move(done));
}

caller_handler steer(service& with, job_event event, std::string_view route) {
  return [&with, event, route](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    steer_job command;
    command.id = request.parameters.front();
    if (!is_valid_id(command.id))
      return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
    command.event = event;
    command.viewer = viewer_of(who);
    fingerprint print;
    print.add(command.id);
    command.key = own_key(request, who, who.tenant->tenant, route, key, print);
    command.word = word_job;
    call(with, who, std::move(command), [&with, &request, respond](const result<invitation_answer>& told) {
      answer(with, told, request, respond);
    });
  };
}

} // namespace

job_refusal word_rejection(const rejection& why) {
  return refusal_of(problem_of(why));
}
job_refusal word_refusal(const invitation_refusal& why) {
  return refusal_of(problem_of(why));
}

caller_handler submit_invitations_in_bulk(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    query_reader query(request.query);
    submit_invitations job;
    job.dry_run = query.boolean("dryRun").value_or(false);
    if (const auto mode = query.choice("mode", {"each", "all_or_nothing"}))
      job.mode = static_cast<job_mode>(*mode + 1);
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    const bool is_csv = request.header("Content-Type").value_or("").starts_with("text/csv");
    fingerprint print;
    print.add(std::int64_t{job.dry_run}).add(static_cast<std::int64_t>(job.mode));
    if (const auto broken = read_rows(who, request.body, is_csv, job.mode, print, job.rows))
      return refuse(*broken);
    job.origin = invitation_origin_of(request, who, with);
    job.key = own_key(request, who, who.tenant->tenant, submit_template, key, print);
    job.word = word_accepted;
    call(with, who, std::move(job), [&with, &request, respond](const result<invitation_answer>& told) {
      answer(with, told, request, respond);
    });
  };
}

caller_handler invitation_job_progress(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto page = read_page(query);
    const auto only = query.choice("status", {"waiting", "invited", "refused", "valid", "skipped"});
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    invitation_job_query wanted;
    wanted.id = request.parameters.front();
    if (!is_valid_id(wanted.id))
      return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
    wanted.viewer = viewer_of(who);
    if (only) wanted.only = static_cast<job_row_state>(*only + 1);
    wanted.limit = page.limit;
    cursor_purpose purpose;
    purpose.add("GET /api/invitations/bulk/:jobId").add(to_string(who.tenant->tenant)).add(wanted.id);
    purpose.add(only ? std::to_string(*only) : "");
    std::optional<std::string> after;
    if (const auto forged = open_page(with, purpose, page, after)) return refuse(*forged);
    if (after) std::from_chars(after->data(), after->data() + after->size(), wanted.after);
    auto found = std::make_shared<invitation_job_page>();
    wanted.word = [found](const invitation_job_page& read) {
      *found = read;
      return kept_answer{200, {}, {}, false};
    };
    call(
        with,
        who,
        std::move(wanted),
        [&with, &request, respond, refuse, purpose, found](const result<invitation_answer>& told) {
          // Nothing was to happen: so nobody wonders whether it has.
          if (told.code() == errc::outcome_unknown) return refuse(problem_of(errc::database_unavailable));
          if (!told || told->refused) return answer(with, told, request, respond);
          respond(render(*found, with, purpose, request));
        }
    );
  };
}

caller_handler pause_invitation_job(service& with) {
  return steer(with, job_event::pause, "POST /api/invitations/bulk/:jobId/pause");
}
caller_handler resume_invitation_job(service& with) {
  return steer(with, job_event::resume, "POST /api/invitations/bulk/:jobId/resume");
}
caller_handler cancel_invitation_job(service& with) {
  return steer(with, job_event::cancel, "POST /api/invitations/bulk/:jobId/cancel");
}

} // namespace tessera::http
