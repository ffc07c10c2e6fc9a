// Takes the place of http/gateway_invitations.cpp, as silent_gateway.cpp does of http/gateway.cpp.
#include "messages/invitations.hpp"
#include "tests/fuzz/examined.hpp"
#include "tests/fuzz/route_world.hpp"

namespace tessera::http {

namespace {

template <class Command, class Answer> void hear(const Command& command, const callback<Answer>& done) {
  fuzz::examine(command);
  fuzz::behind().heard += fuzz::mark_of(command);
  done(fuzz::behind().answer);
}

} // namespace

void gateway::change(invitation_call call, callback<invitation_answer> done) {
  hear(call, done);
}
void gateway::find(preview_invitation query, callback<invitation_preview> done) {
  hear(query, done);
}
void gateway::find(invitation_query query, callback<invitation_view> done) {
  hear(query, done);
}
void gateway::find(invitation_figures_query query, callback<invitation_figures> done) {
  hear(query, done);
}
void gateway::list(list_invitations query, callback<invitation_page> done) {
  hear(query, done);
}
void gateway::list(list_own_invitations query, callback<invitation_page> done) {
  hear(query, done);
}
void gateway::list(list_activities query, callback<activity_page> done) {
  hear(query, done);
}

} // namespace tessera::http
