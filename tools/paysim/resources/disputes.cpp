#include "tools/paysim/payments/disputes.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

constexpr std::int64_t verdict_after_ms = 1'000;

/// The provider's own words for tests: what the bank will say.
void decide_soon(sandbox& account, const document& dispute, std::string_view evidence) {
  if (evidence != "winning_evidence" && evidence != "losing_evidence") return;
  const bool wins = evidence == "winning_evidence";
  account.clock.after(verdict_after_ms, [&account, wins, id = std::string{text_of(dispute, "id")}] {
    auto* decided = account.documents.find("dispute", id);
    const bool is_open = decided && text_of(*decided, "status").ends_with("under_review");
    if (is_open) close_dispute(account, *decided, wins);
  });
}

json::value update(const call& of) {
  auto& dispute = of.account.get("dispute", of.ids.front(), "dispute", 404);
  auto changed = dispute;
  of.params.merge_metadata(changed);
  const bool submits = of.params.boolean("submit").value_or(true);
  std::string evidence;
  if (const auto given = of.params.object("evidence")) {
    evidence = given->text("uncategorized_text").value_or("");
    for (auto& [name, value] : changed["evidence"].get_object())
      if (!value.is_object())
        if (const auto text = given->text(name)) value = text_or_null(*text);
    given->done();
    changed["evidence_details"].get_object()["has_evidence"] = true;
  }
  of.params.done();
  const auto status = text_of(dispute, "status");
  if (!status.ends_with("needs_response") && !status.ends_with("under_review"))
    throw state_error("", "This dispute is already closed.");
  if (submits) {
    changed["evidence_details"].get_object()["submission_count"] = 1;
    changed["evidence_details"].get_object()["submission_method"] = "manual";
    changed["status"] = status.starts_with("warning_") ? "warning_under_review" : "under_review";
  }
  dispute = std::move(changed);
  of.account.emit("charge.dispute.updated", dispute);
  if (submits) decide_soon(of.account, dispute, evidence);
  return dispute;
}

/// The seller gives in.
json::value close(const call& of) {
  auto& dispute = of.account.get("dispute", of.ids.front(), "dispute", 404);
  of.params.done();
  close_dispute(of.account, dispute, false);
  return dispute;
}

json::value list(const call& of) {
  const auto charge = of.params.text("charge");
  const auto intent = of.params.text("payment_intent");
  return answer_list(of, "dispute", [&](const document& each) {
    return (!charge || text_of(each, "charge") == *charge) &&
           (!intent || text_of(each, "payment_intent") == *intent);
  });
}

} // namespace

endpoint_table dispute_endpoints() {
  return {
      {"GET", "/v1/disputes", list},
      {"GET", "/v1/disputes/:id", retrieving("dispute", "dispute")},
      {"POST", "/v1/disputes/:id", update},
      {"POST", "/v1/disputes/:id/close", close},
  };
}

} // namespace tessera::paysim
