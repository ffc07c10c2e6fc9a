#include "actors/notification/message_draft.hpp"

#include "actors/notification/links.hpp"
#include "persistence/stores/notification_store.hpp"

#include <stdexcept>

namespace tessera {

message_draft draft_of(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const drafting_options& with,
    std::chrono::milliseconds limit
) {
  const auto* kind = find_template_kind(one.template_key, channel);
  if (!kind) throw std::runtime_error("there is no template " + one.template_key);
  const auto paper = persistence::find_stationery(session, one, channel, locales_of(one.locale), limit);
  message_draft draft{kind->built_in, one.variables, paper.from_name, paper.look};
  if (!paper.text.empty()) draft.wording = {paper.subject, paper.html, paper.text};
  draft.values["organizationName"] = paper.organization;
  // Never to where the tenant's branding says: whoever words that would get the tokens of others.
  add_links(draft.values, one, channel, with.secret, with.base_url);
  return draft;
}

} // namespace tessera
