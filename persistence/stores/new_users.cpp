#include "persistence/stores/new_users.hpp"

#include "persistence/stores/change_store.hpp"
#include "persistence/stores/user_store.hpp"

namespace tessera::persistence {

errc create_user_with_access(pg::transaction& in, const tenant_id& tenant, const user_with_access& made) {
  await_directory(in, tenant);
  const auto& user = made.user;
  if (const auto code = create_user(in, tenant, user); code != errc::ok) return code;
  for (const auto& one : made.memberships)
    in.execute(
        "INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) VALUES ($1, $2, $3, $4)",
        pg::parameters().add(tenant).add(user.id).add(one.entity).add(static_cast<std::int16_t>(one.role))
    );
  for (const auto& application : made.applications)
    try {
      in.execute(
          "INSERT INTO user_applications (tenant_id, user_id, application_id) VALUES ($1, $2, $3)",
          pg::parameters().add(tenant).add(user.id).add(application)
      );
    } catch (const pg::error& why) {
      if (why.constraint() == "user_applications_application_exists") return errc::application_unknown;
      throw;
    }
  return errc::ok;
}

std::string set_password(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& email_key,
    const std::string& password_hash
) {
  await_directory(in, tenant);
  const auto changed = in.execute(
      "UPDATE users SET password_hash = $3, tokens_from = clock_timestamp()"
      " WHERE tenant_id = $1 AND email_key = $2 RETURNING user_id",
      pg::parameters().add(tenant).add(email_key).add(password_hash)
  );
  if (changed.empty()) return {};
  auto user = changed.text(0, 0);
  in.execute(
      "UPDATE user_sessions SET ended_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
      pg::parameters().add(tenant).add(user)
  );
  return user;
}

} // namespace tessera::persistence
