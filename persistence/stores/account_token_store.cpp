#include "persistence/stores/account_token_store.hpp"

#include "persistence/tenant_entry.hpp"

namespace tessera::persistence {

namespace {

tenant_id enter_tenant_of(pg::transaction& in, const digest& sha256) {
  const auto rows = in.execute("SELECT tenant_of_account_token($1)", pg::parameters().add(sha256));
  const tenant_id tenant{rows.empty() ? uuid{} : rows.optional_uuid(0, 0).value_or(uuid{})};
  enter(in, tenant);
  return tenant;
}

/// Nobody else uses a token of this user, or changes the user, meanwhile: what `look_at` finds afterwards
/// stays so.
void hold_user(pg::transaction& in, const tenant_id& tenant, const digest& sha256) {
  in.execute(
      "SELECT FROM users u JOIN account_tokens a USING (tenant_id, user_id)"
      " WHERE a.tenant_id = $1 AND a.token_sha256 = $2 FOR UPDATE OF u",
      pg::parameters().add(tenant).add(sha256)
  );
}

account_token_found
look_at(pg::transaction& in, const tenant_id& tenant, const digest& sha256, account_token_purpose purpose) {
  const auto rows = in.execute(
      "SELECT u.user_id, u.email, a.used_at IS NULL AND a.expires_at > clock_timestamp()"
      "  AND u.status = 'active' AND u.email_key = a.email_key"
      " FROM account_tokens a JOIN users u USING (tenant_id, user_id)"
      " WHERE a.tenant_id = $1 AND a.token_sha256 = $2 AND a.purpose = $3",
      pg::parameters().add(tenant).add(sha256).add(to_string(purpose))
  );
  if (rows.empty()) return {token_standing::unknown, {}};
  if (!rows.boolean(0, 2)) return {token_standing::expired, {}};
  return {token_standing::good, {tenant, rows.text(0, 0), rows.text(0, 1)}};
}

} // namespace

std::optional<address_holder>
holder_of_address(pg::transaction& in, const std::string& email_key, const std::string& tenant) {
  const auto named = tenant.empty() ? std::nullopt : std::optional(tenant);
  const auto tenants =
      in.execute("SELECT tenants_of_email($1, $2)", pg::parameters().add(email_key).add(named));
  if (tenants.size() != 1) return std::nullopt;
  const auto found = tenants.id<tenant_id>(0, 0);
  const auto users = in.execute(
      "SELECT user_id FROM users WHERE tenant_id = $1 AND email_key = $2 AND status = 'active'",
      pg::parameters().add(found).add(email_key)
  );
  if (users.empty()) return std::nullopt;
  return address_holder{found, users.text(0, 0)};
}

bool keep_token(pg::transaction& in, const new_account_token& token, int most_an_hour) {
  const auto made = in.execute(
      "INSERT INTO account_tokens (token_id, tenant_id, user_id, purpose, email_key, token_sha256, "
      "expires_at)"
      " SELECT $1, $2, u.user_id, $4, u.email_key, $5, clock_timestamp() + $6 * interval '1 second'"
      " FROM users u WHERE u.tenant_id = $2 AND u.user_id = $3 AND u.status = 'active'"
      // Who signs in elsewhere only is not given a second door, which those there know nothing of.
      "  AND ($4 <> 'password_reset' OR u.password_hash IS NOT NULL OR NOT EXISTS (SELECT FROM "
      "user_identities i"
      "   WHERE i.tenant_id = u.tenant_id AND i.user_id = u.user_id))"
      "  AND (SELECT count(*) FROM account_tokens a WHERE a.tenant_id = $2 AND a.user_id = $3 AND a.purpose "
      "= $4"
      "   AND a.created_at > clock_timestamp() - interval '1 hour') < $7",
      pg::parameters()
          .add(token.id)
          .add(token.tenant)
          .add(token.user)
          .add(to_string(token.purpose))
          .add(token.sha256)
          .add(std::int64_t{token.life.count()})
          .add(std::int64_t{most_an_hour})
  );
  return made.affected() == 1;
}

void tell_forgotten(pg::transaction& in, const std::string& email_key, const std::string& tenant) {
  in.execute("SELECT tell_password_forgotten($1, $2)", pg::parameters().add(email_key).add(tenant));
}

account_token_found find_token(pg::transaction& in, const account_token_query& query) {
  return look_at(in, enter_tenant_of(in, query.sha256), query.sha256, query.purpose);
}

password_was_reset reset_password(pg::transaction& in, const tessera::reset_password& command) {
  const auto& sha256 = command.sha256;
  const auto tenant = enter_tenant_of(in, sha256);
  hold_user(in, tenant, sha256);
  const auto found = look_at(in, tenant, sha256, account_token_purpose::password_reset);
  if (found.standing != token_standing::good) return {found.standing};
  const auto user = [&] { return pg::parameters().add(tenant).add(found.token.user); };
  // Whoever got the mail has the address.
  in.execute(
      "UPDATE users SET password_hash = $3, tokens_from = clock_timestamp(),"
      " email_verified_at = coalesce(email_verified_at, clock_timestamp())"
      " WHERE tenant_id = $1 AND user_id = $2",
      user().add(command.password_hash)
  );
  in.execute(
      "UPDATE account_tokens SET used_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND user_id = $2 AND purpose = 'password_reset' AND used_at IS NULL",
      user()
  );
  in.execute(
      "UPDATE user_sessions SET ended_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
      user()
  );
  return {token_standing::good};
}

email_verified verify_email(pg::transaction& in, const tessera::verify_email& command) {
  const auto& sha256 = command.sha256;
  const auto tenant = enter_tenant_of(in, sha256);
  hold_user(in, tenant, sha256);
  const auto found = look_at(in, tenant, sha256, account_token_purpose::verify_email);
  if (found.standing != token_standing::good) return {found.standing};
  in.execute(
      "UPDATE users SET email_verified_at = coalesce(email_verified_at, clock_timestamp())"
      " WHERE tenant_id = $1 AND user_id = $2",
      pg::parameters().add(tenant).add(found.token.user)
  );
  in.execute(
      "UPDATE account_tokens SET used_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND token_sha256 = $2",
      pg::parameters().add(tenant).add(sha256)
  );
  return {token_standing::good};
}

} // namespace tessera::persistence
