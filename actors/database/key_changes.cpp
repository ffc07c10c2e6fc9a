// API keys.
#include "actors/database/directory_changes.hpp"
#include "persistence/stores/application_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/key_store.hpp"

namespace tessera {

namespace {

std::string subject_of_key(const std::string& key) {
  return "api-key/" + key;
}

result<api_key_view> edited(api_key_view key, const edit_api_key& command) {
  if (command.name) key.name = *command.name;
  if (command.scopes) key.scopes = *command.scopes;
  if (command.expires_at) key.expires_at = *command.expires_at;
  if (command.judge)
    if (auto why = command.judge(key); why.code != errc::ok) return why;
  ++key.version;
  return key;
}

} // namespace

result<api_key_created> carry_out(
    pg::transaction& in, const create_api_key& command, const api_key_created& made, const digest& sha256
) {
  persistence::lock_directory(in, command.tenant);
  if (command.bound_to && !persistence::hold_entity(in, command.tenant, *command.bound_to))
    return errc::entity_unknown;
  if (!command.application.empty() &&
      !persistence::find_application(in, {command.tenant, command.application}))
    return errc::application_unknown;
  const persistence::new_api_key row{
      made.id,
      command.name,
      sha256,
      command.scopes,
      command.bound_to,
      command.application,
      command.expires_at};
  const auto code = persistence::create_api_key(in, command.tenant, row);
  if (code != errc::ok) return code;
  persistence::note_change(in, command.tenant, command.origin, "create", subject_of_key(made.id));
  return made;
}

result<api_key_view> carry_out(pg::transaction& in, const edit_api_key& command) {
  persistence::lock_directory(in, command.tenant);
  const auto key = persistence::find_api_key(in, {command.tenant, command.part, command.id});
  if (!key) return errc::api_key_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, key->version); stale != errc::ok)
    return stale;
  auto after = edited(*key, command);
  if (!after) return after;
  persistence::update_api_key(in, command.tenant, *after);
  persistence::note_change(in, command.tenant, command.origin, "edit", subject_of_key(command.id));
  return after;
}

result<api_key_revoked> carry_out(pg::transaction& in, const revoke_api_key& command) {
  persistence::lock_directory(in, command.tenant);
  const auto key = persistence::find_api_key(in, {command.tenant, command.part, command.id});
  if (!key) return errc::api_key_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, key->version); stale != errc::ok)
    return stale;
  persistence::revoke_api_key(in, command.tenant, command.id);
  persistence::note_change(in, command.tenant, command.origin, "revoke", subject_of_key(command.id));
  return api_key_revoked{command.id};
}

} // namespace tessera
