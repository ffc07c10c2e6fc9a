#include "http/routes/invitations/bulk_rows.hpp"

#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/invitations/bulk_csv.hpp"
#include "http/routes/invitations/invitation_body.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t most_bytes_of_row = 64 * 1024; // as of a call's body

/// One row, as the text of a body.
struct row_text {
  std::string body;
  std::string email; // as far as it is known
  std::optional<problem> refused;
};

problem too_few() {
  auto p = simple_problem(422, "required", "The request is understood and not valid", "There are no rows.");
  p.errors.push_back({"", "required", "There are no rows."});
  return p;
}

std::optional<problem> rows_of_array(std::string_view body, std::vector<row_text>& into) {
  json::reader reader(body);
  for (const auto item : reader.array({.most = most_job_rows, .code = "too_many_items"}))
    into.push_back({item.raw({.must_be_object = true, .most_bytes = most_bytes_of_row}), {}, {}});
  return reader.refusal();
}

/// As a list can show it: whole characters, none of them a control.
std::string shown(std::string_view email) {
  constexpr std::size_t most = 254;
  auto end = std::min(email.size(), most);
  while (end < email.size() && end > 0 && (static_cast<unsigned char>(email[end]) & 0xc0) == 0x80)
    --end;
  std::string text(email.substr(0, end));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?'
  );
  return text;
}

job_row judged(const caller& who, job_mode mode, row_text text) {
  job_row row;
  row.email = shown(text.email);
  const auto refuse = [&row](const problem& why) { row.refused = refusal_of(why); };
  if (text.refused) return refuse(*text.refused), row;
  invitation_body body;
  const auto wrong = read_invitation(text.body, body);
  if (row.email.empty()) row.email = shown(body.command.email);
  if (wrong && wrong->status == 400) return refuse(*wrong), row;
  if (const auto why = judge_invitation(who, body, wrong)) return refuse(*why), row;
  if (body.starter && mode == job_mode::all_or_nothing)
    return refuse(field_problem(
               "starter_credits_need_each", "/starterCredits", "All or nothing goes without starter credits."
           )),
           row;
  row.wanted = std::move(body.command);
  return row;
}

} // namespace

job_refusal refusal_of(const problem& why) {
  job_refusal refusal{
      static_cast<int>(why.status), std::string(why.code), std::string(why.title), why.detail, {}};
  json::writer out(refusal.errors);
  out.begin_array();
  for (const auto& error : why.errors) {
    out.begin_object().field("pointer", error.pointer).field("code", error.code);
    out.field("detail", error.detail).end_object();
  }
  out.end_array();
  return refusal;
}

std::optional<problem> read_rows(
    const caller& who,
    std::string_view body,
    bool is_csv,
    job_mode mode,
    fingerprint& print,
    std::vector<job_row>& into
) {
  std::vector<row_text> texts;
  if (is_csv) {
    std::vector<csv_body> bodies;
    if (auto wrong = read_csv_bodies(body, bodies)) return wrong;
    for (auto& each : bodies)
      texts.push_back({std::move(each.body), std::move(each.email), std::move(each.refused)});
  } else if (auto wrong = rows_of_array(body, texts)) {
    return wrong;
  }
  if (texts.empty()) return too_few();
  const auto most = mode == job_mode::each ? most_job_rows : most_rows_of_all_or_nothing;
  if (texts.size() > most)
    return field_problem("too_many_items", "", "At most " + std::to_string(most) + " rows.");
  for (auto& text : texts) {
    print.add(text.body).add(text.refused ? text.refused->code : "");
    into.push_back(judged(who, mode, std::move(text)));
  }
  return std::nullopt;
}

} // namespace tessera::http
