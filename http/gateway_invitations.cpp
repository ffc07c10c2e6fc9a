// Invitations: see gateway.hpp. What they leave in inboxes is brought in by a nudge; nobody waits for it.
#include "http/gateway_implementation.hpp"
#include "messages/invitation_errands.hpp"
#include "messages/invitations.hpp"

#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_answer>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_preview>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::invitation_figures>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::activity_page>)

namespace tessera::http {

namespace {

constexpr std::chrono::milliseconds patience_for_figures{15'500}; // as for a report

} // namespace

void gateway::change(invitation_call call, callback<invitation_answer> done) {
  const auto* errand = std::get_if<std::shared_ptr<const invitation_errand>>(&call.what);
  const auto unanswered = errand && reads_only(**errand) ? errc::database_unavailable : errc::outcome_unknown;
  implementation_->run<invitation_answer>(
      std::move(call), implementation_->limit(), unanswered, std::move(done)
  );
}
void gateway::find(preview_invitation query, callback<invitation_preview> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(invitation_query query, callback<invitation_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(invitation_figures_query query, callback<invitation_figures> done) {
  const auto until = time_limit::clock::now() + patience_for_figures;
  implementation_->run<invitation_figures>(
      std::move(query), until, errc::database_unavailable, std::move(done)
  );
}
void gateway::list(list_invitations query, callback<invitation_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_own_invitations query, callback<invitation_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_activities query, callback<activity_page> done) {
  implementation_->read(std::move(query), std::move(done));
}

} // namespace tessera::http
